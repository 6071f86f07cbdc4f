//! Which entries of a leaderboard a reader looks at, and in which order: sorted, searched and cut into pages. Positions stay what
//! they are.

use std::cmp::Ordering;

use super::{Leaderboard, Row, SECONDARY, Secondary};
use crate::domain::{Group, RankedMetric, TeamId};
use crate::string_enum::string_enum;

/// So many entries on a page.
pub const PAGE: usize = 100;

string_enum! {
    /// What entries are sorted by: a metric by its key, or what else stands in a column. Secondary metrics are over all cases.
    Sort {
        Position = "position",
        Team = "team",
        Dice = "dice",
        DicePosition = "dice_position",
        Hd95 = "hd95",
        Hd95Position = "hd95_position",
        RankScore = "rank_score",
        Method = "method",
        Submitted = "created_at",
        ClDice = "cl_dice",
        SurfaceDice = "surface_dice",
        Precision = "precision",
        Recall = "recall",
    }
}

string_enum! {
    /// Of numbers, words and times.
    Order {
        Ascending = "asc",
        Descending = "desc",
    }
}

string_enum! {
    /// What a leaderboard's table shows of an entry.
    Columns {
        /// The official metrics over the chosen cases.
        Official = "official",
        /// The official metrics over normal and diseased cases beside each other.
        Groups = "groups",
        /// The secondary metrics over all cases as well.
        Secondary = "secondary",
    }
}

/// What a reader looks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Whose values are shown and sorted by.
    pub group: Option<Group>,
    /// By position where nothing is said.
    pub sort: Option<Sort>,
    /// The better first, or the first in the alphabet, where nothing is said.
    pub order: Option<Order>,
    /// Part of the name of a team or a method.
    pub search: String,
    /// From 1 on.
    pub page: usize,
}

/// What is shown of it.
#[derive(Debug)]
pub struct Listing<'a> {
    /// In the order that is wanted, those of the page: entries, and baselines among them.
    pub rows: Vec<&'a Row>,
    /// How many entries there are of what was searched for, on all pages.
    pub found: usize,
    /// The same of baselines.
    pub baselines: usize,
    pub pages: usize,
    /// The page that this is.
    pub page: usize,
    /// Before which of the rows the inter-observer agreement stands, the number of rows standing for their end; `None` where it is
    /// on another page, or entries are in an order that it has no place in.
    pub humans_before: Option<usize>,
}

impl Sort {
    /// In which order the best, or the first, comes first.
    pub fn natural(self) -> Order {
        match self {
            Self::Dice => Order::Descending,
            _ if self.secondary().is_some() => Order::Descending,
            _ => Order::Ascending,
        }
    }

    /// The metric that it is, if it is one.
    pub fn metric(self) -> Option<RankedMetric> {
        match self {
            Self::Dice => Some(RankedMetric::Dice),
            Self::Hd95 => Some(RankedMetric::Hd95),
            _ => None,
        }
    }

    /// The number of the metric among [`SECONDARY`], if it is one of these.
    pub fn secondary(self) -> Option<usize> {
        SECONDARY.iter().position(|metric| metric.key == self.as_str())
    }

    /// What numbers are sorted by; `None` where a row has none, or the column holds words.
    fn number(self, row: &Row, group: Option<Group>, secondary: &Secondary) -> Option<f64> {
        let placed = row.placed.as_ref();
        match self {
            Self::Position => placed.map(|of| of.position as f64),
            Self::DicePosition => placed.map(|of| of.dice_position as f64),
            Self::Hd95Position => placed.map(|of| of.hd95_position as f64),
            Self::RankScore => placed.map(|of| of.rank_score),
            Self::Dice | Self::Hd95 => Some(row.of(group)?.of(self.metric()?).mean()),
            Self::Team | Self::Method | Self::Submitted => None,
            Self::ClDice | Self::SurfaceDice | Self::Precision | Self::Recall => {
                secondary.get(&row.evaluation)?.get(self.secondary()?).copied()
            }
        }
    }

    /// Which of two rows comes first, where what has no value comes last in either order.
    fn compare(
        self,
        [a, b]: [&Row; 2],
        group: Option<Group>,
        order: Order,
        secondary: &Secondary,
    ) -> Ordering {
        let turned = |found: Ordering| match order {
            Order::Ascending => found,
            Order::Descending => found.reverse(),
        };
        let words = |of: fn(&Row) -> &str| of(a).to_lowercase().cmp(&of(b).to_lowercase());
        match self {
            Self::Team => turned(words(|row| &row.team)),
            Self::Method => turned(words(|row| &row.method)),
            Self::Submitted => turned(a.created_at.cmp(&b.created_at)),
            _ => match [a, b].map(|row| self.number(row, group, secondary)).into() {
                (Some(a), Some(b)) => turned(a.total_cmp(&b)),
                (a, b) => a.is_none().cmp(&b.is_none()),
            },
        }
    }
}

