//! Every SQL statement of the store, prepared on both engines, so that a column, a table or a parameter that is not
//! there fails here and not in front of somebody.
//!
//! The statements are found in the source of `src/store`: every literal, constant, `concat!` and macro that gives a
//! text beginning with one of SQL's verbs, macros written out with their arguments. Beside that every call of
//! `sqlx::query`, `query_as` and `query_scalar` has to be accounted for: its text is among those that were found,
//! and has as many parameters as are bound, or it is one of the few that are chosen at run time, from texts that
//! were found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use asoca::store::Store;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use sqlx::postgres::PgTypeInfo;
use sqlx::{AssertSqlSafe, Either, Executor, SqlSafeStr, Statement};
use test_support::{Database, on_both_engines};

on_both_engines! {
    every_statement_of_the_store_can_be_prepared,
}

/// What one of the engines alone has words for.
const POSTGRES_ONLY: [&str; 5] = [
    "for update skip locked",
    "for share",
    "pg_advisory_xact_lock",
    "refuse_change()",
    "jsonb_array_elements_text(",
];
const POSTGRES_CLOCK: &str = "select clock_timestamp()";
const SQLITE_ONLY: [&str; 3] = ["strftime(", "raise(abort", "json_each("];

/// Calls whose text is a variable: file, and name. Each is one of several literals of the same function.
const CHOSEN_AT_RUN_TIME: [(&str, &str); 17] = [
    ("anonymise.rs", "text"),
    ("audit.rs", "text"),
    ("audit_names.rs", "text"),
    ("clock.rs", "text"),
    ("decisions.rs", "text"),
    ("flags.rs", "text"),
    ("locks.rs", "$text"),
    ("methods.rs", "text"),
    ("outbox.rs", "text"),
    ("phases.rs", "text"),
    ("queue.rs", "text"),
    ("quota.rs", "text"),
    ("queue.rs", "truth_set_of_phase"),
    ("ranked.rs", "text"),
    ("results.rs", "text"),
    ("submissions.rs", "text"),
    ("users.rs", "role"),
];

struct Found {
    file: String,
    text: String,
    /// How many values are bound to it where it is called with its text in place.
    bound: Option<usize>,
}

/// An arm of a macro: the names of its parameters, and its body.
type Arm = (Vec<String>, Vec<TokenTree>);

/// What the sources define.
#[derive(Default)]
struct Defined {
    /// By file and name.
    constants: BTreeMap<(String, String), String>,
    /// By file and name.
    macros: BTreeMap<(String, String), Vec<Arm>>,
}

#[derive(Default)]
struct Scan {
    defined: Defined,
    found: Vec<Found>,
    calls: usize,
    unaccounted: Vec<String>,
    /// How often the name of the calls stands in the sources, for who only looks for it.
    named: usize,
}

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    files
}

