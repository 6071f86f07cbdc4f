//! A leaderboard for a spreadsheet, unrounded.

use super::{Board, Row};
use crate::challenge::{Agreement, Group, Observers};
use crate::scoring::Pair;
use crate::text::csv_line;

/// A line for each entry, with the means of all cases and of each group; last one for what people reach, which
/// has no position, score, submission or moment.
pub fn csv(board: &Board) -> String {
    let mut head: Vec<String> = [
        "position",
        "rank_score",
        "dice_position",
        "hd95_position",
        "team",
        "method",
        "url",
        "submission",
        "created_at",
    ]
    .map(str::to_owned)
    .into();
    for group in ["all", "normal", "diseased"] {
        head.extend(
            ["dice_mean", "dice_std", "hd95_mean", "hd95_std"].map(|of| format!("{of}_{group}")),
        );
    }
    let mut text = line(&head);
    board.entries.iter().for_each(|row| text += &line(&fields(row)));
    text += &line(&observers(&board.observers));
    text
}

fn line(fields: &[String]) -> String {
    csv_line(&fields.iter().map(String::as_str).collect::<Vec<_>>())
}

fn fields(row: &Row) -> Vec<String> {
    let mut fields = vec![
        row.position.to_string(),
        row.rank_score.to_string(),
        row.dice_position.to_string(),
        row.hd95_position.to_string(),
        row.team.clone(),
        row.method.clone(),
        row.url.clone(),
        row.submission.to_string(),
        row.created_at.rfc3339(),
    ];
    for pair in [&row.aggregates.all, &row.aggregates.normal, &row.aggregates.diseased] {
        let of = |value: fn(&Pair) -> f64| number(pair.as_ref().map(value));
        fields.extend([
            of(|pair| pair.dice.mean),
            of(|pair| pair.dice.std),
            of(|pair| pair.hd95.mean),
            of(|pair| pair.hd95.std),
        ]);
    }
    fields
}

fn observers(observers: &Observers) -> Vec<String> {
    let mut fields = ["", "", "", "", "Human annotators", "inter-observer", "", "", ""]
        .map(str::to_owned)
        .to_vec();
    for reached in
        [None, Some(Group::Normal), Some(Group::Diseased)].map(|group| observers.of_group(group))
    {
        let of = |value: fn(&Agreement) -> Option<f64>| number(reached.and_then(value));
        fields.extend([
            of(|reached| Some(reached.dice.mean)),
            of(|reached| reached.dice.std),
            of(|reached| Some(reached.hd95.mean)),
            of(|reached| reached.hd95.std),
        ]);
    }
    fields
}

fn number(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}