impl Wanted {
    /// Whether it is what everybody sees who asks for nothing.
    pub fn is_usual(&self) -> bool {
        *self == Self { group: self.group, page: 1, ..Self::default() }
    }

    /// What is sorted by, and in which order.
    pub fn sorted(&self) -> (Sort, Order) {
        let sort = self.sort.unwrap_or(Sort::Position);
        (sort, self.order.unwrap_or(sort.natural()))
    }

    fn finds(&self, row: &Row) -> bool {
        let search = self.search.to_lowercase();
        [&row.team, &row.method].iter().any(|text| text.to_lowercase().contains(&search))
    }

    /// The entries and baselines of a leaderboard in this order; equal ones in that of the leaderboard. By what a baseline doesn't
    /// have, a position, it comes last; only where the best position comes first it stands among the entries, by its mean Dice.
    fn all<'a>(&self, leaderboard: &'a Leaderboard, secondary: &Secondary) -> Vec<&'a Row> {
        let mut rows = leaderboard.with_baselines(self.group);
        if !self.search.is_empty() {
            rows.retain(|row| self.finds(row));
        }
        let (sort, order) = self.sorted();
        if (sort, order) != (Sort::Position, Order::Ascending) {
            rows.sort_by(|a, b| sort.compare([a, b], self.group, order, secondary));
        }
        rows
    }

    /// A page past the last one is the last one.
    pub fn of<'a>(&self, leaderboard: &'a Leaderboard, secondary: &Secondary) -> Listing<'a> {
        let rows = self.all(leaderboard, secondary);
        let (all, pages) = (rows.len(), rows.len().div_ceil(PAGE).max(1));
        let baselines = rows.iter().filter(|row| row.baseline).count();
        let page = self.page.clamp(1, pages);
        let start = (page - 1) * PAGE;
        let humans_before = self.place_of_humans(leaderboard, &rows).filter(|&place| {
            (start..start + PAGE).contains(&place) || (place == all && page == pages)
        });
        let humans_before = humans_before.map(|place| place - start);
        let rows = rows.into_iter().skip(start).take(PAGE).collect();
        Listing { rows, found: all - baselines, baselines, pages, page, humans_before }
    }

    /// Before which of all rows the inter-observer agreement stands, where the order has a place for it: by position or a metric,
    /// the best first.
    fn place_of_humans(&self, leaderboard: &Leaderboard, rows: &[&Row]) -> Option<usize> {
        let (sort, order) = self.sorted();
        let has_a_place = sort == Sort::Position || sort.metric().is_some();
        if !self.search.is_empty() || !has_a_place || order != sort.natural() {
            return None;
        }
        let metric = sort.metric().unwrap_or(RankedMetric::Dice);
        leaderboard.before_observers(rows.iter().copied(), metric, self.group)
    }

    /// On which page a team's entry is, if it is found.
    pub fn page_of(
        &self,
        leaderboard: &Leaderboard,
        secondary: &Secondary,
        team: TeamId,
    ) -> Option<usize> {
        let place = self.all(leaderboard, secondary).iter().position(|row| row.team_id == team)?;
        Some(place / PAGE + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Disclosure;
    use crate::leaderboard::made_up;
    use crate::store::Timestamp;

    /// A team at a position, with these values in one normal case.
    fn row(team: &str, method: &str, position: usize, dice: f64, hd95: f64) -> Row {
        let (id, cases, every_case) = (TeamId::new(), [Group::Normal], Disclosure::EveryCase);
        let row = made_up::row(team, id, position, [dice, hd95], &cases, every_case);
        Row { method: method.into(), ..row }
    }

    fn of(entries: Vec<Row>) -> Leaderboard {
        made_up::leaderboard(entries, Disclosure::EveryCase)
    }

    fn few() -> Leaderboard {
        of(vec![
            row("Zürich", "nnU-Net", 1, 0.9, 3.0),
            row("aachen", "U-Net", 2, 0.88, 9.0),
            row("Basel", "Transformer", 3, 0.8, 2.0),
        ])
    }

    fn teams(wanted: &Wanted, leaderboard: &Leaderboard) -> Vec<String> {
        wanted.of(leaderboard, &none()).rows.iter().map(|row| row.team.clone()).collect()
    }

    fn none() -> Secondary {
        Secondary::new()
    }

    fn wanted() -> Wanted {
        Wanted { page: 1, ..Wanted::default() }
    }

    #[test]
    fn the_better_comes_first_unless_the_order_is_turned() {
        let few = few();
        let by = |sort, order| teams(&Wanted { sort: Some(sort), order, ..wanted() }, &few);
        assert_eq!(teams(&wanted(), &few), ["Zürich", "aachen", "Basel"]);
        assert_eq!(by(Sort::Dice, None), ["Zürich", "aachen", "Basel"]);
        assert_eq!(by(Sort::Dice, Some(Order::Ascending)), ["Basel", "aachen", "Zürich"]);
        assert_eq!(by(Sort::Hd95, None), ["Basel", "Zürich", "aachen"]);
        assert_eq!(by(Sort::Team, None), ["aachen", "Basel", "Zürich"]);
        assert_eq!(by(Sort::Position, Some(Order::Descending)), ["Basel", "aachen", "Zürich"]);
    }

    #[test]
    fn what_has_no_value_comes_last_in_either_order() {
        let mut few = few();
        (few.entries[0].placed, few.entries[0].scored) = (None, None);
        for order in [None, Some(Order::Ascending), Some(Order::Descending)] {
            let found = teams(&Wanted { sort: Some(Sort::Dice), order, ..wanted() }, &few);
            assert_eq!(found.last().unwrap(), "Zürich");
        }
        // Nobody has a value of a group without cases: the order stays.
        let diseased = Wanted {
            group: Some(Group::Diseased),
            sort: Some(Sort::Hd95),
            order: Some(Order::Descending),
            ..wanted()
        };
        assert_eq!(teams(&diseased, &few), ["Zürich", "aachen", "Basel"]);
    }

    #[test]
    fn teams_and_methods_are_searched_whatever_their_case() {
        let few = few();
        let search = |text: &str| teams(&Wanted { search: text.into(), ..wanted() }, &few);
        assert_eq!(search("ZÜR"), ["Zürich"]);
        assert_eq!(search("u-net"), ["Zürich", "aachen"]);
        assert!(search("none").is_empty());
        assert_eq!(Wanted { search: "none".into(), ..wanted() }.of(&few, &none()).pages, 1);
    }

    #[test]
    fn pages_hold_all_entries_and_the_last_one_stands_for_those_after_it() {
        let many = of((0..250)
            .map(|at| row(&format!("team {at}"), "", at + 1, 0.9 - at as f64 / 1000.0, 1.0))
            .collect());
        let all: Vec<String> =
            (1..=3).flat_map(|page| teams(&Wanted { page, ..wanted() }, &many)).collect();
        assert_eq!(all.len(), 250);
        assert_eq!((all[0].as_str(), all[249].as_str()), ("team 0", "team 249"));
        let past = Wanted { page: 99, ..wanted() }.of(&many, &none());
        assert_eq!((past.page, past.pages, past.rows.len(), past.found), (3, 3, 50, 250));
        assert_eq!(wanted().page_of(&many, &none(), many.entries[120].team_id), Some(2));
        assert_eq!(wanted().page_of(&many, &none(), TeamId::new()), None);
        // Annotators reach 0.856: between 0.856, which is as good, and 0.855, on the first page alone.
        let humans = |page| Wanted { page, ..wanted() }.of(&many, &none()).humans_before;
        assert_eq!([humans(1), humans(2), humans(3)], [Some(45), None, None]);
    }

    #[test]
    fn annotators_stand_where_the_order_has_a_place_for_them() {
        let few = few();
        let humans = |sort, order| {
            Wanted { sort: Some(sort), order, ..wanted() }.of(&few, &none()).humans_before
        };
        // 0.874 and 4.45 mm in the normal case, which is all.
        assert_eq!(wanted().of(&few, &none()).humans_before, Some(2));
        assert_eq!(humans(Sort::Hd95, None), Some(2));
        assert_eq!(humans(Sort::Dice, Some(Order::Ascending)), None);
        assert_eq!(humans(Sort::Team, None), None);
        assert_eq!(Wanted { search: "a".into(), ..wanted() }.of(&few, &none()).humans_before, None);
        let better = of(vec![row("a", "", 1, 0.99, 1.0)]);
        assert_eq!(wanted().of(&better, &none()).humans_before, Some(1));
    }

    /// The few, with a baseline between the second and the third in Dice.
    fn with_a_baseline() -> Leaderboard {
        let baseline =
            |row: Row| Row { placed: None, baseline: true, created_at: Timestamp::now(), ..row };
        Leaderboard { baselines: vec![baseline(row("Org", "nnU-Net", 9, 0.85, 1.0))], ..few() }
    }

    #[test]
    fn a_baseline_stands_where_the_order_puts_it_and_last_where_it_has_no_value() {
        let lb = with_a_baseline();
        let by = |sort, order| teams(&Wanted { sort, order, ..wanted() }, &lb);
        let (asc, desc) = (Some(Order::Ascending), Some(Order::Descending));
        let usual = ["Zürich", "aachen", "Org", "Basel"];
        assert_eq!(by(None, None), usual);
        assert_eq!(by(Some(Sort::Position), asc), usual);
        assert_eq!(by(Some(Sort::Dice), None), usual);
        assert_eq!(by(Some(Sort::Dice), asc), ["Basel", "Org", "aachen", "Zürich"]);
        assert_eq!(by(Some(Sort::Hd95), None), ["Org", "Basel", "Zürich", "aachen"]);
        assert_eq!(by(Some(Sort::Team), None), ["aachen", "Basel", "Org", "Zürich"]);
        assert_eq!(by(Some(Sort::Position), desc), ["Basel", "aachen", "Zürich", "Org"]);
        assert_eq!(by(Some(Sort::RankScore), None), ["Zürich", "aachen", "Basel", "Org"]);
        let found = Wanted { search: "nnu".into(), ..wanted() }.of(&lb, &none());
        assert_eq!((found.found, found.baselines, found.rows.len()), (1, 1, 2));
        // The annotators reach 0.874: before the baseline.
        assert_eq!(wanted().of(&lb, &none()).humans_before, Some(2));
    }

    #[test]
    fn where_no_scores_are_shown_baselines_stand_by_when_they_came() {
        let mut lb = with_a_baseline();
        lb.disclosure = Disclosure::Hidden;
        let bare = |row: Row, minute: i64| Row {
            placed: None,
            scored: None,
            created_at: Timestamp::parse(&format!("2026-11-01T09:0{minute}:00Z")).unwrap(),
            ..row
        };
        let entries = std::mem::take(&mut lb.entries);
        lb.entries = entries.into_iter().zip([1, 3, 5]).map(|(row, at)| bare(row, at)).collect();
        lb.baselines = lb.baselines.drain(..).map(|row| bare(row, 4)).collect();
        let usual = ["Zürich", "aachen", "Org", "Basel"];
        assert_eq!(teams(&wanted(), &lb), usual);
        for &sort in Sort::ALL {
            if !matches!(sort, Sort::Team | Sort::Method | Sort::Submitted) {
                let sorted = Wanted { sort: Some(sort), ..wanted() };
                assert_eq!(teams(&sorted, &lb), usual, "{sort}");
            }
        }
    }

    #[test]
    fn secondary_metrics_sort_all_rows_where_they_are_known() {
        let lb = with_a_baseline();
        let all: Vec<&Row> = lb.all_rows().collect();
        let known: Secondary = (all.iter().zip([0.2, 0.8, 0.4, 0.6]))
            .map(|(row, mean)| (row.evaluation, [mean, 1.0 - mean, 0.5, 0.5]))
            .collect();
        let by = |sort, order, known: &Secondary| -> Vec<String> {
            let wanted = Wanted { sort: Some(sort), order, ..wanted() };
            wanted.of(&lb, known).rows.iter().map(|row| row.team.clone()).collect()
        };
        assert_eq!(by(Sort::ClDice, None, &known), ["aachen", "Org", "Basel", "Zürich"]);
        assert_eq!(by(Sort::SurfaceDice, None, &known), ["Zürich", "Basel", "Org", "aachen"]);
        let asc = Some(Order::Ascending);
        assert_eq!(by(Sort::ClDice, asc, &known), ["Zürich", "Basel", "Org", "aachen"]);
        // Equal values, and values that are not shown, leave the order as it is.
        for (sort, known) in [(Sort::Recall, &known), (Sort::ClDice, &none())] {
            assert_eq!(by(sort, None, known), ["Zürich", "aachen", "Org", "Basel"]);
        }
    }
}
