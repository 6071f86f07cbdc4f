//! The readers whose predictions a synthetic challenge ranks.

/// A way to get a coronary tree nearly right, or wrong in one typical manner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// The whole tree, its wall off by a fraction of a voxel.
    NearPerfect,
    /// Stops where vessels become finer than about 1.2 mm.
    DistalLost,
    /// The whole tree, broken by gaps of a few millimetres.
    Fragmented,
    /// The whole tree, drawn too thin.
    Thin,
    /// The whole tree, drawn too thick.
    Thick,
    /// Misses most side branches of one tree and the end of its main vessel.
    MissedBranches,
    /// Leaks from the ostia into the aorta and from arteries into veins beside them.
    Leaky,
    /// Follows the right coronary for its first centimetres only.
    RightLost,
    /// Adds islands of false foreground far from any artery.
    Speckled,
    /// The whole tree, shifted by a voxel or two.
    Shifted,
}

impl Method {
    /// Every method, in the expected order of the mean Dice, best first. HD95 orders them
    /// otherwise: a shifted tree is off by little everywhere, a lost one by much.
    pub const ALL: [Self; 10] = [
        Self::NearPerfect,
        Self::DistalLost,
        Self::Fragmented,
        Self::Thin,
        Self::Thick,
        Self::MissedBranches,
        Self::Leaky,
        Self::RightLost,
        Self::Speckled,
        Self::Shifted,
    ];

    /// A short name, fit for a file or a team.
    pub fn name(self) -> &'static str {
        match self {
            Self::NearPerfect => "near-perfect",
            Self::DistalLost => "distal-lost",
            Self::Fragmented => "fragmented",
            Self::Thin => "thin",
            Self::Thick => "thick",
            Self::Leaky => "leaky",
            Self::MissedBranches => "missed-branches",
            Self::Speckled => "speckled",
            Self::RightLost => "right-lost",
            Self::Shifted => "shifted",
        }
    }

    /// One line on what it does.
    pub fn description(self) -> &'static str {
        match self {
            Self::NearPerfect => "the whole tree, its wall off by a fraction of a voxel",
            Self::DistalLost => "stops where vessels become finer than about 1.2 mm",
            Self::Fragmented => "the whole tree, broken by gaps of a few millimetres",
            Self::Thin => "the whole tree, drawn too thin",
            Self::Thick => "the whole tree, drawn too thick",
            Self::Leaky => {
                "leaks from the ostia into the aorta and from arteries into veins beside them"
            }
            Self::MissedBranches => {
                "misses most side branches of one tree and the end of its main vessel"
            }
            Self::Speckled => "adds islands of false foreground far from any artery",
            Self::RightLost => "follows the right coronary for its first centimetres only",
            Self::Shifted => "the whole tree, shifted by a voxel or two",
        }
    }
}
