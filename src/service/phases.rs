//! Which phase is meant, whether it takes submissions, and what organisers set about it.

use serde_json::{Map, Value, json};

use super::phase_spec::{PhaseSpec, refused};
use crate::domain::{Approval, Code, Error, UserId};
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

/// Refuses the name of no phase; an empty one stands for all of them.
pub async fn check_phase(store: &Store, name: &str) -> Result<(), Error> {
    if !name.is_empty() {
        phase_named(store, name, Timestamp::now()).await?;
    }
    Ok(())
}

/// The phase of this name. With no name, the open one, or the one that was or will be; refused if several are open.
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
    let found = if name.is_empty() {
        current_of(phases, at)
    } else {
        phases.into_iter().find(|phase| phase.slug == name)
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

/// Creates a phase, or changes `phase`, for `actor` (nobody: somebody at the command line), and writes down
/// what was before and after. `mail`: whether addresses are confirmed here.
pub async fn save(
    store: &Store,
    mail: bool,
    actor: Option<UserId>,
    phase: Option<&Phase>,
    said: Map<String, Value>,
) -> Result<PhaseSpec, Error> {
    let now = Timestamp::now();
    let before = match phase {
        Some(phase) => Some(current(store, phase).await?),
        None => None,
    };
    let spec = match &before {
        Some(spec) => spec.changed(said)?,
        None => PhaseSpec::usual(now, Approval::usual(mail)).changed(said)?,
    };
    let truth = store.truth_set_by_name(&spec.truth_set).await?.ok_or_else(|| {
        let hint = "Import it first, at /admin/truth-sets.";
        refused("the name of an imported truth set", spec.truth_set.clone(), hint)
    })?;
    let row = spec.row(truth.id);
    let by = AuditContext { actor, detail: json!({ "before": before, "after": spec }) };
    let saved = match phase {
        Some(phase) => store.change_phase(phase.id, &row, &by, now).await.map(|_| ()),
        None => store.add_phase(&row, &by, now).await.map(|_| ()),
    };
    match saved {
        Ok(()) => Ok(spec),
        Err(StoreError::Taken) => {
            Err(refused("a new slug", spec.slug.clone(), "Choose another one."))
        }
        Err(error) => Err(error.into()),
    }
}
