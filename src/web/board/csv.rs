//! A leaderboard for a spreadsheet, unrounded.

use super::{Board, Row};
use crate::scoring::Pair;
use crate::text::csv_line;

/// A line for each entry, with the means of all cases and of each group.
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
        let of = |value: fn(&Pair) -> f64| {
            pair.as_ref().map(value).map_or(String::new(), |x| x.to_string())
        };
        fields.extend([
            of(|pair| pair.dice.mean),
            of(|pair| pair.dice.std),
            of(|pair| pair.hd95.mean),
            of(|pair| pair.hd95.std),
        ]);
    }
    fields
}
