use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::choose::choose;
use super::{Page, html};
use crate::domain::metric::Metric;
use crate::domain::{Disclosure, Error, EvaluationId, Group, TeamId};
use crate::leaderboard::{
    Columns, Leaderboard, Listing, Order, Row, SECONDARY, Secondary, Sort, View, Wanted, citation,
};
use crate::service::Caller;
use crate::service::phases::current_phase;
use crate::store::{Phase, Snapshot, Timestamp};
use crate::web::App;
use crate::web::query::{Asked, ListingQuery, RankingQuery};

/// The address's word for each choice of cases, and the tab's.
pub const TABS: [(&str, &str); 3] =
    [("all", "All cases"), ("normal", "Normal"), ("diseased", "Diseased")];

#[derive(Template)]
#[template(path = "leaderboard/page.html")]
struct Shown {
    page: Page,
    leaderboard: Option<Arc<View>>,
    /// Moments whose exact ranking is published.
    snapshots: Vec<Snapshot>,
    table: Arc<str>,
    phases: Vec<Phase>,
    tabs: [(&'static str, &'static str); 3],
    group: &'static str,
    /// Goes on with an address about the same moment.
    and_at: String,
    sending: Sending,
    /// Shows the same for ever.
    permalink: String,
    bibtex: String,
    wanted: Wanted,
    columns: Columns,
    /// How many entries are found, on how many pages, and which page this is.
    extent: Extent,
    /// The reader's own entry: its position, and the address where it stands.
    own: Option<(Option<usize>, String)>,
    /// The addresses of the page before and of the next one.
    neighbours: [Option<String>; 2],
}

impl Shown {
    /// Whether nobody looks for anything in it.
    fn is_usual(&self) -> bool {
        let in_order = Wanted { page: 1, ..self.wanted.clone() };
        in_order.is_usual() && self.columns == Columns::Official
    }

    fn is_sorted_by(&self, sort: &Sort) -> bool {
        self.wanted.sorted().0 == *sort
    }
}

#[derive(Default)]
struct Extent {
    found: usize,
    baselines: usize,
    pages: usize,
    page: usize,
}

/// What the table can be sorted by, in words.
const SORTS: [(Sort, &str); 7] = [
    (Sort::Position, "Position"),
    (Sort::Dice, "Dice"),
    (Sort::Hd95, "HD95"),
    (Sort::RankScore, "Rank score"),
    (Sort::Team, "Team"),
    (Sort::Method, "Method"),
    (Sort::Submitted, "Submitted"),
];

/// What it can be sorted by where scores are exact.
const EXACT_SORTS: [(Sort, &str); 4] = [
    (Sort::ClDice, "clDice"),
    (Sort::SurfaceDice, "Surface Dice"),
    (Sort::Precision, "Precision"),
    (Sort::Recall, "Recall"),
];

/// Whether something that is ranked can be sent to a phase.
enum Sending {
    Open,
    /// From a moment to come.
    From(Timestamp),
    Over,
}

impl Sending {
    fn of(phase: &Phase, now: Timestamp) -> Self {
        match phase.is_open(now) {
            true => Self::Open,
            false if now < phase.opens_at => Self::From(phase.opens_at),
            false => Self::Over,
        }
    }
}

/// The entries that are wanted.
#[derive(Template)]
#[template(path = "leaderboard/table.html")]
struct Table<'a> {
    leaderboard: &'a Leaderboard,
    group: Option<Group>,
    wanted: &'a Wanted,
    listing: Listing<'a>,
    columns: Columns,
    secondary: &'a Secondary,
    /// The reader's team.
    own: Option<TeamId>,
    /// The address of this leaderboard.
    here: &'a Here,
}

