//! Which phase is meant, whether it takes submissions, and what organisers set about it.

use serde_json::{Map, Value, json};

use super::phase_spec::{PhaseSpec, refused};
use super::{Caller, Services, fields};
use crate::domain::{Action, Approval, Code, Error, PhaseId, Problem, SubmissionId, UserId};
use crate::store::{AuditContext, Phase, Store, StoreError, Timestamp};

/// The phase to show where none is named: the open one that opened last; with none open, the one that opened last; with
/// none begun, the first to come.
pub async fn current_phase(store: &Store, at: Timestamp) -> Result<Option<Phase>, Error> {
    Ok(current_of(store.phases().await?, at))
}

fn current_of(mut phases: Vec<Phase>, at: Timestamp) -> Option<Phase> {
    let open = phases.iter().position(|phase| phase.is_open(at));
    let begun = phases.iter().position(|phase| phase.opens_at <= at);
    match open.or(begun) {
        Some(current) => Some(phases.swap_remove(current)),
        None => phases.pop(),
    }
}

/// The phases that are open, if there are several: then a request has to name the one it means.
pub fn several_open(phases: &[Phase], at: Timestamp) -> Option<Vec<&Phase>> {
    let open: Vec<&Phase> = phases.iter().filter(|phase| phase.is_open(at)).collect();
    (open.len() > 1).then_some(open)
}

/// The short name that a phase has now, by any that it has or had, or by its id; an empty one stands for all phases.
pub async fn slug_of(store: &Store, name: &str) -> Result<String, Error> {
    if name.is_empty() {
        return Ok(String::new());
    }
    Ok(phase_named(store, name, Timestamp::now()).await?.slug)
}

/// The phase that an entry is of; none where there is no such submission.
pub async fn phase_of_entry(store: &Store, entry: SubmissionId) -> Result<Option<Phase>, Error> {
    match store.submission(entry).await? {
        Some(submission) => Ok(store.phase(submission.phase_id).await?),
        None => Ok(None),
    }
}

/// The phase of this name: its short name, one that it had before, or its id. With no name, the open one, or the one that
/// was or will be; refused if several are open.
pub async fn phase_named(store: &Store, name: &str, at: Timestamp) -> Result<Phase, Error> {
    let phases = store.phases().await?;
    if name.is_empty()
        && let Some(open) = several_open(&phases, at)
    {
        let open: Vec<&str> = open.into_iter().map(|phase| phase.slug.as_str()).collect();
        return Err(Error::new(
            Code::PhaseAmbiguous,
            format!("the name of an open phase: {}", open.join(", ")),
            "none",
            "Send the form field 'phase' with an upload (curl: -F phase=NAME), or add ?phase=NAME to the address.",
        ));
    }
    let known: Vec<&str> = phases.iter().map(|phase| phase.slug.as_str()).collect();
    let expected = match known.as_slice() {
        [] => "a challenge with a phase".to_owned(),
        known => format!("one of the phases {}", known.join(", ")),
    };
    let found = match name.parse::<PhaseId>() {
        _ if name.is_empty() => current_of(phases, at),
        Ok(id) => phases.into_iter().find(|phase| phase.id == id),
        Err(_) => match phases.into_iter().find(|phase| phase.slug == name) {
            Some(phase) => Some(phase),
            None => store.phase_called(name).await?,
        },
    };
    found.ok_or_else(|| {
        Error::new(
            Code::PhaseNone,
            expected,
            if name.is_empty() { "none yet" } else { "another name" },
            "If no phase is named, the open one is used.",
        )
    })
}

/// Refuses if the phase takes nothing at the moment the request arrived.
pub fn must_be_open(phase: &Phase, arrived: Timestamp) -> Result<(), Error> {
    if phase.is_open(arrived) || phase.takes_late(arrived) {
        return Ok(());
    }
    let (expected, hint) = if arrived < phase.opens_at {
        (format!("a request after {}", phase.opens_at), "Submit again when the phase has opened.")
    } else {
        let end = phase.closes_at.map(|end| end.to_string()).unwrap_or_default();
        (format!("a request before {end}"), "The phase has closed.")
    };
    let found = format!("one at {arrived}");
    Err(Error::new(Code::PhaseClosed, expected, found, hint))
}

/// The phase as it is now.
pub async fn current(store: &Store, phase: &Phase) -> Result<PhaseSpec, StoreError> {
    let truth_set = store.truth_set(phase.truth_set_id).await?;
    Ok(PhaseSpec::of(phase, truth_set.map(|set| set.name).unwrap_or_default()))
}

/// The member that says which revision of a phase a change is of.
pub const REVISION: &str = "revision";