impl Scan {
    fn of_the_store() -> Self {
        let mut scan = Self::default();
        let mut named = 0;
        let files: Vec<(String, Vec<TokenTree>)> = sources()
            .iter()
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let text = std::fs::read_to_string(path).unwrap();
                named += text.matches("sqlx::query").count();
                let tokens: TokenStream = text.parse().unwrap();
                (name, without_tests(tokens.into_iter().collect()))
            })
            .collect();
        for (file, tokens) in &files {
            scan.define_macros(file, tokens);
        }
        for (file, tokens) in &files {
            scan.define_constants(file, tokens);
        }
        for (file, tokens) in &files {
            scan.walk(file, tokens, 0);
        }
        scan.named = named;
        scan
    }

    fn define_macros(&mut self, file: &str, tokens: &[TokenTree]) {
        for at in 0..tokens.len() {
            let [
                TokenTree::Ident(word),
                TokenTree::Punct(_),
                TokenTree::Ident(name),
                TokenTree::Group(arms),
            ] = tokens.get(at..at + 4).unwrap_or_default()
            else {
                continue;
            };
            if word != "macro_rules" {
                continue;
            }
            let arms: Vec<TokenTree> = arms.stream().into_iter().collect();
            let arms = arms.split(|token| is_punct(token, ';')).filter_map(|arm| {
                let [TokenTree::Group(pattern), .., TokenTree::Group(body)] = arm else {
                    return None;
                };
                let parameters = parameters(pattern.stream());
                Some((parameters, body.stream().into_iter().collect()))
            });
            self.defined.macros.insert((file.into(), name.to_string()), arms.collect());
        }
    }

    /// Those whose value is one text.
    fn define_constants(&mut self, file: &str, tokens: &[TokenTree]) {
        for at in 0..tokens.len() {
            let (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name))) =
                (tokens.get(at), tokens.get(at + 1))
            else {
                continue;
            };
            if word != "const" {
                continue;
            }
            let rest = &tokens[at..];
            let (Some(equals), Some(end)) = (
                rest.iter().position(|token| is_punct(token, '=')),
                rest.iter().position(|token| is_punct(token, ';')),
            ) else {
                continue;
            };
            if let Some(text) = rest.get(equals + 1..end).and_then(|value| self.text(file, value)) {
                self.defined.constants.insert((file.into(), name.to_string()), text);
            }
        }
    }

    /// The text that an expression stands for, if it is a literal, a `concat!` or a macro of the store.
    fn text(&self, file: &str, tokens: &[TokenTree]) -> Option<String> {
        match tokens {
            [TokenTree::Literal(literal)] => unquoted(&literal.to_string()),
            // What a macro was given comes wrapped.
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
                self.text(file, &group.stream().into_iter().collect::<Vec<_>>())
            }
            [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(arguments)]
                if bang.as_char() == '!' =>
            {
                let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
                let parts: Vec<&[TokenTree]> = arguments
                    .split(|token| is_punct(token, ','))
                    .filter(|part| !part.is_empty())
                    .collect();
                if name == "concat" {
                    return parts.into_iter().map(|part| self.text(file, part)).collect();
                }
                let (parameters, body) = self
                    .arms(file, &name.to_string())?
                    .iter()
                    .find(|(parameters, _)| parameters.len() == parts.len())?;
                let given: BTreeMap<&str, &[TokenTree]> =
                    parameters.iter().map(String::as_str).zip(parts).collect();
                self.text(file, &with_arguments(body, &given))
            }
            _ => None,
        }
    }

    /// What to look into for a macro that gives no text: where it puts texts together, as for one of two engines, its
    /// body with its arguments, else the arguments alone.
    fn written_out(&self, file: &str, call: &[TokenTree]) -> Vec<TokenTree> {
        let [TokenTree::Ident(name), _, TokenTree::Group(arguments)] = call else {
            return Vec::new();
        };
        let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
        let parts: Vec<&[TokenTree]> = arguments.split(|token| is_punct(token, ',')).collect();
        let arms = self.arms(file, &name.to_string());
        let arm = arms.and_then(|arms| {
            arms.iter().find(|(names, body)| names.len() == parts.len() && puts_together(body))
        });
        match arm {
            Some((names, body)) => {
                let given = names.iter().map(String::as_str).zip(parts).collect();
                with_arguments(body, &given)
            }
            None => arguments,
        }
    }

    /// Of the file's own macro of this name, or else of the one that another file lends.
    fn arms(&self, file: &str, name: &str) -> Option<&Vec<Arm>> {
        let macros = &self.defined.macros;
        let own = macros.get(&(file.to_owned(), name.to_owned()));
        own.or_else(|| macros.iter().find(|((_, other), _)| other == name).map(|(_, arms)| arms))
    }

    fn constant(&self, file: &str, path: &[TokenTree]) -> Option<&String> {
        let TokenTree::Ident(name) = path.last()? else { return None };
        // The module before the name, or the file itself.
        let module = path.iter().rev().skip(1).find_map(|token| match token {
            TokenTree::Ident(module) if module != "super" && module != "crate" => {
                Some(format!("{module}.rs"))
            }
            _ => None,
        });
        let constants = &self.defined.constants;
        let own = (module.unwrap_or(file.to_owned()), name.to_string());
        let lent =
            || constants.iter().find(|((_, other), _)| *other == own.1).map(|(_, text)| text);
        constants.get(&own).or_else(lent)
    }

    /// Finds statements and calls; `more` values are bound by the macro around them.
    fn walk(&mut self, file: &str, tokens: &[TokenTree], more: usize) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            match token {
                TokenTree::Ident(name) if name == "macro_rules" => {
                    // Its parts are looked at where it is used, unless it gives more than a text.
                    let arms =
                        self.arms(file, &tokens[at + 2].to_string()).cloned().unwrap_or_default();
                    for (_, body) in arms {
                        if !matches!(body.first(), Some(TokenTree::Ident(first)) if first == "concat")
                        {
                            self.walk(file, &body, more);
                        }
                    }
                    at += 4;
                    continue;
                }
                TokenTree::Ident(name) if name.to_string().starts_with("query") => {
                    if let Some(TokenTree::Group(text)) = next {
                        let text: Vec<TokenTree> = text.stream().into_iter().collect();
                        self.call(file, &text, bound(&tokens[at + 2..]) + more);
                    }
                }
                TokenTree::Ident(name) if next.is_some_and(|next| is_punct(next, '!')) => {
                    if let Some(TokenTree::Group(_)) = tokens.get(at + 2) {
                        let whole = self.text(file, &tokens[at..at + 3]);
                        let more = match (self.arms(file, &name.to_string()), &whole) {
                            (Some(arms), None) if name.to_string().starts_with("bind") => {
                                bound_in(&arms[0].1)
                            }
                            _ => 0,
                        };
                        match whole {
                            Some(text) => self.add(file, text, None),
                            None => {
                                let inside = self.written_out(file, &tokens[at..at + 3]);
                                self.walk(file, &inside, more);
                            }
                        }
                        at += 3;
                        continue;
                    }
                }
                // Attributes, of which comments are the most.
                TokenTree::Punct(hash) if hash.as_char() == '#' => {
                    at += 1 + usize::from(next.is_some_and(|next| is_punct(next, '!')));
                }
                TokenTree::Literal(_) => {
                    if let Some(text) = self.text(file, std::slice::from_ref(token)) {
                        self.add(file, text, None);
                    }
                }
                TokenTree::Group(group) => {
                    self.walk(file, &group.stream().into_iter().collect::<Vec<_>>(), more);
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn call(&mut self, file: &str, text: &[TokenTree], bound: usize) {
        self.calls += 1;
        let text: Vec<TokenTree> = match text {
            [start @ .., end] if is_punct(end, ',') => start.to_vec(),
            text => text.to_vec(),
        };
        let said = self.text(file, &text).or_else(|| self.constant(file, &text).cloned());
        match said {
            Some(said) if is_statement(&said) => self.add(file, said, Some(bound)),
            _ => {
                let name = text.iter().map(ToString::to_string).collect::<String>();
                if !CHOSEN_AT_RUN_TIME.contains(&(file, &name)) {
                    self.unaccounted.push(format!("{file}: {name}"));
                }
            }
        }
    }

    fn add(&mut self, file: &str, text: String, bound: Option<usize>) {
        if is_statement(&text) {
            self.found.push(Found { file: file.into(), text, bound });
        }
    }
}

fn is_statement(text: &str) -> bool {
    let verbs = ["select ", "insert into ", "update ", "delete from ", "with ", "create "];
    let start = text.trim_start().split('\n').next().unwrap_or_default().to_owned() + " ";
    verbs.iter().any(|verb| start.starts_with(verb))
}

/// What a literal of a text stands for.
fn unquoted(literal: &str) -> Option<String> {
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next()? {
                'n' => text.push('\n'),
                // The line goes on after the blanks of the next one.
                '\n' => {
                    let blanks = rest.as_str().len() - rest.as_str().trim_start().len();
                    rest = rest.as_str()[blanks..].chars();
                }
                c => text.push(c),
            },
            c => text.push(c),
        }
    }
    Some(text)
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// Without `#[cfg(test)] mod tests`.
fn without_tests(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let is_attribute = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.to_string().replace(' ', "") == "[cfg(test)]");
    let end = tokens.iter().position(is_attribute).unwrap_or(tokens.len());
    tokens.into_iter().take(end).collect()
}

