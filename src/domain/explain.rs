//! What the lower modules found wrong, in words for the person who has to fix it.

mod archive;
mod refusal;
mod volume;

pub use archive::archive;
pub(super) use archive::{
    ARCHIVE, FROM_ONE, IN_A_FOLDER, LEADING_ZEROS, NO_CASE, case_without_file,
};
pub(super) use volume::{CUT, NOTHING_ABOVE, ONLY_NAN, ONLY_ZERO, REVERSED};
pub use volume::{empty, no_placement, no_tree, volume};

/// Bytes as a person reads them.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut value = count as f64;
    let mut unit = None;
    for next in UNITS {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = Some(next);
    }
    match unit {
        None => format!("{count} bytes"),
        Some(unit) => format!("{value:.1} {unit}"),
    }
}

/// A value of a file as its author would write it: that of a 32-bit number without the digits
/// that only 64 bits show.
pub fn number(value: f64) -> String {
    let size = value.abs();
    let short = value as f32;
    match f64::from(short) == value {
        _ if size != 0.0 && !(1e-4..1e15).contains(&size) => format!("{value:e}"),
        true => short.to_string(),
        false => value.to_string(),
    }
}

/// A shape as it is written in a header.
fn shape([x, y, z]: [usize; 3]) -> String {
    format!("{x} x {y} x {z}")
}

#[cfg(test)]
mod tests;
