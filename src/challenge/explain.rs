//! What the lower rooms found wrong, in words for the person who has to mend it.

mod archive;
mod volume;

pub use archive::archive;
pub use volume::volume;

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

/// A shape as it is written in a header.
fn shape([x, y, z]: [usize; 3]) -> String {
    format!("{x} x {y} x {z}")
}

#[cfg(test)]
mod tests;
