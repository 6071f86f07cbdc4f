//! A leaderboard for a spreadsheet, with all the digits there are.

use super::{Leaderboard, Row};
use crate::domain::{Agreement, Disclosure, Group, Observers, RankedMetric};
use crate::text::{CSV_START, csv_line};

const GROUPS: [Option<Group>; 3] = [None, Some(Group::Normal), Some(Group::Diseased)];

/// Which groups and which columns of each are shown.
#[derive(Clone, Copy)]
struct Columns {
    placed: bool,
    groups: &'static [Option<Group>],
    std: bool,
}

impl Columns {
    fn at(level: Disclosure) -> Self {
        let groups = match level {
            Disclosure::Hidden => &[],
            Disclosure::Improved => &GROUPS[..1],
            _ => &GROUPS[..],
        };
        Self { placed: !groups.is_empty(), groups, std: level.exact().is_some() }
    }
}

/// A line for each entry, with the means of all cases and of each group as far as they are shown; then one for each baseline,
/// without a position and a score; last one for the inter-observer agreement, which has no submission or moment either.
pub fn csv(leaderboard: &Leaderboard) -> String {
    let columns = Columns::at(leaderboard.disclosure);
    let mut head: Vec<String> = Vec::new();
    if columns.placed {
        head.extend(
            ["position", "rank_score", "dice_position", "hd95_position"].map(str::to_owned),
        );
    }
    head.extend(["team", "method", "url", "submission", "created_at"].map(str::to_owned));
    for group in columns.groups {
        let group = group.map_or("all", Group::as_str);
        for key in RankedMetric::ALL.map(|metric| metric.key) {
            head.push(format!("{key}_mean_{group}"));
            if columns.std {
                head.push(format!("{key}_std_{group}"));
            }
        }
    }
    if columns.placed {
        head.extend(["dice_rank_score", "hd95_rank_score"].map(str::to_owned));
    }
    head.extend(["phase", "scorer", "truth_set", "at"].map(str::to_owned));
    let provenance = [
        leaderboard.phase.clone(),
        leaderboard.scorer_version.to_owned(),
        leaderboard.truth_set_digest.clone(),
        leaderboard.at.map_or_else(String::new, |at| at.rfc3339()),
    ];
    let mut text = CSV_START.to_owned() + &line(&head);
    let rows = leaderboard.all_rows().map(|row| fields(row, columns));
    let observers = columns.placed.then(|| observers(&leaderboard.observers, columns));
    for mut fields in rows.chain(observers) {
        fields.extend(provenance.clone());
        text += &line(&fields);
    }
    text
}

fn line(fields: &[String]) -> String {
    csv_line(&fields.iter().map(String::as_str).collect::<Vec<_>>())
}

fn fields(row: &Row, columns: Columns) -> Vec<String> {
    let mut fields = Vec::new();
    if let Some(placed) = &row.placed {
        fields.extend([
            placed.position.to_string(),
            placed.rank_score.to_string(),
            placed.dice_position.to_string(),
            placed.hd95_position.to_string(),
        ]);
    } else if columns.placed {
        fields.extend([const { String::new() }; 4]);
    }
    fields.extend([
        row.name(),
        row.method.clone(),
        row.url.clone(),
        row.submission.to_string(),
        row.created_at.rfc3339(),
    ]);
    for &group in columns.groups {
        let shown = row.of(group);
        for summary in RankedMetric::ALL.map(|metric| shown.map(|means| *means.of(metric))) {
            fields.push(number(summary.map(|summary| summary.mean())));
            if columns.std {
                fields.push(number(summary.and_then(|summary| Some(summary.exact()?.std))));
            }
        }
    }
    if let Some(placed) = &row.placed {
        fields.extend([placed.dice_rank_score.to_string(), placed.hd95_rank_score.to_string()]);
    } else if columns.placed {
        fields.extend([const { String::new() }; 2]);
    }
    fields
}

fn observers(observers: &Observers, columns: Columns) -> Vec<String> {
    let count = observers.all.count.map_or_else(String::new, |count| format!(", {count} values"));
    let whose = format!("inter-observer agreement of the {}{count}", observers.source.words());
    let url = observers.source.url().unwrap_or_default();
    let mut fields =
        ["", "", "", "", "Human annotators", &whose, url, "", ""].map(str::to_owned).to_vec();
    for reached in columns.groups.iter().map(|&group| observers.of_group(group)) {
        for metric in [|reached: &Agreement| reached.dice, |reached: &Agreement| reached.hd95] {
            fields.push(number(reached.map(|reached| metric(reached).mean)));
            if columns.std {
                fields.push(number(reached.and_then(|reached| metric(reached).std)));
            }
        }
    }
    fields.extend([String::new(), String::new()]);
    fields
}

fn number(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}
