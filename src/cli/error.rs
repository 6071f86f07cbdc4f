use std::fmt::{self, Display};
use std::process::ExitCode;

use crate::domain::{Cause, Error, Problem, causes, some_of};
use crate::scoring::PreflightError;

/// Why a command did not do its work, in one sentence, and what the shell is told.
#[derive(Debug)]
pub struct CliError {
    exit: u8,
    sentence: String,
}

impl CliError {
    /// What was given to the command can't be used.
    pub fn input(what: impl Display, why: impl Display) -> Self {
        Self { exit: 2, sentence: format!("{what}: {why}") }
    }

    /// The machine, the database or the network is not as it has to be.
    pub fn server(what: impl Display, why: impl Display) -> Self {
        Self { exit: 4, sentence: format!("{what}: {why}") }
    }

    /// All that is wrong with submissions, if anything is.
    pub fn of_submissions<'a, T: 'a>(
        outcomes: impl Iterator<Item = (&'a String, &'a Result<T, PreflightError>)>,
    ) -> Result<(), Self> {
        let sentences: Vec<String> = outcomes
            .filter_map(|(name, outcome)| match outcome {
                Ok(_) => None,
                Err(PreflightError::Invalid(problems)) => Some(all_of(name, problems)),
                Err(PreflightError::Io(error)) => Some(format!("{name}: {error}")),
            })
            .collect();
        if sentences.is_empty() {
            return Ok(());
        }
        Err(Self { exit: 2, sentence: sentences.join("\n") })
    }

    /// All that is wrong with what was given.
    pub fn invalid(what: impl Display, problems: &[Problem]) -> Self {
        Self { exit: 2, sentence: all_of(&what.to_string(), problems) }
    }

    /// What a service refused, or could not do.
    pub fn of(error: &Error) -> Self {
        if let Some(cause) = error.cause() {
            return Self::server(error.title(), cause);
        }
        let line = |Problem { expected, found, hint, .. }: &Problem| {
            format!("expected {expected}; found {found}: {hint}")
        };
        let sentence = error.problems.iter().map(line).collect::<Vec<_>>().join("\n");
        Self { exit: 2, sentence }
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }
}

/// What is wrong with what is called so: a paragraph for each cause.
fn all_of(name: &str, problems: &[Problem]) -> String {
    let causes = causes(problems);
    let count = match (problems.len(), causes.len()) {
        (1, _) => "a problem".to_owned(),
        (problems, 1) => format!("{problems} problems with one cause"),
        (problems, causes) if causes == problems => format!("{problems} problems"),
        (problems, causes) => format!("{problems} problems with {causes} causes"),
    };
    let paragraphs = causes.iter().map(|cause| paragraph(cause).join("\n    "));
    let head = format!("{name} has {count}:");
    [head].into_iter().chain(paragraphs).collect::<Vec<_>>().join("\n  ")
}

/// Lines about a cause, the first of them its title. Of many files some are named.
fn paragraph(cause: &Cause) -> Vec<String> {
    let file = cause.file().map(|file| format!("{file}: ")).unwrap_or_default();
    let mut lines = vec![format!("{file}{} [{}]", cause.title, cause.code), cause.advice()];
    let listed = cause.listed();
    match listed.as_slice() {
        [] => {}
        _ if cause.is_alike() => lines.push(format!("Files: {}.", some_of(&cause.files))),
        [first, _, _, _, ..] if cause.file().is_none() => {
            lines.push(format!("Files: {}.", some_of(&cause.files)));
            lines.push(format!("For instance {first}."));
        }
        _ => lines.extend(listed),
    }
    lines.extend(cause.consequence());
    lines
}

impl Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<crate::store::StoreError> for CliError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::server("the database", error)
    }
}
