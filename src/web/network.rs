//! Which network a request comes from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use time::OffsetDateTime;

use super::App;
use crate::domain::Error;
use crate::store::{Bucket, Rate};

/// Where a request comes from, as far as it can be known.
#[derive(Clone, Debug)]
pub struct Network {
    /// An IPv4 address, or the /64 that one subscriber has of IPv6 addresses: of whoever is at the other end of the
    /// connection, or whom a trusted proxy names.
    pub text: String,
    origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// The network is the client's own.
    Sure,
    /// A proxy that is not trusted stands in between, and says this of who asks: good enough to count people apart, not
    /// to believe that somebody was there before.
    Said(String),
    /// Such a proxy, and it doesn't say.
    Hidden,
}

/// What proxies add that tell whom they ask for.
const FORWARDING: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

impl Network {
    /// What is counted together of this network; nothing where all who ask would be counted as one.
    pub fn bucket(&self, what: &str, rate: Rate) -> Option<Bucket> {
        match &self.origin {
            Origin::Sure => Some(Bucket::new(what, &["network", &self.text], rate)),
            Origin::Said(network) => Some(Bucket::new(what, &["said", network], rate)),
            Origin::Hidden => None,
        }
    }

    /// What tells it apart from other networks, for what is counted for one account.
    pub fn part(&self) -> [&str; 2] {
        match &self.origin {
            Origin::Sure => ["network", &self.text],
            Origin::Said(network) => ["said", network],
            Origin::Hidden => ["hidden", ""],
        }
    }

    pub fn is_hidden(&self) -> bool {
        self.origin == Origin::Hidden
    }

    #[cfg(test)]
    pub fn sure_of(text: &str) -> Self {
        Self { text: text.into(), origin: Origin::Sure }
    }

    /// The network, where it is the client's own for sure.
    pub fn sure(&self) -> Option<&str> {
        (self.origin == Origin::Sure).then_some(&self.text)
    }
}

/// An address as the network that it stands for.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Whether a proxy could be at such an address that belongs to the same site. One that comes from the internet and says that it
/// asks for others is counted as itself: who says so could be anybody.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let shared = matches!(v4.octets(), [100, 64..=127, ..]);
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

impl FromRequestParts<App> for Network {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let forwarded = forwarded_for(&parts.headers);
        if app.settings.trusted_proxy
            && let Some(address) = forwarded
        {
            return Ok(Self { text: network(address), origin: Origin::Sure });
        }
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.ok_or_else(|| Error::internal("the peer's address is not known"))?.0.ip();
        let proxied = FORWARDING.iter().any(|&name| parts.headers.contains_key(name));
        let origin = if app.settings.trusted_proxy && is_near(peer) {
            // The proxy doesn't say what it should.
            Origin::Hidden
        } else if app.settings.trusted_proxy || !proxied {
            Origin::Sure
        } else {
            app.untrusted_proxy.seen(peer);
            match forwarded {
                _ if !is_near(peer) => Origin::Sure,
                Some(address) => Origin::Said(network(address)),
                None => Origin::Hidden,
            }
        };
        Ok(Self { text: network(peer), origin })
    }
}

/// When requests last came through a proxy that is not trusted, for whom it is to tell.
#[derive(Debug, Default)]
pub struct UntrustedProxy(AtomicI64);

impl UntrustedProxy {
    const DAY: i64 = 24 * 3600;

    fn seen(&self, peer: IpAddr) {
        let before = self.0.swap(OffsetDateTime::now_utc().unix_timestamp(), Ordering::Relaxed);
        if before == 0 {
            tracing::warn!(
                "requests come through a proxy at {peer} that is not trusted, so nothing is known of the networks of \
                 people; if it is yours, start the server with --trusted-proxy (ASOCA_TRUSTED_PROXY=true)"
            );
        }
    }

    /// Whether it was within the last day.
    pub fn is_there(&self) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        last > OffsetDateTime::now_utc().unix_timestamp() - Self::DAY
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

    fn of(address: &str) -> String {
        network(address.parse().unwrap())
    }

    #[test]
    fn the_addresses_of_one_subscriber_are_one_network() {
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::9"), of("2001:db8:1:2:3::4"));
    }

    #[test]
    fn a_proxy_of_the_same_site_is_at_an_address_that_is_not_of_the_internet() {
        for near in ["127.0.0.1", "172.18.0.1", "10.1.2.3", "192.168.1.1", "::1", "fd00::1"] {
            assert!(is_near(near.parse().unwrap()), "{near}");
        }
        for far in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(!is_near(far.parse().unwrap()), "{far}");
        }
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
