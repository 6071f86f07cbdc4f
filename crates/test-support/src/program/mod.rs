//! The real program, run as a person or a script runs it.

/// Requests without a runtime.
pub mod http;
mod process;
mod site;
/// Volumes as files.
pub mod volumes;

pub use process::{Done, Process, asoca, pause, program, run};
pub use site::{PASSWORD, Server, Site};
