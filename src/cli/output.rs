use std::io::{self, BufWriter, ErrorKind, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::error::CliError;

/// Writes to standard output. A reader that has gone, as `head` goes, has seen enough.
pub fn output(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::server("standard output", error))
        }
        _ => Ok(()),
    }
}

/// Writes JSON that a person can read, too.
pub fn print_json(value: &impl Serialize) -> Result<(), CliError> {
    let json = serde_json::to_string_pretty(value)
        .map_err(|error| CliError::server("the output", error))?;
    output(|out| writeln!(out, "{json}"))
}

/// What is to be told of submissions: of one as it is, of several a list with their names.
pub fn print_json_of(mut named: Vec<(&str, Value)>) -> Result<(), CliError> {
    if let [(_, only)] = named.as_slice() {
        return print_json(only);
    }
    named.iter_mut().for_each(|(name, value)| value["name"] = json!(name));
    let values: Vec<Value> = named.into_iter().map(|(_, value)| value).collect();
    print_json(&json!({ "submissions": values }))
}
