use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use test_support::program::{asoca, run};

/// A place nobody listens at.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("postgres://someone:hush@{}/asoca", listener.local_addr().unwrap())
}

#[test]
fn a_port_that_is_taken_is_named_before_anything_is_made() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for command in ["serve", "demo"] {
        let done = run(&mut asoca([&command, &"--listen", &address, &"--data", &data]));
        done.refused(4, &[&address, "another program uses it", "--listen"]);
        assert!(!data.exists());
    }
}

#[test]
fn a_folder_that_can_t_be_written_to_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for data in [file.join("below"), file, "/dev/null/x".into()] {
        for command in ["serve", "demo"] {
            let mut command = asoca([&command, &"--listen", &"127.0.0.1:0", &"--data", &data]);
            run(&mut command).refused(4, &["the folder", data.to_str().unwrap()]);
        }
        let mut admin = asoca([&"admin", &"create-token", &"--email", &"a@b.c", &"--data", &data]);
        run(&mut admin).refused(4, &["the folder", data.to_str().unwrap()]);
        let done = run(&mut asoca([&"phantom", &"--shape", &"64x64x48", &"--out", &data]));
        done.refused(4, &[data.to_str().unwrap()]);
    }
}

#[test]
fn a_database_nobody_answers_for_is_named_soon_and_without_its_password() {
    let (folder, url) = (tempfile::tempdir().unwrap(), nowhere());
    let started = Instant::now();
    let refused = |name: &str, arguments: &[&str]| {
        let mut command = asoca([&name]);
        command.args(arguments).args([Path::new("--data"), folder.path()]);
        let done = run(command.env("DATABASE_URL", &url));
        done.refused(4, &["the PostgreSQL of DATABASE_URL", "nobody answers"]);
        assert!(!done.stderr.contains("hush"), "{done:?}");
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    };
    let refused = &refused;
    std::thread::scope(|scope| {
        scope.spawn(|| refused("serve", &["--listen", "127.0.0.1:0"]));
        scope.spawn(|| refused("worker", &[]));
        scope.spawn(|| refused("admin", &["create-token", "--email", "a@b.c"]));
    });
}

#[test]
fn a_database_of_another_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for url in ["mysql://user:hush@host/name", "host=/run dbname=asoca", ""] {
        for command in ["serve", "worker"] {
            let mut command = asoca([&command, &"--data", &folder.path()]);
            if command.get_args().next().is_some_and(|name| name == "serve") {
                command.args(["--listen", "127.0.0.1:0"]);
            }
            let done = run(command.env("DATABASE_URL", url));
            done.refused(2, &["DATABASE_URL", "postgres://"]);
            assert!(!done.stderr.contains("hush"), "{done:?}");
        }
    }
}

#[test]
fn a_worker_of_its_own_needs_postgresql_and_so_does_a_server_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let done = run(&mut asoca([&"worker", &"--data", &folder.path()]));
    done.refused(2, &["needs PostgreSQL", "DATABASE_URL"]);
    let mut serve = asoca([&"serve", &"--no-worker", &"--data", &folder.path()]);
    run(&mut serve).refused(2, &["--no-worker", "needs PostgreSQL"]);
}

#[test]
fn a_public_address_without_its_scheme_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = asoca([&"serve", &"--listen", &"127.0.0.1:0", &"--data", &folder.path()]);
    run(serve.args(["--public-url", "asoca.example"])).refused(2, &["--public-url", "https://"]);
    for (url, words) in [
        ("https://example.org/asoca", "a host without a path"),
        ("https://example.org//x/", "a host without a path"),
        ("https://", "with a host"),
        ("https://example.org?x", "with a host"),
        ("https://user@example.org", "with a host"),
        ("ftp://example.org", "https://"),
    ] {
        let mut serve = asoca([&"serve", &"--public-url", &url]);
        run(&mut serve).refused(2, &["--public-url", words]);
    }
}

#[test]
fn a_second_server_on_the_same_sqlite_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let serve = || asoca([&"serve", &"--listen", &"127.0.0.1:0", &"--data", &folder.path()]);
    let mut first = test_support::program::Process::start(&mut serve());
    first.wait_for("a start", |first| first.stderr().contains("listening on").then_some(()));
    run(&mut serve()).refused(4, &["is in use", "stop that one first"]);
    assert_eq!(first.interrupt().code, Some(0));
    let mut next = test_support::program::Process::start(&mut serve());
    next.wait_for("a start", |next| next.stderr().contains("listening on").then_some(()));
}

#[test]
fn mail_that_is_half_configured_is_refused_and_no_password_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let server = "smtp://someone:hush@mail.example.org";
    for (options, words) in [
        (&["--smtp", "someone:hush@mail.example.org"][..], ["--smtp and --mail-from", "together"]),
        (&["--mail-from", "asoca@example.org"], ["--smtp and --mail-from", "together"]),
        (&["--smtp", "someone:hush@host", "--mail-from", "a@example.org"], ["--smtp:", "smtps://"]),
        (&["--smtp", server, "--mail-from", "asoca"], ["--mail-from:", "asoca@example.org"]),
    ] {
        let mut serve = asoca([&"serve", &"--listen", &"127.0.0.1:0", &"--data", &folder.path()]);
        let done = run(serve.args(options));
        done.refused(2, &words);
        assert!(!done.stderr.contains("hush"), "{done:?}");
    }
}
