mod ct;
mod observers;

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::error::CliError;
use super::output::output;
use super::secret::secret;
use super::serve::public_url;
use super::site::Site;
use crate::domain::{Approval, Counting, Feedback, Problem, Scheme, Scope};
use crate::scoring::{ImportError, VesselLabels, import_truth};
use crate::service::credentials::{make_link, make_token};
use crate::service::passwords::Passwords;
use crate::service::{fields, phases};
use crate::store::{LinkKind, NewAccount, StoreError, Timestamp};

#[derive(Subcommand)]
pub enum Admin {
    /// Create an organiser's account. The password is read from ASOCA_PASSWORD, the file named by ASOCA_PASSWORD_FILE, or standard input.
    CreateOrganiser(CreateOrganiser),
    /// Check a folder or zip of ground truth and import it as a truth set.
    ImportTruth(ImportTruth),
    /// Import the CTs that a truth set was drawn in, whose slices organisers can then look at with the outlines of predictions.
    ImportCt(ct::ImportCt),
    /// Import the scores of a truth set's annotators, which the site then shows as the inter-observer agreement.
    ImportObservers(observers::ImportObservers),
    /// Create a phase on a truth set.
    CreatePhase(CreatePhase),
    /// Create a token for a person; it is printed only once.
    CreateToken(CreateToken),
    /// Create a link to set a new password, which works once, within a day; it is printed only once.
    ResetLink(ResetLink),
}

#[derive(Args)]
pub struct CreateOrganiser {
    #[command(flatten)]
    site: Site,
    #[arg(long)]
    email: String,
    /// The name that others see.
    #[arg(long)]
    name: String,
}

#[derive(Args)]
pub struct ImportTruth {
    #[command(flatten)]
    site: Site,
    /// Name of the new truth set, for organisers.
    #[arg(long)]
    name: String,
    /// Values that are vessel, for masks with others than 0 and 1: for instance 1,2 or 255. What is kept is the mask
    /// of these.
    #[arg(long, value_name = "LABELS", default_value = "", hide_default_value = true)]
    vessel_labels: VesselLabels,
    /// Folder or zip with <case id>.nrrd for each case and cases.json, a list like
    /// [{"id": "0", "group": "normal"}, …]. The list may be left out where names say the group,
    /// as in the published dataset: Normal/Annotations/Normal_1.nrrd.
    folder: PathBuf,
}

#[derive(Args)]
pub struct CreatePhase {
    #[command(flatten)]
    site: Site,
    /// Short name for addresses: lower-case letters, digits and dashes.
    #[arg(long)]
    slug: String,
    #[arg(long)]
    title: String,
    /// Name of an imported truth set.
    #[arg(long)]
    truth: String,
    /// When it opens, like 2026-12-01T00:00:00Z [default: now].
    #[arg(long, value_parser = moment)]
    opens: Option<Timestamp>,
    /// When it closes, exclusive [default: never].
    #[arg(long, value_parser = moment)]
    closes: Option<Timestamp>,
    /// Scored submissions of a team per period.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i64).range(1..))]
    quota: i64,
    /// The period, in hours.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=87_600))]
    period: i64,
    /// Scored submissions of a team in the whole phase, or none for no limit.
    #[arg(long, default_value = "100", value_name = "N|none", value_parser = total)]
    total: Total,
    /// How much of the scores is shown until the results are final: hidden, improved, rounded or per_case.
    #[arg(long, default_value = "rounded")]
    feedback: Feedback,
    /// Which of a team's submissions counts: best, latest or all.
    #[arg(long, default_value = "best")]
    counting: Counting,
    /// Ranking scheme: mean_of_positions, dice_only, rank_then_aggregate or test_then_rank.
    #[arg(long, default_value = "mean_of_positions")]
    scheme: Scheme,
    /// Whether an organiser has to approve a team before it can submit: none or required [default: required, unless ASOCA_SMTP
    /// names a mail server, which confirms e-mail addresses].
    #[arg(long)]
    approval: Option<Approval>,
}

#[derive(Args)]
pub struct CreateToken {
    #[command(flatten)]
    site: Site,
    /// E-mail address of the token's owner.
    #[arg(long)]
    email: String,
    #[arg(long, default_value = "created on the command line")]
    name: String,
    /// read, submit or organise.
    #[arg(long, default_value = "submit")]
    scope: Scope,
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=3660))]
    days: u64,
}

#[derive(Args)]
pub struct ResetLink {
    #[command(flatten)]
    site: Site,
    /// E-mail address of the account.
    #[arg(long)]
    email: String,
    /// Public address of the site.
    #[arg(
        long,
        env = "ASOCA_PUBLIC_URL",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    public_url: String,
}

/// A limit, or none. A type of its own, because clap takes an `Option` for an argument that may be left out.
#[derive(Clone, Copy)]
struct Total(Option<i64>);

fn total(text: &str) -> Result<Total, &'static str> {
    let number = || text.parse().ok().filter(|total| *total > 0);
    match text {
        "none" => Ok(Total(None)),
        _ => number().map(|total| Total(Some(total))).ok_or("a number of at least 1, or none"),
    }
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text).ok_or("a time like 2026-12-01T00:00:00Z, with its zone")
}

/// An entered value that the sign-up page would refuse as well.
fn refused(problem: Problem) -> CliError {
    CliError::of(&problem.into())
}

