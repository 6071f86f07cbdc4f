//! Where the marks of an axis stand, and what they say.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime};

#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub value: f64,
    pub label: String,
}

/// The step of 1, 2 or 5 times a power of ten with which a stretch has so many steps, or hardly more.
fn step(stretch: f64, max: usize) -> f64 {
    let rough = stretch / max.max(1) as f64;
    let power = 10f64.powi(rough.log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|of| of * power);
    // A fifth of tolerance: the next larger step may be more than twice as long, and leave a single tick.
    steps.into_iter().find(|step| *step >= 0.8 * rough).unwrap_or(rough)
}

fn multiples(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (low / step - 1e-9).ceil();
    let count = ((high / step + 1e-9).floor() - first).max(-1.0) as i64;
    (0..=count).map(move |at| (first + at as f64) * step)
}

/// At even steps from `low` to `high`, at most so many steps.
pub fn even(low: f64, high: f64, max: usize) -> Vec<Tick> {
    if low >= high {
        return vec![labelled(low, 3)];
    }
    let step = step(high - low, max);
    let digits = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    multiples(low, high, step).map(|value| labelled(value, digits)).collect()
}

/// Few and more to each power of ten.
pub const SPARSE: &[u32] = &[1, 2, 5];
pub const DENSE: &[u32] = &[1, 2, 3, 4, 5, 7];

/// 0, and what these times a power of ten from 1 on are, as far as it lies between `low` and `high`.
pub fn by_magnitude(low: f64, high: f64, each: &[u32]) -> Vec<Tick> {
    let decades = (0..=6).map(|power| 10u32.pow(power));
    let steps = decades.flat_map(|decade| each.iter().map(move |of| f64::from(of * decade)));
    let all = [0.0].into_iter().chain(steps);
    all.filter(|value| (low..=high).contains(value)).map(|value| labelled(value, 0)).collect()
}

fn labelled(value: f64, digits: usize) -> Tick {
    // No "-0".
    Tick { value, label: format!("{:.digits$}", value + 0.0) }
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

const STEPS: [f64; 16] = [
    1.0,
    5.0,
    15.0,
    30.0,
    MINUTE,
    5.0 * MINUTE,
    15.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    3.0 * HOUR,
    6.0 * HOUR,
    12.0 * HOUR,
    DAY,
    2.0 * DAY,
    7.0 * DAY,
    14.0 * DAY,
];

/// Moments in UTC, as seconds since 1970, at round times of the day, days or months.
pub fn moments(low: f64, high: f64, max: usize) -> Vec<Tick> {
    let rough = (high - low) / max.max(1) as f64;
    let Some(step) = STEPS.into_iter().find(|step| *step >= rough) else {
        return months(low, high, rough);
    };
    let format: &[BorrowedFormatItem<'_>] = match step {
        ..MINUTE => format_description!("[hour]:[minute]:[second]"),
        ..DAY => format_description!("[hour]:[minute]"),
        _ => format_description!("[year]-[month]-[day]"),
    };
    let tick = |value| Tick { value, label: written(value, format) };
    multiples(low, high, step).map(tick).collect()
}

/// The first days of every month, or of every second, third, sixth, twelfth …
fn months(low: f64, high: f64, rough: f64) -> Vec<Tick> {
    let step = (rough / (28.0 * DAY)).ceil() as i32;
    let step = [1, 2, 3, 6].into_iter().find(|few| *few >= step).unwrap_or(12 * (step / 12 + 1));
    let begins = |month: i32| {
        let name = Month::try_from(month.rem_euclid(12) as u8 + 1).ok()?;
        let day = Date::from_calendar_date(month.div_euclid(12), name, 1).ok()?;
        Some(day.midnight().assume_utc().unix_timestamp() as f64)
    };
    let Ok(first) = OffsetDateTime::from_unix_timestamp(low as i64) else { return Vec::new() };
    let first = (first.year() * 12 + i32::from(u8::from(first.month())) - 1) / step * step;
    let all = (first..).step_by(step as usize).map_while(begins);
    let format = format_description!("[year]-[month]");
    all.skip_while(|value| *value < low)
        .take_while(|value| *value <= high)
        .map(|value| Tick { value, label: written(value, format) })
        .collect()
}

/// For a sentence or a table.
pub fn moment(seconds: f64) -> String {
    written(seconds, format_description!("[year]-[month]-[day] [hour]:[minute] UTC"))
}

/// The day alone.
pub fn day(seconds: f64) -> String {
    written(seconds, format_description!("[year]-[month]-[day]"))
}

fn written(seconds: f64, format: &[BorrowedFormatItem<'_>]) -> String {
    let at = OffsetDateTime::from_unix_timestamp(seconds as i64);
    at.ok().and_then(|at| at.format(format).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn even_ticks_are_round_and_say_as_many_digits_as_they_need() {
        assert_eq!(labels(&even(0.0, 1.0, 5)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(&even(0.81, 0.893, 4)), ["0.82", "0.84", "0.86", "0.88"]);
        assert_eq!(labels(&even(-0.3, 7.0, 4)), ["0", "2", "4", "6"]);
        assert_eq!(labels(&even(0.0, 10.0, 10)).len(), 11);
        assert_eq!(labels(&even(0.5, 0.5, 5)), ["0.500"]);
    }

    #[test]
    fn ticks_by_magnitude_begin_at_nothing() {
        let few = by_magnitude(0.0, 60.0, SPARSE);
        assert_eq!(labels(&few), ["0", "1", "2", "5", "10", "20", "50"]);
        assert_eq!(labels(&by_magnitude(3.0, 11.0, DENSE)), ["3", "4", "5", "7", "10"]);
        assert_eq!(labels(&by_magnitude(3.2, 3.9, DENSE)), [""; 0]);
    }

    #[test]
    fn moments_stand_at_full_hours_or_days() {
        let noon = 1_764_849_600.0; // 2025-12-04 12:00 UTC
        assert_eq!(labels(&moments(noon, noon + 2.0 * HOUR, 3)), ["12:00", "13:00", "14:00"]);
        let week = moments(noon, noon + 3.0 * DAY, 3);
        assert_eq!(labels(&week), ["2025-12-05", "2025-12-06", "2025-12-07"]);
        let months = moments(noon, noon + 150.0 * DAY, 5);
        assert_eq!(labels(&months), ["2026-01", "2026-03", "2026-05"]);
        let years = moments(noon, noon + 4000.0 * DAY, 4);
        assert_eq!(labels(&years), ["2028-01", "2032-01", "2036-01"]);
        assert_eq!(labels(&moments(noon, noon, 4)), ["12:00:00"]);
    }
}
