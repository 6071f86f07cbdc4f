//! What must hold of any bytes at all. The fuzz targets run these checks on what libFuzzer makes up,
//! `cargo test --test conformance` on the files that were kept.

mod archive;
mod array;
mod inflate;
mod metrics;
mod source;
mod volume;

pub use archive::archive;
pub use array::array;
pub use inflate::inflate;
pub use metrics::metrics;

use asoca::domain::Problem;
use segmentation::Format;

/// Checks the reader of NRRD.
pub fn nrrd(bytes: &[u8]) {
    volume::check(bytes, Format::Nrrd);
}

/// Checks the reader of NPZ.
pub fn npz(bytes: &[u8]) {
    volume::check(bytes, Format::Npz);
}

/// Most characters of what a problem says.
const MAX_LENGTH: usize = 2000;

/// A problem is words for a person: there, not endless, and without tricks.
fn assert_readable(problem: &Problem) {
    let file = problem.file.as_deref().unwrap_or("-");
    for text in [file, &problem.expected, &problem.found, &problem.hint] {
        assert!(!text.trim().is_empty(), "{problem:?}");
        assert!(text.chars().count() <= MAX_LENGTH, "{problem:?}");
        assert!(!text.contains(turns_or_controls), "{problem:?}");
    }
}

/// A control character, or one that turns the direction of writing.
fn turns_or_controls(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
