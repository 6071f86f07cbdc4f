//! Which submissions organisers should look at: those that look like probes of the hidden truth rather than like a
//! method's results, and those that two teams have sent. The rules stand in docs/feedback.md; a flag is a reason
//! to look and nothing more, and no team ever sees one.

use crate::domain::{SubmissionId, TeamId};
use std::collections::HashSet;

use crate::string_enum::string_enum;

/// Below this part of the truth's voxels a mask is tiny.
const TINY: f64 = 0.02;
/// The same where the truth's voxels were not counted.
const TINY_VOXELS: i64 = 20;
/// Above so many times the truth's voxels a mask is huge.
const HUGE: f64 = 20.0;
/// A Dice below this is hardly an overlap,
const NO_OVERLAP: f64 = 0.01;
/// and one from this on is a real result.
const OVERLAP: f64 = 0.3;
/// So large a part of the cases is few.
const FEW_PERCENT: usize = 15;
/// So many changes of few cases are a series.
const SERIES: usize = 3;
/// More of one kind are not told.
const MAX_OTHERS: usize = 5;

string_enum! {
    /// Why a submission is flagged.
    FlagKind {
        /// Every mask is that of an earlier submission of another team.
        SameMasks = "same_masks",
        /// Some masks are.
        SharedMasks = "shared_masks",
        /// Masks that are far smaller or far larger than any vessel tree of the case.
        ProbeSizes = "probe_sizes",
        /// Masks that miss the vessels, beside others that don't.
        NoOverlap = "no_overlap",
        /// Masks with the same number of voxels.
        EqualSizes = "equal_sizes",
        /// An earlier submission with a probe in place of a mask or a few.
        CaseReplaced = "case_replaced",
        /// One of several that each change few cases of an earlier one.
        FewCasesChanged = "few_cases_changed",
    }
}

/// What a team sent for a case, and how it scored.
#[derive(Clone, Debug)]
pub struct SentCase {
    pub id: String,
    pub voxels: i64,
    pub dice: f64,
    /// Voxels of the truth, where they were counted.
    pub truth_voxels: Option<i64>,
}

/// An earlier submission with some of the same masks.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub submission: SubmissionId,
    pub team: TeamId,
    /// Whose masks are the same.
    pub cases: HashSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    pub kind: FlagKind,
    /// The submission it is like.
    pub other: Option<SubmissionId>,
    /// How many cases, or in a series how many submissions, it is about.
    pub count: usize,
}

/// What comes of looking at a submission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspected {
    pub flags: Vec<Flag>,
    /// Whether it changes only few cases of an earlier one of its team.
    pub small_change: bool,
}

impl SentCase {
    fn is_odd_size(&self) -> bool {
        match self.truth_voxels {
            Some(truth) => {
                let (sent, truth) = (self.voxels as f64, truth as f64);
                sent < TINY * truth || sent > HUGE * truth
            }
            None => self.voxels < TINY_VOXELS,
        }
    }

    fn is_missed(&self) -> bool {
        self.dice < NO_OVERLAP
    }
}

/// As many of `cases` as a method may get wrong without looking like a probe.
fn few(cases: usize) -> usize {
    (cases * FEW_PERCENT / 100).max(1)
}

/// Looks at what a team sent, and at earlier submissions with some of the same masks, newest first. `changes` is how
/// many of the team's earlier ones were small changes.
pub fn inspect(sent: &[SentCase], team: TeamId, earlier: &[Earlier], changes: usize) -> Inspected {
    let mut inspected = Inspected::default();
    if sent.is_empty() {
        return inspected;
    }
    let flags = &mut inspected.flags;
    let mut flag = |kind, other, count| flags.push(Flag { kind, other, count });
    let few = few(sent.len());

    // A team whose masks are all the same is not told again for some of them.
    let mut teams = HashSet::new();
    for (kind, all) in [(FlagKind::SameMasks, true), (FlagKind::SharedMasks, false)] {
        // The oldest of each team: where the masks come from.
        let others = earlier.iter().rev().filter(|other| {
            other.team != team
                && (other.cases.len() >= sent.len()) == all
                && teams.insert(other.team)
        });
        let others: Vec<&Earlier> = others.take(MAX_OTHERS).collect();
        for other in others {
            flag(kind, Some(other.submission), other.cases.len());
        }
    }

    let odd = sent.iter().filter(|case| case.is_odd_size()).count();
    if odd > few {
        flag(FlagKind::ProbeSizes, None, odd);
    }
    let missed = sent.iter().filter(|case| case.is_missed()).count();
    if missed > few && sent.iter().any(|case| case.dice >= OVERLAP) {
        flag(FlagKind::NoOverlap, None, missed);
    }
    let mut sizes: Vec<i64> = sent.iter().map(|case| case.voxels).collect();
    sizes.sort_unstable();
    let equal = sizes.chunk_by(|a, b| a == b).map(<[i64]>::len).max().unwrap_or(0);
    if equal > few.max(2) {
        flag(FlagKind::EqualSizes, None, equal);
    }

    let changed = |other: &Earlier| sent.len().saturating_sub(other.cases.len());
    let own = earlier.iter().filter(|other| other.team == team && changed(other) > 0);
    if let Some(nearest) = own.min_by_key(|other| changed(other)).filter(|own| changed(own) <= few)
    {
        let mut new = sent.iter().filter(|case| !nearest.cases.contains(&case.id));
        if new.any(|case| case.is_odd_size() || case.is_missed()) {
            flag(FlagKind::CaseReplaced, Some(nearest.submission), changed(nearest));
        }
        if changes + 1 >= SERIES {
            flag(FlagKind::FewCasesChanged, Some(nearest.submission), changes + 1);
        }
        inspected.small_change = true;
    }
    inspected
}

