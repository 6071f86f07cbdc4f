use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many as a site of this kind can make use of.
const ENOUGH: u64 = 16 * 1024;

/// How many files and connections the process may have open, after raising that as far as it is allowed to and of use.
pub fn descriptors() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(u64::MAX).min(ENOUGH);
    match current {
        Some(current) if current < wanted => {
            match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
                Ok(()) => wanted,
                Err(error) => {
                    tracing::warn!(%error, "the limit of open files stays at {current}");
                    current
                }
            }
        }
        current => current.unwrap_or(ENOUGH),
    }
}
