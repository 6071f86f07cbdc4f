//! How much memory a process has.

/// A value of `/proc/PID/status` in KiB, such as `VmRSS` (now), `RssAnon` (of it, what was allocated) or `VmHWM` (the most ever).
pub fn kib(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}
