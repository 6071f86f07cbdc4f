//! Changes of what somebody else may have changed meanwhile.

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::{Code, Error, Problem};

/// Refuses a change of an older revision: with both sides of each field in which the one that was wanted differs from what
/// is there now.
pub(super) fn stale(
    what: &str,
    now: &impl Serialize,
    wanted: &impl Serialize,
) -> Result<Error, Error> {
    let (now, wanted) = (
        serde_json::to_value(now).map_err(Error::internal)?,
        serde_json::to_value(wanted).map_err(Error::internal)?,
    );
    let hint = format!(
        "Somebody else saved the {what} after you opened them. Save again to have yours, or open them anew."
    );
    let empty = json!({});
    let fields = wanted.as_object().into_iter().flatten();
    let problems: Vec<Problem> = fields
        .map(|(name, wanted)| (name, now.get(name).unwrap_or(&empty), wanted))
        .filter(|(_, now, wanted)| now != wanted)
        .map(|(name, now, wanted)| {
            let expected = format!("{name}: {}, as it is now", shown(now));
            Problem::new(Code::Stale, expected, format!("{name}: {}", shown(wanted)), &hint)
        })
        .collect();
    Ok(match problems.is_empty() {
        true => Error::new(Code::Stale, "the revision that there is now", "an older one", hint),
        false => Error::of(problems),
    })
}

/// The most characters of a value that are repeated.
const MAX_SHOWN: usize = 200;

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
