//! Sentences about several files at once.

use std::borrow::Cow;

use super::super::explain::{
    ARCHIVE, CUT, FROM_ONE, IN_A_FOLDER, LEADING_ZEROS, NO_CASE, NOTHING_ABOVE, ONLY_NAN,
    ONLY_ZERO, REVERSED, case_without_file,
};
use super::{Code, Problem};

/// How many names stand in a line before the others are only counted.
const SHOWN: usize = 6;

/// What is wrong with these files, in a sentence.
pub fn title(code: Code, own: &[Problem], files: &[String]) -> String {
    let count = if code == Code::CaseMissing { own.len() } else { files.len() };
    let (Some(first), 2..) = (own.first(), count) else { return code.title().to_owned() };
    match of_many(first, files) {
        Some(words) => format!("{count} {words}."),
        None => format!("{count} files: {}", code.title()),
    }
}

/// The hint for all of them.
pub fn hint(own: &[Problem]) -> String {
    match own {
        [] => String::new(),
        [one] => one.hint.clone(),
        [first, ..] if first.found == LEADING_ZEROS => {
            "Name each without leading zeros: 00.nrrd becomes 0.nrrd.".to_owned()
        }
        [first, ..] => hint_for_many(&first.hint),
    }
}

/// What is the same in all of them.
pub fn alike<'a>(mut texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = texts.next()?;
    texts.all(|text| text == first).then_some(first)
}

/// What was expected and what was found, as far as there is a word to say.
pub fn told(expected: Option<&str>, found: Option<&str>) -> Option<String> {
    match (expected, found) {
        (Some(expected), Some(found)) => Some(format!("expected {expected}; found {found}")),
        (Some(expected), None) => Some(format!("expected {expected}")),
        (None, Some(found)) => Some(format!("found {found}")),
        (None, None) => None,
    }
}

pub fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(rest).collect()
}

/// Names in a line, the last of many only counted.
pub fn some_of(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] if all.len() <= SHOWN => format!("{} and {last}", all.join(", ")),
        _ => {
            let shown = names.get(..SHOWN).unwrap_or(names);
            format!("{} and {} more", shown.join(", "), names.len() - shown.len())
        }
    }
}

/// The ids of cases without a file.
pub fn cases(missing: &[Problem]) -> String {
    runs(missing.iter().filter_map(case_without_file))
}

/// Ids in a line, numbers that follow each other as a run: `0 to 5, 7 and 9`.
pub fn runs<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let mut runs: Vec<(&str, &str, usize)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, last, length)) if follows(last, id) => (*last, *length) = (id, *length + 1),
            _ => runs.push((id, id, 1)),
        }
    }
    let mut named = Vec::new();
    for (first, last, length) in runs {
        match length {
            1 => named.push(first.to_owned()),
            2 => named.extend([first.to_owned(), last.to_owned()]),
            _ => named.push(format!("{first} to {last}")),
        }
    }
    some_of(&named)
}

fn follows(id: &str, next: &str) -> bool {
    let number = |id: &str| id.parse::<u64>().ok();
    number(id).and_then(|id| id.checked_add(1)).is_some_and(|after| number(next) == Some(after))
}

