use std::path::{Component, Path, PathBuf};

use crate::text::is_odd;

/// Longer names are cut in a table.
const NAME: usize = 24;

/// What stands for a name where there is no room for it: A to Z by place, then A2, B2 and so on.
pub fn letter(at: usize) -> String {
    let letter = char::from(b'A' + (at % 26) as u8);
    let round = at / 26 + 1;
    if round == 1 { letter.to_string() } else { format!("{letter}{round}") }
}

/// A name that leaves room for the numbers beside it.
pub fn cut(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME {
        return name.to_owned();
    }
    let end: String = name.chars().skip(length + 1 - NAME).collect();
    format!("…{end}")
}

/// A short name for each path: its last part, and as many folders before it as tell it from the others.
pub fn distinct_names(paths: &[PathBuf]) -> Vec<String> {
    let parts: Vec<Vec<String>> = paths.iter().map(|path| parts(path)).collect();
    let tail = |parts: &[String], max: usize| {
        parts.get(parts.len().saturating_sub(max)..).unwrap_or_default().join("/")
    };
    let mut names: Vec<String> = Vec::with_capacity(paths.len());
    for own in &parts {
        let alone = |max: &usize| {
            let mut others = parts.iter().filter(|&other| other != own);
            others.all(|other| tail(other, *max) != tail(own, *max))
        };
        let name = tail(own, (1..own.len()).find(alone).unwrap_or(own.len()));
        // The same file twice.
        let twice = (2..).map(|count| format!("{name} ({count})"));
        let mut free = std::iter::once(name.clone()).chain(twice).filter(|it| !names.contains(it));
        names.extend(free.next());
    }
    names
}

fn parts(path: &Path) -> Vec<String> {
    let named: Vec<String> = path
        .components()
        .filter(|part| !matches!(part, Component::CurDir | Component::RootDir))
        .map(|part| part.as_os_str().to_string_lossy().replace(is_odd, "\u{fffd}"))
        .collect();
    if named.is_empty() { vec![path.display().to_string()] } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<const N: usize>(paths: [&str; N]) -> Vec<String> {
        distinct_names(&paths.map(PathBuf::from))
    }

    #[test]
    fn a_file_s_own_name_is_enough_where_it_is_the_only_one() {
        assert_eq!(names(["runs/a.zip", "/data/b.zip", "c/"]), ["a.zip", "b.zip", "c"]);
        assert_eq!(names(["."]), ["."]);
    }

    #[test]
    fn equal_names_get_the_folders_that_differ() {
        let found = names(["unet/fold0/out.zip", "vnet/fold0/out.zip", "other.zip"]);
        assert_eq!(found, ["unet/fold0/out.zip", "vnet/fold0/out.zip", "other.zip"]);
        assert_eq!(names(["out.zip", "old/out.zip"]), ["out.zip", "old/out.zip"]);
    }

    #[test]
    fn the_same_file_twice_is_numbered() {
        assert_eq!(names(["x/a.zip", "x/a.zip", "./x/a.zip"]), ["a.zip", "a.zip (2)", "a.zip (3)"]);
    }
}
