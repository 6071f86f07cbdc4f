use super::super::{Code, Problem};
use super::bytes;
use super::volume::words as volume;
use segmentation::archive::{ArchiveIssue, ArchiveProblem, Unexpected};

/// One problem of an upload.
pub fn archive(problem: &ArchiveProblem) -> Problem {
    Problem { file: problem.file.clone(), ..words(&problem.issue) }
}

fn words(issue: &ArchiveIssue) -> Problem {
    match issue {
        ArchiveIssue::NotAZip { looks_like } => Problem::new(
            Code::ArchiveNotAZip,
            "a zip archive with one file for each case",
            looks_like.unwrap_or("a file of another kind"),
            "Pack the files 0.nrrd, 1.nrrd, … into a .zip and upload that. Renaming another file does not make it one.",
        ),
        ArchiveIssue::DamagedZip => Problem::new(
            Code::ArchiveDamaged,
            "a complete zip archive",
            "a zip whose directory is missing or damaged",
            "The file was probably cut off while it was written or copied. Pack it again, test it with `unzip -t`, and upload it again.",
        ),
        ArchiveIssue::TooManyEntries { found, limit } => Problem::new(
            Code::ArchiveTooManyEntries,
            format!("at most {limit} entries"),
            format!("{found} entries"),
            "Pack only the files of the cases.",
        ),
        ArchiveIssue::TooLarge { found, limit } => Problem::new(
            Code::ArchiveUnpackedTooLarge,
            format!("at most {} once unpacked", bytes(*limit)),
            bytes(*found),
            "Save the segmentations as 8-bit integers (uint8).",
        ),
        ArchiveIssue::Missing { case, counts_from_one } => Problem::new(
            Code::CaseMissing,
            files_of(case),
            "no such file",
            match counts_from_one {
                true => FROM_ONE,
                false => "Add the file. Every case needs exactly one, named by its id.",
            },
        ),
        ArchiveIssue::Duplicate { case, files } => Problem::new(
            Code::CaseDuplicate,
            format!("one file for case {case}"),
            files.join(", "),
            "Keep one of them.",
        ),
        ArchiveIssue::Unexpected(why) => unexpected(why),
        ArchiveIssue::UnsafePath => Problem::new(
            Code::ArchiveUnsafePath,
            "a name such as 0.nrrd",
            "an absolute name, or one with `..` in it",
            "Pack the files again from inside their folder.",
        ),
        ArchiveIssue::SymbolicLink => Problem::new(
            Code::ArchiveSymbolicLink,
            "the file itself",
            "a symbolic link to it",
            "Pack what the link points at; with `zip`, leave out the option -y.",
        ),
        ArchiveIssue::Encrypted => Problem::new(
            Code::ArchiveEncrypted,
            "a file that opens without a password",
            "an encrypted file",
            "Pack the files again without a password. Submissions are not shown to other teams.",
        ),
        ArchiveIssue::UnsupportedCompression => Problem::new(
            Code::ArchiveUnsupportedCompression,
            "a file that is stored or deflated",
            "another compression, such as Deflate64, LZMA or Zstandard",
            "Pack the files again with the usual method, Deflate.",
        ),
        ArchiveIssue::DamagedEntry => damaged_entry(),
        ArchiveIssue::Overlapping => Problem::new(
            Code::ArchiveOverlappingEntries,
            "files with bytes of their own",
            "a file that shares bytes of the archive with another one",
            "Pack the files again with an ordinary zip program.",
        ),
        ArchiveIssue::FileTooLarge { found, limit } => Problem::new(
            Code::CaseFileTooLarge,
            format!("at most {}", bytes(*limit)),
            bytes(*found),
            "Save the segmentation with the shape of its case, as 8-bit integers (uint8).",
        ),
        ArchiveIssue::Volume { format, issue } => volume(*format, issue),
    }
}

/// A file that is damaged inside its zip.
pub(super) fn damaged_entry() -> Problem {
    Problem::new(
        Code::ArchiveDamagedEntry,
        "a file that unpacks to its stated length and checksum",
        "a damaged file",
        "Pack the files again, test the zip with `unzip -t`, and upload it again.",
    )
}

fn unexpected(why: &Unexpected) -> Problem {
    let stranger = |found: &str, hint: &str| {
        Problem::new(
            Code::CaseUnexpected,
            "<case id>.nrrd or <case id>.npz, one for each case",
            found,
            hint,
        )
    };
    match why {
        Unexpected::NotACase => stranger(
            NO_CASE,
            "Name the file by its case id, or leave it out. The archive may contain only the files of the cases.",
        ),
        Unexpected::CountsFromOne { case } => {
            Problem::new(Code::CaseUnexpected, files_of(case), "a number one higher", FROM_ONE)
        }
        Unexpected::LeadingZeros { case } => {
            stranger(LEADING_ZEROS, &format!("Name it {}.", files_of(case)))
        }
        Unexpected::InAFolder => stranger(
            IN_A_FOLDER,
            "Put all files at the top of the archive, or all into one folder.",
        ),
        Unexpected::OtherFormat(format) => stranger(format, &conversion(format)),
        Unexpected::Segmentation => stranger("a 3D Slicer segmentation (.seg.nrrd)", SLICER),
        Unexpected::Archive => stranger(ARCHIVE, "Put the cases' files into one zip directly."),
    }
}

/// How to get from another format, named with its ending, to one that is taken.
fn conversion(format: &str) -> String {
    let ending = format.rsplit_once('(').map_or("", |(_, ending)| ending.trim_end_matches(')'));
    match ending {
        ".npy" => "Save it as NPZ: `numpy.savez_compressed(\"0.npz\", numpy.load(\"0.npy\"))`.".into(),
        ".mat" => "Load it with SciPy or h5py, and save it with `numpy.savez_compressed(\"0.npz\", mask)`.".into(),
        ".nhdr" | ".mhd" => "Save header and voxels as one file with the extension .nrrd.".into(),
        ".nrrd.gz" => "Unpack it: `gunzip 0.nrrd.gz`. An NRRD with encoding gzip has about the same size.".into(),
        _ => format!(
            "Convert it to NRRD, for instance with SimpleITK: `sitk.WriteImage(sitk.ReadImage(\"0{ending}\"), \"0.nrrd\", True)`."
        ),
    }
}

/// The names of a case's file, in words.
fn files_of(case: &str) -> String {
    format!("{case}.nrrd or {case}.npz")
}

/// The case without a file that a problem is about.
pub fn case_without_file(problem: &Problem) -> Option<&str> {
    let named = problem.expected.split_once(".nrrd or ");
    named.map(|(case, _)| case).filter(|_| problem.code == Code::CaseMissing)
}

// What is found where a file belongs to no case, as far as others have to know it.
pub const NO_CASE: &str = "a name of no case";
pub const LEADING_ZEROS: &str = "a number with leading zeros";
pub const IN_A_FOLDER: &str = "a file in a folder that other files are not in";
pub const ARCHIVE: &str = "an archive in the archive";

/// The hint wherever files count from one.
pub const FROM_ONE: &str = "Case numbers start at 0, and your files seem to start at 1. \
Rename each to one less: 1.nrrd becomes 0.nrrd.";

/// How to get a whole label map out of 3D Slicer.
pub(super) const SLICER: &str = "In 3D Slicer, export it as a label map in the Segmentations module: \"Export to files\" with file format NRRD, \
and the CT as reference volume, so that it has the CT's shape; then name it by its case id.";