/// What is wrong with at least two, after their number.
fn of_many(problem: &Problem, files: &[String]) -> Option<Cow<'static, str>> {
    let (found, hint) = (problem.found.as_str(), problem.hint.as_str());
    Some(Cow::Borrowed(match problem.code {
        Code::ArchiveUnsafePath => "names of files point outside the archive",
        Code::ArchiveSymbolicLink => "files in the archive are symbolic links",
        Code::ArchiveEncrypted => "files in the archive are encrypted",
        Code::ArchiveUnsupportedCompression => {
            "files in the archive are compressed in an unusual way"
        }
        Code::ArchiveDamagedEntry => "files in the archive are damaged",
        Code::ArchiveOverlappingEntries => "files in the archive overlap",
        Code::CaseMissing => "cases have no file",
        Code::CaseUnexpected if hint == FROM_ONE => return Some(counted_from_one(files).into()),
        Code::CaseUnexpected => match found {
            NO_CASE => "files belong to no case",
            LEADING_ZEROS => "files have leading zeros in their names",
            IN_A_FOLDER => "files are in folders that other files are not in",
            ARCHIVE => "files are archives in the archive",
            format => return Some(format!("files are {}", several(format)).into()),
        },
        Code::CaseDuplicate => "cases have several files",
        Code::CaseFileTooLarge => "files are far larger than a segmentation of their case can be",
        Code::CaseEmpty => match found {
            ONLY_ZERO => "segmentations hold nothing but 0",
            ONLY_NAN => "segmentations hold nothing but background and NaN",
            other if other.starts_with(NOTHING_ABOVE) => "segmentations have no value above 0.5",
            _ => "segmentations have no foreground",
        },
        Code::VolumeWrongShape if hint.starts_with(REVERSED) => {
            "segmentations have the axes of their cases in reverse order"
        }
        Code::VolumeWrongShape if hint.starts_with(CUT) => {
            "segmentations were cut to their segments by 3D Slicer"
        }
        Code::VolumeWrongShape => "segmentations have another shape than their cases",
        Code::VolumeNotThreeDimensional => "segmentations do not have three axes",
        Code::VolumeBadSizes => "segmentations have a size of zero, or far too many voxels",
        Code::NrrdNotNrrd => return Some(renamed(found, "NRRD").into()),
        Code::NrrdByteOrderMark => "NRRDs start with a byte order mark",
        Code::NrrdBadHeader => "NRRD headers can't be understood",
        Code::NrrdDataFile => "NRRD headers point at other files",
        Code::NrrdUnsupportedType => "NRRDs have a type that is not a plain number",
        Code::NrrdUnsupportedEncoding => "NRRDs have an unknown encoding",
        Code::NrrdTruncated => "NRRDs end before their last voxel",
        Code::NrrdTooLong => "NRRDs hold far more data than their headers say",
        Code::NrrdCorrupt => "NRRDs have damaged compressed data",
        Code::NrrdBadValue => "NRRDs hold text that is not a number",
        Code::NpzNotNpz => return Some(renamed(found, "NPZ").into()),
        Code::NpzNotOneArray => "NPZs do not hold exactly one array",
        Code::NpzBadHeader => "NPZs have an array whose header can't be understood",
        Code::NpzUnsupportedType => "NPZs have an array that does not hold plain numbers",
        Code::NpzTruncated => "NPZs have an array that ends before its last value",
        Code::NpzTooLong => "NPZs hold far more data than their arrays need",
        Code::NpzCorrupt => "NPZs are damaged",
        Code::TruthGeometry => {
            "ground-truth files have a geometry that can't be used for distances"
        }
        Code::TruthLabels => "ground-truth files have values other than 0 and 1",
        Code::CtGeometry => "CTs do not lie on the grid of their ground truth",
        Code::CtValues => "CTs have no Hounsfield units",
        Code::ConsensusGeometry => "masks have another geometry than that of another annotator",
        _ => return None,
    }))
}

fn counted_from_one(files: &[String]) -> String {
    let number = |file: Option<&String>| {
        let name = file.and_then(|file| file.rsplit('/').next()).unwrap_or_default();
        name.split('.').next().unwrap_or_default().to_owned()
    };
    let (first, last) = (number(files.first()), number(files.last()));
    format!("files are named {first} to {last}; case numbers start at 0")
}

fn renamed(found: &str, format: &str) -> String {
    match found {
        "an empty file" => "files are empty".to_owned(),
        "a file of another kind" => format!("files are not {format}"),
        kind => format!("files are {}, not {format}", several(kind)),
    }
}

/// More than one of what has an article: `a NIfTI file` becomes `NIfTI files`.
fn several(kind: &str) -> String {
    let Some(one) = kind.strip_prefix("a ").or_else(|| kind.strip_prefix("an ")) else {
        return kind.to_owned();
    };
    let bracket = one.find(" (").filter(|_| one.ends_with(')'));
    let end = bracket.unwrap_or(one.len());
    let (noun, rest) = one.split_at(end);
    format!("{noun}s{rest}")
}

/// What a hint for one file says of several.
fn hint_for_many(hint: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        (
            "or its header states another size or type than its data have",
            "or their headers state another size or type than their data have",
        ),
        ("The header states", "The headers state"),
        ("The file is empty. Save or copy it again.", "Save or copy them again."),
        ("The file was ", "The files were "),
        ("while it was ", "while they were "),
        ("The shape fits", "The shapes fit"),
        ("transpose the array", "transpose each array"),
        ("cut the volume to its segments", "cut the volumes to their segments"),
        (
            "of the case's CT, and check that it belongs to this case",
            "of its case's CT, and check that it belongs to that case",
        ),
        ("the segmentation ", "each segmentation "),
        ("Name the file by", "Name each file by"),
        ("Add the file. Every case", "Add the files. Every case"),
        ("Keep one of them.", "Keep one of them for each case."),
        ("Pack what the link points at", "Pack what the links point at"),
        ("Write the file with", "Write the files with"),
        ("Save the mask alone", "Save each mask alone"),
        ("Save it ", "Save each "),
        ("save it ", "save each "),
        ("Load it ", "Load each "),
        ("Convert it ", "Convert each "),
        ("Unpack it:", "Unpack each:"),
        ("Write it again", "Write each again"),
        ("export it ", "export each "),
    ];
    WORDS.iter().fold(hint.to_owned(), |hint, (of_one, of_many)| hint.replace(of_one, of_many))
}
