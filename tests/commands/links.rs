//! Links that let somebody in once: printed by the program, opened over HTTP.

use test_support::program::http::{Answer, Client};
use test_support::program::{Server, Site};

fn open(server: &Server, link: &str, form: &str) -> Answer {
    let path = link.strip_prefix(&server.url).unwrap_or_else(|| panic!("{link} is elsewhere"));
    let client = Client::new(&server.url, None);
    if form.is_empty() { client.get(path) } else { client.post_form(path, form) }
}

fn log_in(server: &Server, email: &str, password: &str) -> u16 {
    let form = format!("email={email}&password={password}");
    Client::new(&server.url, None).post_form("/login", &form).status
}

#[test]
fn a_reset_link_sets_a_password_once() {
    let site = Site::new(None);
    site.create_organiser().succeeded();
    let server = site.serve();
    let link =
        |email: &str| site.admin([&"reset-link", &"--email", &email, &"--public-url", &server.url]);
    link("eve@example.org").refused(2, &["eve@example.org", "has no account"]);

    let (first, second) = (link("ada@example.org"), link("Ada@Example.org"));
    let (first, second) = (first.succeeded(), second.succeeded());
    let [first, second] = [&first, &second].map(|printed| printed.trim_end());
    assert_eq!(open(&server, first, "").status, 410, "another one took its place");

    let page = open(&server, second, "");
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("ada@example.org"), "{page:?}");
    assert_eq!(open(&server, second, "password=short").status, 422);
    let form = "password=four+words+in+a+row";
    let done = open(&server, second, form);
    assert!(done.status == 303 && done.head.contains("location: /login\r\n"), "{done:?}");
    for again in ["", form] {
        assert_eq!(open(&server, second, again).status, 410);
    }
    assert_eq!(log_in(&server, "ada@example.org", "three+words+in+a+row"), 422);
    assert_eq!(log_in(&server, "ada@example.org", "four+words+in+a+row"), 303);
}

#[test]
fn a_server_without_an_organiser_prints_a_link_that_makes_the_first() {
    let site = Site::new(None);
    let link = |server: &mut Server| {
        server.process.wait_for("a link", |process| {
            let printed = process.stdout();
            let (_, rest) = printed.split_once("first organiser's account: ")?;
            rest.split_once('\n').map(|(link, _)| link.to_owned())
        })
    };
    let mut server = site.serve();
    let old = link(&mut server);
    assert!(!server.process.stderr().contains("/welcome/"), "the log tells the link");
    server.process.kill();

    let mut server = site.serve();
    let new = link(&mut server);
    let path = old.split_once("/welcome").unwrap().1;
    let old = format!("{}/welcome{path}", server.url);
    let form = "email=ada%40example.org&display_name=Ada&password=three+words+in+a+row";
    assert_eq!(open(&server, &old, form).status, 410, "a later start made another link");

    assert_eq!(open(&server, &new, "").status, 200);
    let done = open(&server, &new, form);
    assert!(done.status == 303 && done.head.contains("location: /admin\r\n"), "{done:?}");
    for again in ["", form] {
        assert_eq!(open(&server, &new, again).status, 410);
    }
    site.admin([&"create-token", &"--email", &"ada@example.org", &"--scope", &"organise"])
        .succeeded();
    assert_eq!(server.process.interrupt().code, Some(0));

    // Another start has nobody to ask.
    let server = site.serve();
    assert_eq!(log_in(&server, "ada@example.org", "three+words+in+a+row"), 303);
    let done = server.process.interrupt();
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done:?}");
}

#[test]
fn a_link_that_can_not_be_mailed_is_not_told_to_the_log() {
    let site = Site::new(None);
    site.create_organiser().succeeded();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut server = site.serve_with(&[
        ("ASOCA_SMTP", &format!("smtp://{nobody}")),
        ("ASOCA_MAIL_FROM", "asoca@example.org"),
    ]);
    let asked = Client::new(&server.url, None).post_form("/forgot", "email=ada%40example.org");
    assert_eq!(asked.status, 200, "{asked:?}");
    let log = server.process.wait_for("a word about the mail", |process| {
        Some(process.stderr()).filter(|log| log.contains("a mail was not sent"))
    });
    assert!(log.contains("can't be reached"), "{log}");
    assert!(!log.contains("/reset/") && !log.contains("ada@"), "{log}");
}
