//! Why a file is of no case, by its name.

use super::ExpectedCase;
use super::names::{case_of, volume};

/// Why a file belongs to no case, as far as its name tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unexpected {
    /// Not the name of any case.
    NotACase,
    /// A number in an upload that counts from one: the last is one more than the last case's, and case 0 has no file.
    CountsFromOne {
        /// Id of the case that is meant, one less.
        case: String,
    },
    /// `00.nrrd` for case 0.
    LeadingZeros {
        /// Id of the case that is meant.
        case: String,
    },
    /// In a folder that not all files are in.
    InAFolder,
    /// Another format of volumes, with its usual name.
    OtherFormat(&'static str),
    /// 3D Slicer's segmentation, not a label map.
    Segmentation,
    /// An archive in the archive.
    Archive,
}

/// The most helpful thing to say of a file that belongs to no case.
pub(super) fn explain(parts: &[String], cases: &[ExpectedCase<'_>]) -> Unexpected {
    const FORMATS: [(&str, &str); 10] = [
        (".nii.gz", "NIfTI (.nii.gz)"),
        (".nii", "NIfTI (.nii)"),
        (".nhdr", "a detached NRRD header (.nhdr)"),
        (".mha", "MetaImage (.mha)"),
        (".mhd", "a MetaImage header (.mhd)"),
        (".npy", "a bare NumPy array (.npy)"),
        (".dcm", "DICOM (.dcm)"),
        (".vtk", "VTK (.vtk)"),
        (".mat", "MATLAB (.mat)"),
        (".nrrd.gz", "a gzipped NRRD (.nrrd.gz)"),
    ];
    const ARCHIVES: [&str; 7] = [".zip", ".tar", ".tar.gz", ".tgz", ".gz", ".7z", ".rar"];
    let Some(name) = parts.last() else { return Unexpected::NotACase };
    let lower = name.to_ascii_lowercase();
    if let Some((_, format)) = FORMATS.iter().find(|(ending, _)| lower.ends_with(ending)) {
        return Unexpected::OtherFormat(format);
    }
    if lower.ends_with(".seg.nrrd") {
        return Unexpected::Segmentation;
    }
    if ARCHIVES.iter().any(|ending| lower.ends_with(ending)) {
        return Unexpected::Archive;
    }
    if parts.len() > 1 && case_of(name, cases).is_some() {
        return Unexpected::InAFolder;
    }
    let zeros = number(name).and_then(|plain| cases.iter().find(|case| case.id == plain));
    match zeros {
        Some(case) => Unexpected::LeadingZeros { case: case.id.to_string() },
        None => Unexpected::NotACase,
    }
}

/// The number that is all of the name of a volume, without leading zeros.
fn number(name: &str) -> Option<&str> {
    let (stem, _) = volume(name)?;
    let digits = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit());
    let plain = stem.trim_start_matches('0');
    digits.then_some(if plain.is_empty() { "0" } else { plain })
}

/// The same of a file at the top.
pub(super) fn number_of(parts: &[String]) -> Option<&str> {
    match parts {
        [name] => number(name),
        _ => None,
    }
}

/// The id before this one, where ids are numbers.
pub(super) fn before(id: &str) -> Option<String> {
    Some(id.parse::<usize>().ok()?.checked_sub(1)?.to_string())
}
