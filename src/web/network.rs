//! Which network a request comes from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::App;
use super::failure::Failure;

/// An IPv4 address, or the /64 that one subscriber has of IPv6 addresses, as text.
#[derive(Clone, Debug)]
pub struct Network(pub String);

impl Network {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.to_string()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
        }
    }
}

impl FromRequestParts<App> for Network {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        if app.settings.trusted_proxy
            && let Some(address) = forwarded_for(&parts.headers)
        {
            return Ok(Self::of(address));
        }
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.ok_or_else(|| Failure::internal("the peer's address is not known"))?;
        Ok(Self::of(peer.0.ip()))
    }
}

/// The last entry is the proxy's own; those before it are whatever the client sent.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    let with_port = || last.parse().map(|address: SocketAddr| address.ip());
    last.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> String {
        Network::of(address.parse().unwrap()).0
    }

    #[test]
    fn the_addresses_of_one_subscriber_are_one_network() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::9"), network("2001:db8:1:2:3::4"));
    }

    #[test]
    fn only_the_last_entry_is_the_proxys() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            forwarded_for(&headers).map(|address| address.to_string())
        };
        assert_eq!(of(&["192.0.2.1, 192.0.2.2"]).as_deref(), Some("192.0.2.2"));
        assert_eq!(of(&["192.0.2.3", "192.0.2.4"]).as_deref(), Some("192.0.2.4"));
        assert_eq!(of(&["[2001:db8::1]:443"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(of(&["192.0.2.1, unknown"]), None);
        assert_eq!(of(&[]), None);
    }
}
