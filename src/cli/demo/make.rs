use std::path::{Path, PathBuf};
use std::time::Duration;

use super::card::{Card, LogIn};
use super::{CliError, made};
use crate::cli::phantom::{Batch, pack};
use crate::cli::site::Opened;
use crate::domain::questions::{Answer, AnswerValue, Question, QuestionKind};
use crate::domain::{Approval, Counting, Feedback, Scope, SubmissionId, TruthSetId, UserId};
use crate::scoring::{VesselLabels, import_ct, import_truth};
use crate::service::credentials::{make_token, secret};
use crate::service::passwords::Passwords;
use crate::store::{
    Added, AuditContext, NewAccount, NewPhase, NewSubmission, Rules, Store, TeamDecisionRequest,
    Timestamp,
};
use coronary_phantom::{Method, Size};

const CASES: u32 = 20;
const SEED: u64 = 42;
/// The cases whose CT organisers can look at: all of them would take a while to draw.
const WITH_CT: [u32; 2] = [0, 19];
const TRUTH: &str = "demo";

/// The method the sample zip is made with; its team has not submitted it yet.
const SAMPLE: Method = Method::Thin;

/// Who has submitted what. Invented teams; the methods are the phantoms' faults.
const TEAMS: &[(&str, Method)] = &[
    ("Aorta Analytics", Method::NearPerfect),
    ("Circumflex", Method::DistalLost),
    ("Ostium Lab", Method::Fragmented),
    ("Vessel Virtuosi", Method::Thick),
    ("Branch & Bound", Method::MissedBranches),
    (BASELINE, Method::Leaky),
    ("Right Coronary Society", Method::RightLost),
    ("Salt & Pepper", Method::Speckled),
    ("Half a Voxel Off", Method::Shifted),
];

/// What the answers to the question about training can be.
const TRAINED_ON: [&str; 3] = ["the training cases alone", "other data, too", "nothing"];

/// Of the organisers, to compare with.
const BASELINE: &str = "Vesselness filter";

/// Makes the challenge: cases, truth, phase, people, teams and what they submitted.
pub async fn make(opened: &Opened, data: &Path, small: bool) -> Result<Card, CliError> {
    let size = if small { Size::fixed([64, 64, 48]).map_err(made)? } else { Size::FULL };
    let batch = Batch { seed: SEED, cases: CASES, size };
    let folder = tempfile::tempdir_in(opened.blobs.scratch()).map_err(made)?;
    eprintln!("Creating {CASES} synthetic cases with two coronary trees each.");
    let truth = folder.path().join("truth");
    batch.write_truth(&truth).map_err(made)?;
    let now = Timestamp::now();
    let Opened { store, blobs } = opened;
    let imported = import_truth(store, blobs, &truth, VesselLabels::default(), TRUTH, now).await;
    let set = imported.map_err(made)?;
    let ct = folder.path().join("ct");
    batch.write_ct(&ct, WITH_CT.to_vec()).map_err(made)?;
    import_ct(store, blobs, set, &ct, now).await.map_err(made)?;
    opened.store.add_phase(&phase(set, now), &AuditContext::default(), now).await?;

    let password = secret::<8>().map_err(made)?;
    let hash = Passwords::new().hash(password.clone()).await.map_err(made)?;
    let people = People { store: &opened.store, hash: &hash, now };
    eprintln!("Creating the submissions of {} teams.", TEAMS.len());
    for &(team, method) in TEAMS {
        let user = people.add(&format!("{}@demo.example", method.name()), team, Some(team)).await?;
        let zip = zip_of(batch, method, folder.path())?;
        submit(opened, user, method, &zip).await?;
    }

    let sample_zip = std::path::absolute(data.join("sample.zip")).map_err(made)?;
    let sample = zip_of(batch, SAMPLE, folder.path())?;
    std::fs::rename(sample, &sample_zip).map_err(made)?;
    let day = Duration::from_secs(24 * 3600);
    let (participant, organiser) = ("participant@demo.example", "organiser@demo.example");
    let user = people.add(participant, "Demo Participant", Some("Your Team")).await?;
    let participant_token = make_token(&opened.store, user, "demo", Scope::Submit, 365 * day, now)
        .await
        .map_err(made)?;
    let user = people.add(organiser, "Demo Organiser", None).await?;
    let reason = "a filter without training, run by the organisers";
    let baseline = store.team_named(BASELINE).await?.ok_or_else(|| made("a team is missing"))?;
    let request = TeamDecisionRequest { actor: user, reason };
    store.mark_baseline(baseline, true, request, now).await?;
    let organiser_token = make_token(&opened.store, user, "demo", Scope::Organise, 365 * day, now)
        .await
        .map_err(made)?;
    let log_in = |email: &str| LogIn { email: email.into(), password: password.clone() };
    Ok(Card {
        url: String::new(),
        participant: log_in(participant),
        participant_token,
        organiser: log_in(organiser),
        organiser_token,
        sample_zip,
    })
}

