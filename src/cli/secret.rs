//! What must not be seen: given in the environment, or in a file that the environment names.

use std::path::PathBuf;

use super::error::CliError;

/// No secret is longer.
const LONGEST: u64 = 64 * 1024;

/// What the variable `name` holds, or the file that `name` with `_FILE` behind it names, without the end of its line.
/// `given` is what a command's option of the same meaning holds; options know the variable as well.
pub fn secret(name: &str, given: Option<&str>) -> Result<Option<String>, CliError> {
    let file = format!("{name}_FILE");
    let given = given.map(str::to_owned);
    match (given, std::env::var_os(&file).filter(|path| !path.is_empty()).map(PathBuf::from)) {
        (given, None) => Ok(given),
        (Some(_), Some(_)) => {
            Err(CliError::input(format!("{name} and {file}"), "only one of them can be set"))
        }
        (None, Some(path)) => {
            let unreadable =
                |why: String| CliError::input(format!("{file}, {}", path.display()), why);
            let size = path.metadata().map_err(|error| unreadable(error.to_string()))?.len();
            if size > LONGEST {
                return Err(unreadable(format!("it has {size} bytes, too many for a password")));
            }
            let text =
                std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
            let line = text.strip_suffix('\n').unwrap_or(&text);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                return Err(unreadable("it is empty".into()));
            }
            Ok(Some(line.to_owned()))
        }
    }
}
