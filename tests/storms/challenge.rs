//! A small challenge in which one team may send as much as it likes and everything is ranked.

use std::ffi::OsStr;
use std::fs;

use test_support::program::volumes::phantoms;
use test_support::program::{Process, run};
use test_support::program::{Server, Site};

pub struct Challenge {
    pub site: Site,
    /// What everybody uploads.
    pub zip: Vec<u8>,
}

impl Challenge {
    pub fn new(site: Site) -> Self {
        site.create_organiser().succeeded();
        phantoms(&site.phantoms(), "4", "11");
        let truth = site.phantoms().join("truth");
        site.admin([&"import-truth", &"--name", &"first", &truth]).succeeded();
        let mut phase = vec!["create-phase", "--slug", "storm", "--title", "Storm"];
        phase.extend([
            "--truth",
            "first",
            "--feedback",
            "per_case",
            "--counting",
            "all",
            "--total",
            "none",
        ]);
        phase.extend(["--quota", "10000", "--approval", "none"]);
        run(site.command([&"admin"]).args(phase)).succeeded();
        let zip = fs::read(site.phantoms().join("predictions/fragmented.zip")).unwrap();
        Self { site, zip }
    }

    /// Starts a worker of its own, with leases of so many seconds and these variables besides, and waits until it works.
    pub fn worker(&self, lease: &str, variables: &[(&str, &str)]) -> Process {
        let arguments: [&dyn AsRef<OsStr>; 5] = [&"worker", &"--threads", &"1", &"--lease", &lease];
        let mut command = self.site.command(arguments);
        command.envs(variables.iter().copied());
        let mut process = Process::start(&mut command);
        process.wait_for("work", |process| process.stderr().contains("waiting for").then_some(()));
        process
    }

    /// A token of a new team's only member.
    pub fn token(&self, server: &Server) -> String {
        self.site.participant(server)
    }
}