fn phase(truth: TruthSetId, now: Timestamp) -> NewPhase<'static> {
    NewPhase {
        slug: "demo",
        title: "Demo phase",
        truth_set_id: truth,
        opens_at: now,
        closes_at: None,
        quota: 1000,
        quota_period_hours: 24,
        feedback: Feedback::PerCase,
        counting: Counting::Best,
        // The truth is synthetic: there is nothing to give away.
        rules: Rules {
            approval: Approval::None,
            cases_public: true,
            total: None,
            questions: vec![training(), seconds()],
            ..Rules::default()
        },
    }
}

/// A question about methods. None has to be answered: the curl line stays short.
fn training() -> Question {
    Question {
        key: "training".to_owned(),
        text: "What was the method trained on?".to_owned(),
        kind: QuestionKind::Choice,
        options: TRAINED_ON.map(str::to_owned).into(),
        unit: String::new(),
        required: false,
        public: true,
    }
}

fn seconds() -> Question {
    Question {
        key: "seconds".to_owned(),
        text: "How long does a case take?".to_owned(),
        kind: QuestionKind::Number,
        options: Vec::new(),
        unit: "s".to_owned(),
        ..training()
    }
}

/// What a team says of its training.
fn answer(team: &str) -> Answer {
    let [training_cases, _, nothing] = TRAINED_ON;
    let said = if team == BASELINE { nothing } else { training_cases };
    let Question { key, text, unit, public, .. } = training();
    Answer { key, question: text, unit, public, value: AnswerValue::Text(said.to_owned()) }
}

struct People<'a> {
    store: &'a Store,
    hash: &'a str,
    now: Timestamp,
}

impl People<'_> {
    /// A person who creates a team, or an organiser, who has none.
    async fn add(&self, email: &str, name: &str, team: Option<&str>) -> Result<UserId, CliError> {
        let new = NewAccount {
            email,
            display_name: name,
            affiliation: "",
            password_hash: self.hash,
            organiser: team.is_none(),
            team,
        };
        Ok(self.store.add_account(&new, self.now).await?)
    }
}

/// Writes a method's predictions and packs them.
fn zip_of(batch: Batch, method: Method, folder: &Path) -> Result<PathBuf, CliError> {
    let files = folder.join(method.name());
    let zip = files.with_extension("zip");
    batch.write_predictions(method, &files).map_err(made)?;
    pack(&files, &zip).map_err(made)?;
    std::fs::remove_dir_all(&files).map_err(made)?;
    Ok(zip)
}

/// Queues a zip the way the website does, but for the checks: it was made a moment ago.
async fn submit(opened: &Opened, user: UserId, method: Method, zip: &Path) -> Result<(), CliError> {
    let team = opened.store.team_of(user).await?.ok_or_else(|| made("a team is missing"))?;
    let phase = opened.store.phases().await?.pop().ok_or_else(|| made("the phase is missing"))?;
    let id = SubmissionId::new();
    let bytes = std::fs::read(zip).map_err(made)?;
    let sha256 = crate::digest::sha256(&bytes);
    let blob_key = format!("uploads/{id}.zip");
    opened.blobs.put_file(&blob_key, zip).await.map_err(made)?;
    let new = NewSubmission {
        id,
        team_id: team.id,
        user_id: user,
        method: method.name(),
        description: method.description(),
        url: "",
        code_url: "",
        data_url: "",
        answers: &[answer(&team.name)],
        blob_key: &blob_key,
        upload_bytes: bytes.len() as i64,
        upload_sha256: &sha256,
        idempotency_key: None,
        request_sha256: &sha256,
    };
    match opened.store.add_submission(&phase, &new, Timestamp::now()).await? {
        Added::New => Ok(()),
        other => Err(made(format!("{other:?}"))),
    }
}
