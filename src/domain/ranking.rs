//! The rules of a phase's ranking, as they are written and said; `challenge_ranking` carries them out.

use crate::string_enum::string_enum;

string_enum! {
    /// Which of a team's entries the ranking takes.
    Counting { Best = "best", Latest = "latest", All = "all" }

    /// What the final position is by.
    Scheme {
        /// The mean of the positions in mean Dice and in mean HD95, as grand-challenge does by default.
        MeanOfPositions = "mean_of_positions",
        /// The position in mean Dice alone.
        DiceOnly = "dice_only",
        /// The mean of the positions in every case and metric.
        RankThenAggregate = "rank_then_aggregate",
        /// The mean of the positions by how many entries one is significantly better than, in Dice and in
        /// HD95 (test-then-rank in Wiesenfarth et al. 2021).
        TestThenRank = "test_then_rank",
    }
}

impl Scheme {
    /// What [`RankedEntry::score`](challenge_ranking::RankedEntry::score) is.
    pub fn score_name(self) -> &'static str {
        match self {
            Self::MeanOfPositions => "Mean position",
            Self::DiceOnly => "Position in Dice",
            Self::RankThenAggregate => "Mean position in cases",
            Self::TestThenRank => "Mean position in tests",
        }
    }

    /// The rule in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::MeanOfPositions => {
                "Ranked by the mean of two positions: in mean Dice (larger is better) and in mean HD95 (ASOCA, all voxels; \
                 smaller is better) over all cases."
            }
            Self::DiceOnly => {
                "Ranked by mean Dice over all cases (larger is better); HD95 (ASOCA, all voxels) is shown, \
                 but doesn’t count."
            }
            Self::RankThenAggregate => {
                "Each case has a position by Dice (larger is better) and one by HD95 (ASOCA, all voxels; smaller is \
                 better); ranked by the mean of all these positions."
            }
            Self::TestThenRank => {
                "Every pair of entries is compared case by case (Wilcoxon’s signed-rank test, one-sided and exact, \
                 adjusted after Holm at 5 %); ranked by the mean of two positions: by the number of entries that an \
                 entry beats significantly in Dice, and in HD95 (ASOCA, all voxels)."
            }
        }
    }
}

impl Counting {
    /// The rule in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Best => "The best-placed submission of each team counts.",
            Self::Latest => "The latest submission of each team counts.",
            Self::All => "Every submission counts.",
        }
    }
}

impl From<Scheme> for challenge_ranking::Scheme {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::MeanOfPositions => Self::MeanOfPositions,
            Scheme::DiceOnly => Self::FirstMetric,
            Scheme::RankThenAggregate => Self::RankThenAggregate,
            Scheme::TestThenRank => Self::TestThenRank,
        }
    }
}

impl From<Counting> for challenge_ranking::Counting {
    fn from(counting: Counting) -> Self {
        match counting {
            Counting::Best => Self::Best,
            Counting::Latest => Self::Latest,
            Counting::All => Self::All,
        }
    }
}
