//! The client that people use.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// How often each outcome came: the status, the code of the problem, and curl's own exit code where it is not 0.
pub type Outcomes = BTreeMap<String, usize>;

/// Uploads a file so many times, some of them at a time.
pub fn upload(
    times: usize,
    at_once: usize,
    file: &Path,
    token: &str,
    address: &str,
    options: &[&str],
) -> Outcomes {
    let outcomes = Arc::new(Mutex::new(Outcomes::new()));
    let begun = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while begun.fetch_add(1, Relaxed) < times {
                    let outcome = upload_once(file, token, address, options);
                    *outcomes.lock().unwrap().entry(outcome).or_default() += 1;
                }
            });
        }
    });
    Arc::into_inner(outcomes).unwrap().into_inner().unwrap()
}

fn upload_once(file: &Path, token: &str, address: &str, options: &[&str]) -> String {
    let done = Command::new("curl")
        .args(["-sS", "--max-time", "60", "-w", "\n%{http_code}"])
        .args(options)
        .arg("-H")
        .arg(format!("Authorization: Bearer {token}"))
        .arg("-F")
        .arg(format!("file=@{}", file.display()))
        .arg(address)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let answer = String::from_utf8_lossy(&done.stdout).into_owned();
    let (body, status) = answer.rsplit_once('\n').unwrap_or(("", answer.as_str()));
    let document: Value = serde_json::from_str(body).unwrap_or_default();
    let code = document["errors"][0]["code"].as_str().unwrap_or("no problem document");
    match done.status.code() {
        Some(0) => format!("{status} {code}"),
        exit => {
            let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
            format!("{status} {code} (curl ended with {exit:?}: {said})")
        }
    }
}

/// All of them ended as expected.
#[track_caller]
pub fn assert_all(outcomes: &Outcomes, times: usize, expected: &str) {
    assert_eq!(outcomes, &Outcomes::from([(expected.to_owned(), times)]));
}
