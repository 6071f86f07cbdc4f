//! The templates of the pages, as text to be read.

use std::path::{Path, PathBuf};

/// Columns that a line of a template has at most.
const MAX_COLUMNS: usize = 140;

fn templates(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of templates");
    let paths = entries.map(|entry| entry.expect("an entry of the folder").path());
    let below = |path: PathBuf| if path.is_dir() { templates(&path) } else { vec![path] };
    paths.flat_map(below).collect()
}

#[test]
fn no_line_of_a_template_is_too_long_to_be_read() {
    let all = templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"));
    assert!(all.len() > 30, "only {} templates were found", all.len());
    let mut long = Vec::new();
    for path in all {
        let text = std::fs::read_to_string(&path).expect("a template");
        for (index, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > MAX_COLUMNS {
                long.push(format!("{}:{}: {columns} columns", path.display(), index + 1));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}
