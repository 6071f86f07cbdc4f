//! Storms: real processes, killed, starved of disk and told the wrong time, while several people upload; and more
//! connections, refusals and uploads than there is room for. What was
//! accepted has to be there once, scored once, and right. The short forms are tests as any other; `.ci/long` runs the
//! long ones (`ASOCA_STORMS=long`), whose figures are in docs/reliability.md.

mod behind_proxies;
mod challenge;
mod clocks;
mod connections;
mod curl;
mod full_disk;
mod imports;
mod kills;
mod outcome;
mod refused_uploads;
mod resident;
mod sign_ups;
mod uploader;
mod uploads_at_once;

/// Whether the long forms are asked for.
fn long() -> bool {
    std::env::var("ASOCA_STORMS").is_ok_and(|value| value == "long")
}