/// `$name:kind, …`
fn parameters(pattern: TokenStream) -> Vec<String> {
    let pattern: Vec<TokenTree> = pattern.into_iter().collect();
    let names = pattern.windows(2).filter(|pair| is_punct(&pair[0], '$'));
    names.map(|pair| pair[1].to_string()).collect()
}

/// Whether there is a `concat!` in it.
fn puts_together(tokens: &[TokenTree]) -> bool {
    tokens.iter().any(|token| match token {
        TokenTree::Ident(name) => name == "concat",
        TokenTree::Group(group) => puts_together(&group.stream().into_iter().collect::<Vec<_>>()),
        _ => false,
    })
}

fn with_arguments(body: &[TokenTree], given: &BTreeMap<&str, &[TokenTree]>) -> Vec<TokenTree> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(token) = body.get(at) {
        match (token, body.get(at + 1)) {
            (dollar, Some(TokenTree::Ident(name)))
                if is_punct(dollar, '$') && given.contains_key(name.to_string().as_str()) =>
            {
                out.extend(given[name.to_string().as_str()].iter().cloned());
                at += 1;
            }
            (TokenTree::Group(group), _) => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let inside = with_arguments(&inside, given).into_iter().collect();
                out.push(TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inside)));
            }
            (token, _) => out.push(token.clone()),
        }
        at += 1;
    }
    out
}