impl FlagKind {
    /// What an organiser reads; `count` as in [`Flag`].
    pub fn sentence(self, count: i64) -> String {
        let masks = if count == 1 { "1 mask".to_owned() } else { format!("{count} masks") };
        match self {
            Self::SameMasks => "Every mask was sent before by another team".into(),
            Self::SharedMasks => format!("{masks} sent before by another team"),
            Self::ProbeSizes => format!(
                "{masks} with less than 2 % of the truth's voxels, or more than 20 times as many"
            ),
            Self::NoOverlap => format!("{masks} with a Dice below 0.01 while others are good"),
            Self::EqualSizes => format!("{masks} with exactly the same number of voxels"),
            Self::CaseReplaced => format!(
                "Equals an earlier submission of the team except for {masks} that are nearly empty or off target"
            ),
            Self::FewCasesChanged => {
                format!(
                    "One of {count} submissions of the team that each change only few cases of an earlier one"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const TEAM: TeamId = TeamId::from_uuid(Uuid::from_u128(1));

    /// Twenty cases of about 50 000 voxels, as a good method has them.
    fn good() -> Vec<SentCase> {
        let case = |at: i64| SentCase {
            id: at.to_string(),
            voxels: 48_000 + 137 * at,
            dice: 0.8 + at as f64 / 200.0,
            truth_voxels: Some(50_000 + 311 * at),
        };
        (0..20).map(case).collect()
    }

    fn earlier(submission: u128, team: TeamId, same: std::ops::Range<usize>) -> Earlier {
        let cases = same.map(|at| at.to_string()).collect();
        Earlier { submission: SubmissionId::from_uuid(Uuid::from_u128(submission)), team, cases }
    }

    fn kinds(sent: &[SentCase], earlier: &[Earlier], changes: usize) -> Vec<FlagKind> {
        inspect(sent, TEAM, earlier, changes).flags.into_iter().map(|flag| flag.kind).collect()
    }

    fn spoilt(
        cases: std::ops::Range<usize>,
        spoil: impl Fn(usize, &mut SentCase),
    ) -> Vec<SentCase> {
        let mut sent = good();
        cases.for_each(|at| spoil(at, &mut sent[at]));
        sent
    }

    #[test]
    fn a_method_that_does_badly_or_fails_in_a_few_cases_is_not_flagged() {
        assert_eq!(kinds(&good(), &[], 0), []);
        let failed = spoilt(0..3, |_, case| (case.voxels, case.dice) = (5, 0.0));
        assert_eq!(kinds(&failed, &[], 0), []);
        let useless = spoilt(0..20, |_, case| case.dice = 0.004);
        assert_eq!(kinds(&useless, &[], 0), []);
        let leaky = spoilt(0..20, |_, case| case.voxels *= 8);
        assert_eq!(kinds(&leaky, &[], 0), []);
    }

    #[test]
    fn tiny_huge_and_misplaced_masks_are_flagged() {
        let corner = |_: usize, case: &mut SentCase| (case.voxels, case.dice) = (1, 0.0);
        let flagged = kinds(&spoilt(5..20, corner), &[], 0);
        assert_eq!(flagged, [FlagKind::ProbeSizes, FlagKind::NoOverlap, FlagKind::EqualSizes]);
        let blobs = |_: usize, case: &mut SentCase| case.dice = 0.0;
        assert_eq!(kinds(&spoilt(0..9, blobs), &[], 0), [FlagKind::NoOverlap]);
        const PRIMES: [i64; 20] = [
            101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181,
            191, 193, 197,
        ];
        let primes =
            |at: usize, case: &mut SentCase| (case.voxels, case.dice) = (PRIMES[at], 0.003);
        assert_eq!(kinds(&spoilt(0..20, primes), &[], 0), [FlagKind::ProbeSizes]);
        let all = |_: usize, case: &mut SentCase| (case.voxels, case.dice) = (60_000_000, 0.002);
        let flagged = kinds(&spoilt(0..20, all), &[], 0);
        assert_eq!(flagged, [FlagKind::ProbeSizes, FlagKind::EqualSizes]);
    }

    #[test]
    fn masks_of_another_team_are_flagged_with_where_they_were_first() {
        let (ours, theirs) = (TEAM, TeamId::from_uuid(Uuid::from_u128(2)));
        let all = [earlier(9, theirs, 0..20), earlier(8, theirs, 0..20)];
        let flags = inspect(&good(), TEAM, &all, 0).flags;
        let first = Flag {
            kind: FlagKind::SameMasks,
            other: Some(SubmissionId::from_uuid(Uuid::from_u128(8))),
            count: 20,
        };
        assert_eq!(flags, [first]);
        assert_eq!(kinds(&good(), &[earlier(8, theirs, 0..1)], 0), [FlagKind::SharedMasks]);
        assert_eq!(kinds(&good(), &[earlier(8, ours, 0..20)], 0), [], "sent again by itself");
    }

    #[test]
    fn a_probe_in_place_of_a_mask_is_flagged_at_once_and_better_masks_only_in_a_series() {
        let before = [earlier(8, TEAM, 1..20)];
        let corner = spoilt(0..1, |_, case| (case.voxels, case.dice) = (1, 0.0));
        assert_eq!(kinds(&corner, &before, 0), [FlagKind::CaseReplaced]);
        let fixed = inspect(&good(), TEAM, &before, 1);
        assert_eq!(fixed, Inspected { flags: Vec::new(), small_change: true });
        assert_eq!(kinds(&good(), &before, 2), [FlagKind::FewCasesChanged]);
        // Other masks in most cases are another result.
        let other = inspect(&good(), TEAM, &[earlier(8, TEAM, 0..16)], 9);
        assert_eq!(other, Inspected::default());
    }
}