impl Admin {
    pub async fn run(self) -> Result<(), CliError> {
        match self {
            Self::CreateOrganiser(create) => create.run().await,
            Self::ImportTruth(import) => import.run().await,
            Self::ImportCt(import) => import.run().await,
            Self::ImportObservers(import) => import.run().await,
            Self::CreatePhase(create) => create.run().await,
            Self::CreateToken(create) => create.run().await,
            Self::ResetLink(make) => make.run().await,
        }
    }
}

impl CreateOrganiser {
    async fn run(self) -> Result<(), CliError> {
        fields::email(&self.email).map_err(refused)?;
        fields::line("a name", &self.name, 1..=100).map_err(refused)?;
        let password = read_password()?;
        fields::password(&password).map_err(refused)?;
        let hash = Passwords::new().hash(password).await;
        let hash = hash.map_err(|error| CliError::server("the password", error))?;
        let store = self.site.open().await?.store;
        let new = NewAccount {
            email: &self.email,
            display_name: &self.name,
            affiliation: "",
            password_hash: &hash,
            organiser: true,
            team: None,
        };
        store.add_account(&new, Timestamp::now()).await.map_err(|error| match error {
            StoreError::Taken => CliError::input(&self.email, "has an account already"),
            error => error.into(),
        })?;
        store.close().await;
        output(|out| writeln!(out, "{} is an organiser", self.email))
    }
}

fn read_password() -> Result<String, CliError> {
    let given = std::env::var("ASOCA_PASSWORD").ok();
    if let Some(password) = secret("ASOCA_PASSWORD", given.as_deref())? {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        eprint!("Password (visible while you type): ");
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|error| CliError::input("the password can't be read", error))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

impl ImportTruth {
    async fn run(self) -> Result<(), CliError> {
        fields::line("a name", &self.name, 1..=100).map_err(refused)?;
        let opened = self.site.open().await?;
        let now = Timestamp::now();
        let imported = import_truth(
            &opened.store,
            &opened.blobs,
            &self.folder,
            self.vessel_labels,
            &self.name,
            now,
        )
        .await;
        let set = imported.map_err(|error| match error {
            ImportError::Invalid(problems) => CliError::invalid(self.folder.display(), &problems),
            error => CliError::input(self.folder.display(), error),
        })?;
        let cases = opened.store.cases(set).await?;
        opened.store.close().await;
        output(|out| {
            for case in &cases {
                let ([x, y, z], [dx, dy, dz]) = (case.shape(), case.spacing());
                let (id, group) = (&case.case_id, case.case_group);
                let foreground = case.foreground.unwrap_or_default();
                writeln!(
                    out,
                    "{id:<12} {group:<9} {x}x{y}x{z}, {dx} x {dy} x {dz} mm, {foreground} voxels"
                )?;
            }
            writeln!(out, "truth set '{}': {} cases", self.name, cases.len())
        })
    }
}

impl CreatePhase {
    async fn run(self) -> Result<(), CliError> {
        let mail = std::env::var_os("ASOCA_SMTP").is_some_and(|server| !server.is_empty());
        let said = json!({
            "slug": self.slug,
            "title": self.title,
            "truth_set": self.truth,
            "opens_at": self.opens.unwrap_or_else(Timestamp::now),
            "closes_at": self.closes,
            "quota": self.quota,
            "quota_period_hours": self.period,
            "total": self.total.0,
            "feedback": self.feedback,
            "counting": self.counting,
            "scheme": self.scheme,
            "approval": self.approval.unwrap_or_else(|| Approval::usual(mail)),
        });
        let store = self.site.open().await?.store;
        let saved =
            phases::save(&store, mail, None, None, said.as_object().cloned().unwrap_or_default());
        let spec = saved.await.map_err(|error| CliError::of(&error))?;
        store.close().await;
        output(|out| writeln!(out, "phase '{}' opens {}", spec.slug, spec.opens_at))
    }
}

impl CreateToken {
    async fn run(self) -> Result<(), CliError> {
        fields::line("a name", &self.name, 1..=60).map_err(refused)?;
        let store = self.site.open().await?.store;
        let user = store.user_by_email(&self.email).await?;
        let user = user.ok_or_else(|| CliError::input(&self.email, "has no account"))?;
        if self.scope == Scope::Organise && !user.organiser {
            return Err(CliError::input("--scope organise", "is for organisers only"));
        }
        let lifetime = Duration::from_secs(self.days * 24 * 3600);
        let now = Timestamp::now();
        let token = make_token(&store, user.id, &self.name, self.scope, lifetime, now).await;
        let token = token.map_err(|error| CliError::server("the token", error))?;
        store.close().await;
        output(|out| writeln!(out, "{token}"))
    }
}

impl ResetLink {
    async fn run(self) -> Result<(), CliError> {
        let url = public_url(&self.public_url)?;
        let store = self.site.open().await?.store;
        let user = store.user_by_email(&self.email).await?;
        let user = user.ok_or_else(|| CliError::input(&self.email, "has no account"))?;
        let path = make_link(&store, LinkKind::Reset, Some(user.id), None, Timestamp::now()).await;
        let path = path.map_err(|error| CliError::server("the link", error))?;
        store.close().await;
        output(|out| writeln!(out, "{url}{path}"))
    }
}