impl Table<'_> {
    fn observers_before(&self, entry: &usize) -> bool {
        self.listing.humans_before == Some(*entry)
    }

    fn observers_last(&self) -> bool {
        self.observers_before(&self.listing.rows.len())
    }

    fn is_own(&self, row: &Row) -> bool {
        self.own == Some(row.team_id) && !row.baseline
    }

    fn is_first(&self, row: &Row) -> bool {
        row.placed.as_ref().is_some_and(|placed| placed.position == 1)
    }

    /// Where a column's heading leads: sorted by it, or the other way round.
    fn sorting(&self, key: &str) -> Heading {
        let Ok(sort) = key.parse::<Sort>() else { return Heading::default() };
        let (now, order) = self.wanted.sorted();
        let turned = match order {
            Order::Ascending => Order::Descending,
            Order::Descending => Order::Ascending,
        };
        let next = if now == sort { turned } else { sort.natural() };
        let wanted = Wanted { sort: Some(sort), order: Some(next), page: 1, ..self.wanted.clone() };
        Heading {
            address: self.here.address(&wanted),
            sorted: (now == sort).then_some(match order {
                Order::Ascending => "ascending",
                Order::Descending => "descending",
            }),
        }
    }

    /// Dice and HD95 of the annotators over normal and over diseased cases.
    fn observers_of_groups(&self) -> Vec<String> {
        let of_group = |group| match self.leaderboard.observers.of_group(Some(group)) {
            Some(of) => [of.dice.rounded(3), of.hd95.rounded(2)],
            None => [const { String::new() }; 2],
        };
        Group::ALL.iter().copied().flat_map(of_group).collect()
    }

    /// Of the metrics of [`SECONDARY`], in their order: key and mean.
    fn secondary_means(&self, evaluation: &EvaluationId) -> Vec<(&'static str, String)> {
        let of = self.secondary.get(evaluation);
        let text = |(at, metric): (usize, &&'static Metric)| {
            let mean = of.and_then(|means| means.get(at));
            (metric.key, mean.map_or_else(|| "–".to_owned(), |mean| metric.text(*mean)))
        };
        SECONDARY.iter().enumerate().map(text).collect()
    }

    /// Whether a phone shows this metric, as it is what entries are sorted by.
    fn is_chosen(&self, key: &str) -> bool {
        let shown = |sort: &Sort| {
            let secondary = self.columns == Columns::Secondary && sort.secondary().is_some();
            sort.metric().is_some() || (secondary && !self.secondary.is_empty())
        };
        self.wanted.sort.filter(shown).map_or("dice", Sort::as_str) == key
    }

    fn group_words(&self) -> &'static str {
        match self.group {
            None => "all cases",
            Some(Group::Normal) => "the normal cases",
            Some(Group::Diseased) => "the diseased cases",
        }
    }
}

/// What a column's heading needs to be a link.
#[derive(Default)]
struct Heading {
    address: String,
    /// As assistive technology is told.
    sorted: Option<&'static str>,
}

/// The address of a leaderboard without what is looked for in it.
struct Here {
    phase: String,
    group: &'static str,
    at: Option<Timestamp>,
    columns: Columns,
}

impl Here {
    /// With what is looked for in it.
    fn address(&self, wanted: &Wanted) -> String {
        let mut address = format!("/leaderboard?phase={}&group={}", self.phase, self.group);
        address += &and_at(self.at);
        let mut add = |name: &str, value: &str| {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            address += &format!("&{name}={value}");
        };
        if self.columns != Columns::Official {
            add("columns", self.columns.as_str());
        }
        if let Some(sort) = wanted.sort {
            add("sort", sort.as_str());
        }
        if let Some(order) = wanted.order {
            add("order", order.as_str());
        }
        if !wanted.search.is_empty() {
            add("q", &wanted.search);
        }
        if wanted.page > 1 {
            add("page", &wanted.page.to_string());
        }
        address
    }
}

