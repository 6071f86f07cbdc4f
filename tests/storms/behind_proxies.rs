//! Refused uploads through the proxies that people put in front, configured as docs/operating.md says.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use test_support::program::Process;
use test_support::program::http::Client;
use test_support::program::{Server, Site};

use super::curl::{Outcomes, assert_all, upload};

const TIMES: usize = 50;

/// The block of this language in the documentation.
fn snippet(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let page = fs::read_to_string(path).unwrap();
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("\n```").unwrap().0.to_owned()
}

/// Exchanges what is there exactly once.
#[track_caller]
fn exchanged(text: &str, what: &str, by: &str) -> String {
    assert_eq!(text.matches(what).count(), 1, "{what} in {text}");
    text.replace(what, by)
}

/// The documentation's block with addresses on this machine, and without certificates.
fn adapted(language: &str, address: &str, server: &Server) -> String {
    let host = server.url.strip_prefix("http://").unwrap();
    let text = exchanged(&snippet(language), "127.0.0.1:8080", host);
    let listens = format!("listen {address};");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("ssl_"));
    let text = lines.collect::<Vec<_>>().join("\n");
    match language {
        "nginx" => exchanged(&text, "listen 443 ssl;", &listens),
        "caddy" => exchanged(&text, "asoca.example.org", &format!("http://{address}")),
        _ => {
            exchanged(&text, "bind :443 ssl crt /etc/haproxy/asoca.pem", &format!("bind {address}"))
        }
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Where a program is, if it is on this machine.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} is not on this machine");
        println!("not run: {name} is not on this machine");
    }
    found
}

/// A site with a phase that is over and one whose quota of one is used up.
struct Scene {
    site: Site,
    server: Server,
    token: String,
    /// No zip, and of 3 MB.
    file: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let site = Site::new(None);
        site.set_up();
        for (slug, more) in [
            ("over", ["--opens", "2026-01-01T00:00:00Z", "--closes", "2026-01-02T00:00:00Z"]),
            ("small", ["--quota", "1", "--period", "240"]),
        ] {
            let [a, b, c, d] = &more;
            let (name, title) = (&slug, &slug);
            site.admin([
                &"create-phase",
                &"--truth",
                &"first",
                &"--approval",
                &"none",
                &"--slug",
                name,
                &"--title",
                title,
                a,
                b,
                c,
                d,
            ])
            .succeeded();
        }
        let server = site.serve_with(&[("ASOCA_TRUSTED_PROXY", "true")]);
        let token = site.participant(&server);
        let zip = fs::read(site.phantoms().join("predictions/fragmented.zip")).unwrap();
        let client = Client::new(&server.url, Some(&token));
        client.submit(&zip, "?phase=small", "first").json(202);
        let file = site.folder.path().join("results.zip");
        fs::write(&file, vec![7; 3 << 20]).unwrap();
        Self { site, server, token, file }
    }

    /// A folder for a proxy's own files.
    fn folder(&self) -> PathBuf {
        let folder = self.site.folder.path().join("proxy");
        fs::create_dir(&folder).unwrap();
        folder
    }

    /// `loses`: whether the proxy itself may lose the answer to an upload that is refused while it is sent.
    fn refuses_through(&self, mut proxy: Process, address: &str, loses: bool) {
        proxy.wait_for("a proxy", |_| TcpStream::connect(address).ok());
        let url = format!("http://{address}/api/v1/submissions");
        let (over, small) = (format!("{url}?phase=over"), format!("{url}?phase=small"));
        let now: &[&str] = &["-H", "Expect:"];
        for (token, url, options, expected) in [
            ("asoca_never_made", &url, now, "401 auth.bad_token"),
            ("asoca_never_made", &url, &[], "401 auth.bad_token"),
            (&self.token, &over, now, "409 phase.closed"),
            (&self.token, &url, &["-H", "Expect:", "-F", "phase=over"], "409 phase.closed"),
            (&self.token, &small, now, "429 quota.exhausted"),
            (&self.token, &url, &["-H", "Expect:", "-F", "phase=small"], "429 quota.exhausted"),
        ] {
            let outcomes = upload(TIMES, 4, &self.file, token, url, options);
            println!("{options:?} {outcomes:?}");
            let (lost, heard): (Outcomes, Outcomes) = outcomes
                .into_iter()
                .partition(|(outcome, _)| loses && outcome.contains("curl ended"));
            let lost: usize = lost.values().sum();
            assert!(lost <= TIMES / 5, "{lost} lost");
            assert_all(&heard, TIMES - lost, expected);
        }
        // And what is right gets through, though it waits.
        let client = Client::new(&url, Some(&self.token));
        let host = client.host.split_once('/').unwrap().0;
        let client = Client { host, token: Some(&self.token) };
        let zip = fs::read(self.site.phantoms().join("predictions/fragmented.zip")).unwrap();
        client.submit(&zip, "?phase=one&wait=60", "right").json(201);
        assert!(!proxy.stderr().contains("emerg"), "{}", proxy.stderr());
    }
}

fn nginx(buffering: &str) {
    let Some(program) = program("nginx") else { return };
    let scene = Scene::new();
    let (folder, address) = (scene.folder(), free_address());
    let server = adapted("nginx", &address, &scene.server);
    let buffering = format!("proxy_request_buffering {buffering};");
    let server = exchanged(&server, "proxy_request_buffering off;", &buffering);
    let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.display()))
        .concat();
    let all = format!(
        "daemon off; master_process off; pid {}/pid; error_log stderr;\n\
         events {{ }}\nhttp {{ access_log off;\n{paths}{server}\n}}\n",
        folder.display()
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, all).unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(&folder).arg("-c").arg(&file).args(["-e", "stderr"]);
    scene.refuses_through(Process::start(&mut command), &address, false);
}

#[test]
fn refusals_survive_proxies_such_as_nginx_that_hand_uploads_on() {
    nginx("off");
}

#[test]
fn refusals_survive_proxies_such_as_nginx_that_take_uploads_in_first() {
    nginx("on");
}

#[test]
fn refusals_survive_proxies_such_as_haproxy() {
    let Some(program) = program("haproxy") else { return };
    let scene = Scene::new();
    let (folder, address) = (scene.folder(), free_address());
    let file = folder.join("haproxy.cfg");
    fs::write(&file, adapted("haproxy", &address, &scene.server) + "\n").unwrap();
    let mut command = Command::new(program);
    command.arg("-db").arg("-f").arg(&file);
    scene.refuses_through(Process::start(&mut command), &address, false);
}

/// Caddy closes a connection half a second after an answer, whether or not its client is still sending.
#[test]
fn refusals_mostly_survive_proxies_such_as_caddy() {
    let Some(program) = program("caddy") else { return };
    let scene = Scene::new();
    let (folder, address) = (scene.folder(), free_address());
    let file = folder.join("Caddyfile");
    let site = adapted("caddy", &address, &scene.server);
    fs::write(&file, format!("{{\n    admin off\n}}\n{site}\n")).unwrap();
    let mut command = Command::new(program);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
    command.env("HOME", &folder).env("XDG_DATA_HOME", &folder).env("XDG_CONFIG_HOME", &folder);
    scene.refuses_through(Process::start(&mut command), &address, true);
}
