//! What a reader may be shown of numbers that come from the hidden truth.
//!
//! The store gives such numbers out as [`Withheld`], which can't be printed, compared or serialised. To be shown they
//! have to pass a [`Disclosure`]: as rounded means (`scoring::shown`), or as they are, where it hands out [`Exact`].

use super::{Action, Actor, Feedback, PerMetric, may};
use crate::string_enum::string_enum;

string_enum! {
    /// How much of the scores an answer holds.
    Disclosure {
        /// That a submission is there and has been scored.
        Hidden = "hidden",
        /// Rounded means over all cases, of those submissions that were better than what their team had before.
        Improved = "improved",
        /// Rounded means over all cases and each group of them.
        Rounded = "rounded",
        /// Every aggregate and the analysis, as they are; no value of a single case.
        Exact = "exact",
        /// Everything.
        EveryCase = "every_case",
    }
}

/// Allows to look at numbers as they are. Only a [`Disclosure`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Exact(());

/// Numbers that come from the hidden truth.
#[derive(Clone, Copy)]
pub struct Withheld<T>(T);

impl<T> Withheld<T> {
    pub fn new(numbers: T) -> Self {
        Self(numbers)
    }

    /// The numbers as they are.
    pub fn open(&self, _: Exact) -> &T {
        &self.0
    }

    /// The numbers, for the modules that round them.
    pub(crate) fn to_round(&self) -> &T {
        &self.0
    }
}

impl<V: AsRef<[PerMetric<f64>]>> Withheld<V> {
    /// Of how many cases the numbers are: that is for everybody.
    pub fn cases(&self) -> usize {
        self.0.as_ref().len()
    }
}

impl<T> std::fmt::Debug for Withheld<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("withheld")
    }
}

impl Disclosure {
    /// Of a team's own submission while the phase's results are not final.
    pub fn to_team(feedback: Feedback) -> Self {
        match feedback {
            Feedback::Hidden => Self::Hidden,
            Feedback::Improved => Self::Improved,
            Feedback::Rounded => Self::Rounded,
            Feedback::PerCase => Self::EveryCase,
        }
    }

    /// Of everybody's entries while the phase's results are not final.
    pub fn to_everybody(feedback: Feedback, cases_public: bool) -> Self {
        match feedback {
            Feedback::PerCase => Self::of_results(cases_public),
            feedback => Self::to_team(feedback),
        }
    }

    /// Of results that are final, or of a published snapshot.
    pub fn of_results(cases_public: bool) -> Self {
        if cases_public { Self::EveryCase } else { Self::Exact }
    }

    /// Everything, where `actor` may organise.
    pub fn to_organiser(actor: &Actor) -> Option<Self> {
        may(actor, Action::Organise).is_ok().then_some(Self::EveryCase)
    }

    /// Whether numbers are shown as they are.
    pub fn exact(self) -> Option<Exact> {
        match self {
            Self::Hidden | Self::Improved | Self::Rounded => None,
            Self::Exact | Self::EveryCase => Some(Exact(())),
        }
    }

    /// Whether values of single cases are shown.
    pub fn every_case(self) -> Option<Exact> {
        (self == Self::EveryCase).then_some(Exact(()))
    }
}

impl Feedback {
    /// What it means for a team, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Hidden => {
                "While the phase is open you see whether a submission is valid, and why not; scores are shown \
                 once the results are final."
            }
            Self::Improved => {
                "While the phase is open a score is shown only when it is better than your team's best by at least \
                 0.002 in mean Dice or 0.2 mm in mean HD95; of any other submission you see that it is not better."
            }
            Self::Rounded => {
                "While the phase is open mean Dice is shown to 3 decimals and mean HD95 to 1 decimal; everything else \
                 once the results are final."
            }
            Self::PerCase => {
                "You see all numbers of your own submissions, including those of single cases."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_withheld_does_not_show_when_it_is_printed() {
        assert_eq!(format!("{:?}", Withheld::new([0.75, 2.5])), "withheld");
    }

    #[test]
    fn numbers_are_opened_only_where_the_level_is_exact() {
        for (level, exact, cases) in [
            (Disclosure::Hidden, false, false),
            (Disclosure::Improved, false, false),
            (Disclosure::Rounded, false, false),
            (Disclosure::Exact, true, false),
            (Disclosure::EveryCase, true, true),
        ] {
            assert_eq!(
                (level.exact().is_some(), level.every_case().is_some()),
                (exact, cases),
                "{level}"
            );
        }
    }

    #[test]
    fn everybody_sees_no_more_of_an_entry_than_its_team_does() {
        for &feedback in Feedback::ALL {
            for cases_public in [false, true] {
                let everybody = Disclosure::to_everybody(feedback, cases_public);
                assert!(everybody <= Disclosure::to_team(feedback), "{feedback}");
            }
        }
        assert_eq!(Disclosure::to_everybody(Feedback::PerCase, false), Disclosure::Exact);
    }
}