/// Goes on with an address about the same moment.
pub fn and_at(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!("&at={}", at.rfc3339()))
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Asked(query): Asked<RankingQuery>,
    Asked(listing): Asked<ListingQuery>,
) -> Result<Html<String>, Error> {
    let (now, at) = (Timestamp::now(), query.at()?);
    let wanted = listing.wanted(query.group()?)?;
    let columns = listing.columns()?;
    if let Some(page) = choose(&app, &caller, "/leaderboard", &query).await? {
        return Ok(page);
    }
    let phase = match query.phase.as_str() {
        "" => current_phase(app.store(), now).await?,
        _ => Some(query.phase(app.store()).await?),
    };
    let leaderboard = match &phase {
        Some(phase) => Some(app.services.leaderboards.view(&caller.actor, phase, at).await?),
        None => None,
    };
    let group = query.group()?;
    let group_word = group.map_or("all", Group::as_str);
    let mut shown = Shown {
        page: Page::new(&app, &caller, "leaderboard").await,
        table: "".into(),
        phases: app.store().phases().await?,
        tabs: TABS,
        group: group_word,
        and_at: and_at(at),
        sending: phase.as_ref().map_or(Sending::Over, |phase| Sending::of(phase, now)),
        permalink: String::new(),
        bibtex: String::new(),
        leaderboard: None,
        wanted: wanted.clone(),
        columns,
        extent: Extent::default(),
        own: None,
        neighbours: [None, None],
        snapshots: match &phase {
            Some(phase) => app.store().snapshots(phase.id).await?,
            None => Vec::new(),
        },
    };
    if let (Some(leaderboard), Some(phase)) = (leaderboard, phase) {
        let here = Here { phase: leaderboard.phase.clone(), group: group_word, at, columns };
        let none = Secondary::new();
        let sorts = wanted.sort.and_then(Sort::secondary).is_some();
        let secondary = match columns == Columns::Secondary || sorts {
            true => app.services.leaderboards.secondary(&leaderboard).await?,
            false => &none,
        };
        let listing = wanted.of(&leaderboard, secondary);
        let Listing { found, baselines, pages, page, .. } = listing;
        shown.extent = Extent { found, baselines, pages, page };
        let page = |page: usize| here.address(&Wanted { page, ..wanted.clone() });
        shown.neighbours = [
            (listing.page > 1).then(|| page(listing.page - 1)),
            (listing.page < listing.pages).then(|| page(listing.page + 1)),
        ];
        let own = caller.team().map(|team| team.id);
        shown.own = own.and_then(|team| own_entry(&leaderboard, secondary, team, &wanted, &here));
        let everybodys = shown.own.is_none() && columns == Columns::Official && wanted.is_usual();
        let make = |leaderboard: &Leaderboard| {
            let listing = wanted.of(leaderboard, secondary);
            let own = shown.own.as_ref().and(own);
            let (wanted, here) = (&wanted, &here);
            let table =
                Table { leaderboard, group, wanted, listing, columns, secondary, own, here };
            table.render().map_err(Error::internal)
        };
        shown.table = match everybodys {
            true => leaderboard.table(group, make)?,
            false => make(&leaderboard)?.into(),
        };
        let moment = at.unwrap_or(leaderboard.read_at);
        shown.permalink = format!(
            "{}/leaderboard?phase={}&group={group_word}&at={}",
            app.services.public_url,
            // By its id: its short name may change.
            phase.id,
            moment.rfc3339()
        );
        let name = &shown.page.challenge.profile.name;
        shown.bibtex = citation(&leaderboard, name, moment, &shown.permalink);
        shown.leaderboard = Some(leaderboard);
    }
    html(&shown)
}

/// Where the reader's own entry stands: its position, and the address of the page that it is on, which is the usual one where the
/// wanted ones leave it out.
fn own_entry(
    leaderboard: &Leaderboard,
    secondary: &Secondary,
    team: TeamId,
    wanted: &Wanted,
    here: &Here,
) -> Option<(Option<usize>, String)> {
    let row = leaderboard.entries.iter().find(|row| row.team_id == team)?;
    let usual = Wanted { group: wanted.group, page: 1, ..Wanted::default() };
    let on = |wanted: &Wanted| {
        let page = wanted.page_of(leaderboard, secondary, team)?;
        Some(here.address(&Wanted { page, ..wanted.clone() }))
    };
    let address = on(wanted).or_else(|| on(&usual))?;
    Some((row.placed.as_ref().map(|placed| placed.position), format!("{address}#own")))
}
