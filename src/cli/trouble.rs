use std::fmt::{self, Display};
use std::process::ExitCode;

use crate::challenge::Problem;

/// Why a command did not do its work, in one sentence, and what the shell is told.
#[derive(Debug)]
pub struct Trouble {
    exit: u8,
    sentence: String,
}

impl Trouble {
    /// What was given to the command can't be used.
    pub fn input(what: impl Display, why: impl Display) -> Self {
        Self { exit: 2, sentence: format!("{what}: {why}") }
    }

    /// The machine, the database or the network is not as it has to be.
    pub fn server(what: impl Display, why: impl Display) -> Self {
        Self { exit: 4, sentence: format!("{what}: {why}") }
    }

    /// Everything that is wrong with an upload.
    pub fn problems(what: impl Display, problems: &[Problem]) -> Self {
        let mut sentence = match problems.len() {
            1 => format!("{what} has a problem:"),
            count => format!("{what} has {count} problems:"),
        };
        for Problem { file, code, expected, found, hint } in problems {
            let file = file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default();
            sentence += &format!(
                "\n  {file}{} [{code}]\n    Expected {expected}; found {found}. {hint}",
                code.title()
            );
        }
        Self { exit: 2, sentence }
    }

    /// Several, one below the other.
    pub fn all(troubles: impl IntoIterator<Item = Trouble>) -> Option<Self> {
        let both = |one: Trouble, other: Trouble| Trouble {
            exit: one.exit.max(other.exit),
            sentence: format!("{}\n{}", one.sentence, other.sentence),
        };
        troubles.into_iter().reduce(both)
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<crate::store::StoreError> for Trouble {
    fn from(error: crate::store::StoreError) -> Self {
        Self::server("the database", error)
    }
}