/// How many `.bind(…)` follow in the same chain.
fn bound(chain: &[TokenTree]) -> usize {
    let mut count = 0;
    let mut at = 0;
    while let [dot, TokenTree::Ident(name), ..] = chain.get(at..).unwrap_or_default() {
        if !is_punct(dot, '.') {
            break;
        }
        count += usize::from(name == "bind");
        let group = matches!(chain.get(at + 2), Some(TokenTree::Group(_)));
        at += 2 + usize::from(group);
    }
    count
}

/// How many a macro binds that is given a query.
fn bound_in(body: &[TokenTree]) -> usize {
    body.iter().filter(|token| matches!(token, TokenTree::Ident(name) if name == "bind")).count()
}

/// The highest number of a `$1`.
fn parameters_of(text: &str) -> usize {
    let number = |rest: &str| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    text.split('$').skip(1).map(number).max().unwrap_or(0)
}

/// Where evaluations are read that are not official: by the queue, and by who tries a truth set.
const READ_WHAT_IS_TRIED: [&str; 3] = ["activation.rs", "queue.rs", "trials.rs"];

#[test]
fn only_the_queue_and_trials_read_evaluations_otherwise_than_through_the_official_views() {
    let reads = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_read = |pair: &[&str]| {
            ["from", "join"].contains(&pair[0])
                && ["evaluations", "evaluation_results"].contains(&pair[1].trim_end_matches(','))
        };
        text.trim_start().starts_with("select") && words.windows(2).any(is_read)
    };
    let mut readers = BTreeSet::new();
    for Found { file, text, .. } in &Scan::of_the_store().found {
        assert!(!reads(text) || READ_WHAT_IS_TRIED.contains(&file.as_str()), "{file}: {text}");
        if reads(text) {
            readers.insert(file.clone());
        }
    }
    assert_eq!(readers.len(), READ_WHAT_IS_TRIED.len(), "{readers:?}");
}

async fn every_statement_of_the_store_can_be_prepared(database: Database) {
    let scan = Scan::of_the_store();
    assert!(scan.unaccounted.is_empty(), "calls without a text: {:#?}", scan.unaccounted);
    let texts: BTreeSet<&str> = scan.found.iter().map(|found| found.text.as_str()).collect();
    assert_eq!(scan.calls, scan.named, "calls that were not found");
    assert!(texts.len() > 100, "{} statements in {} calls", texts.len(), scan.calls);

    let mut wrong = Vec::new();
    for Found { file, text, bound } in &scan.found {
        if bound.is_some_and(|bound| bound != parameters_of(text)) {
            wrong.push(format!("{file}: {bound:?} values for {text}"));
        }
    }
    for text in texts {
        let only = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
        let failed = match &database.store {
            Store::Postgres(_) if only(&SQLITE_ONLY) => continue,
            Store::Sqlite { .. } if only(&POSTGRES_ONLY) || text == POSTGRES_CLOCK => continue,
            Store::Postgres(pool) => {
                let sql = AssertSqlSafe(text.to_owned()).into_sql_str();
                let types = types_of(text);
                pool.prepare_with(sql, &types).await.map(|made| match made.parameters() {
                    Some(Either::Left(types)) => types.len(),
                    _ => parameters_of(text),
                })
            }
            Store::Sqlite { write, .. } => {
                let sql = AssertSqlSafe(text.to_owned()).into_sql_str();
                write.prepare(sql).await.map(|_| parameters_of(text))
            }
        };
        match failed {
            Ok(parameters) if parameters == parameters_of(text) => {}
            Ok(parameters) => wrong.push(format!("{parameters} parameters: {text}")),
            Err(error) => wrong.push(format!("{error}: {text}")),
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// PostgreSQL takes a parameter in a list of what is selected for text unless it is told.
fn types_of(text: &str) -> Vec<PgTypeInfo> {
    let named = |name| PgTypeInfo::with_name(name);
    match () {
        () if text.starts_with("insert into past_phases") => {
            vec![named("uuid"), named("timestamptz")]
        }
        () if text.starts_with("insert into evaluations") && text.contains("select $1") => {
            vec![named("uuid"), named("uuid"), named("timestamptz")]
        }
        () => Vec::new(),
    }
}