/// Creates a phase, or changes `phase`, for `actor` (nobody: somebody at the command line), and writes down
/// what was before and after. `mail`: whether addresses are confirmed here. A change that says of which revision it is
/// is refused where there is a newer one.
pub async fn save(
    store: &Store,
    mail: bool,
    actor: Option<UserId>,
    phase: Option<&Phase>,
    mut said: Map<String, Value>,
) -> Result<PhaseSpec, Error> {
    let of_revision = said.remove(REVISION);
    loop {
        // As it is now: somebody may have changed it since it was looked up.
        let phase = match phase {
            Some(phase) => Some(store.phase(phase.id).await?.ok_or_else(Error::not_found)?),
            None => None,
        };
        let before = match &phase {
            Some(phase) => Some(current(store, phase).await?),
            None => None,
        };
        if let (Some(phase), Some(before), Some(revision)) = (&phase, &before, &of_revision)
            && !is_revision(revision, phase.revision)
        {
            return Err(stale(before, &said)?);
        }
        if let Some(spec) = save_once(store, mail, actor, phase.as_ref(), before, &said).await? {
            return Ok(spec);
        }
    }
}

/// Deletes a phase that nobody has used.
pub async fn delete(
    services: &Services,
    caller: &Caller,
    phase: &Phase,
    reason: &str,
) -> Result<(), Error> {
    caller.authorize(Action::Organise)?;
    let reason = reason.trim();
    fields::line("a reason, for the audit log,", reason, 1..=500)?;
    let store = &services.store;
    let before = current(store, phase).await?;
    let detail = json!({ "before": before, "reason": reason });
    let by = AuditContext { actor: Some(caller.authenticated_user()?.id), detail };
    if store.delete_phase(phase.id, &by, Timestamp::now()).await? {
        return Ok(());
    }
    let expected = "a phase without submissions, trials of truth sets and snapshots";
    let hint = "Close it instead: what was sent stays, and so does its leaderboard.";
    Err(Error::new(Code::FieldInvalid, expected, "one that was used", hint))
}

/// A form sends a number as text.
fn is_revision(said: &Value, revision: i64) -> bool {
    match said {
        Value::Number(number) => number.as_i64() == Some(revision),
        Value::String(text) => text.parse() == Ok(revision),
        _ => false,
    }
}

/// Both sides of each field in which a change differs from what is there now.
fn stale(now: &PhaseSpec, said: &Map<String, Value>) -> Result<Error, Error> {
    let now = serde_json::to_value(now).map_err(Error::internal)?;
    let hint = "Somebody else saved the phase after you opened it. Save again to have yours, or open it anew.";
    let differing = said.iter().filter(|(name, yours)| now.get(*name) != Some(*yours));
    let problem = |(name, yours): (&String, &Value)| {
        let now = now.get(name).map_or_else(String::new, Value::to_string);
        Problem::new(
            Code::Stale,
            format!("{name}: {now}, as it is now"),
            format!("{name}: {yours}"),
            hint,
        )
    };
    let problems: Vec<Problem> = differing.map(problem).collect();
    Ok(match problems.is_empty() {
        true => Error::new(Code::Stale, "the revision that there is now", "an older one", hint),
        false => Error::of(problems),
    })
}

/// Nothing if somebody else changed the phase in the meantime.
async fn save_once(
    store: &Store,
    mail: bool,
    actor: Option<UserId>,
    phase: Option<&Phase>,
    before: Option<PhaseSpec>,
    said: &Map<String, Value>,
) -> Result<Option<PhaseSpec>, Error> {
    let now = Timestamp::now();
    let spec = match &before {
        Some(spec) => spec.changed(said.clone())?,
        None => PhaseSpec::usual(now, Approval::usual(mail)).changed(said.clone())?,
    };
    let truth = store.truth_set_by_name(&spec.truth_set).await?.ok_or_else(|| {
        let hint = "Import it first, at /admin/truth-sets.";
        refused("the name of an imported truth set", spec.truth_set.clone(), hint)
    })?;
    let row = spec.row(truth.id);
    let by = AuditContext { actor, detail: json!({ "before": before, "after": spec }) };
    let saved = match phase {
        Some(phase) => store.change_phase(phase.id, phase.revision, &row, &by, now).await,
        None => store.add_phase(&row, &by, now).await.map(|_| true),
    };
    match saved {
        Ok(saved) => Ok(saved.then_some(spec)),
        Err(StoreError::Taken) => {
            let hint = "Choose another one: old names go on leading to the phase that had them.";
            Err(refused("a slug that no phase has or had", spec.slug.clone(), hint))
        }
        Err(error) => Err(error.into()),
    }
}
