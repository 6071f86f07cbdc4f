use super::super::{Code, Problem};
use super::archive::{SLICER, damaged_entry};
use super::{bytes, number, shape};
use segmentation::{
    FirstAxis, Format, MAX_HEADER, MAX_VOXELS, PlacementError, ValueStats, VolumeIssue,
};

/// What is wrong with one file, which came as `file`.
pub fn volume(file: &str, format: Format, issue: &VolumeIssue) -> Problem {
    Problem { file: Some(file.to_string()), ..words(format, issue) }
}

// What is found in a segmentation without foreground: the first is followed by an instance.
pub const NOTHING_ABOVE: &str = "none, though values other than 0 occur";
pub const ONLY_NAN: &str = "only background and NaN";
pub const ONLY_ZERO: &str = "only 0, which is background";

// What the hints for wrong shapes of a known cause begin with.
pub const CUT: &str = "3D Slicer cut the volume to its segments.";
pub const REVERSED: &str = "The shape fits when reversed:";

/// A segmentation without foreground, which came as `file` and holds these values.
pub fn empty(file: &str, values: &ValueStats) -> Problem {
    let (found, hint) = match (values.non_binary, values.nan) {
        (Some(value), _) => (
            format!("{NOTHING_ABOVE}, for instance {}", number(value)),
            "All values are at most 0.5, so nothing counts as vessel. Apply your own threshold to probabilities, \
             undo any scaling of labels, and save 0 for background and 1 for vessel.",
        ),
        (None, true) => (
            ONLY_NAN.to_string(),
            "NaN counts as background. Find its cause, and save 0 for background and 1 for vessel.",
        ),
        (None, false) => (
            ONLY_ZERO.to_string(),
            "Save 0 for background and 1 for vessel, and check that a cast to integers did not turn probabilities into 0. \
             An empty segmentation has no distance to anything and is never scored as 0.",
        ),
    };
    let expected = "at least one voxel with a value above 0.5";
    Problem { file: Some(file.to_string()), ..Problem::new(Code::CaseEmpty, expected, found, hint) }
}

/// A segmentation of which it isn't known where it lies, which came as `file`.
pub fn no_placement(file: &str, error: PlacementError) -> Problem {
    let problem = Problem::new(
        Code::MaskGeometry,
        "`space directions` or `spacings` of finite numbers that span a volume, in mm",
        match error {
            PlacementError::NoSpacing => "neither",
            PlacementError::NoVolume => "values that span no volume, or are not finite",
        },
        "Save the mask as NRRD with the geometry of its CT; an NPZ has none.",
    );
    Problem { file: Some(file.to_string()), ..problem }
}

/// What is no vessel tree, in the words of whoever refused it; it came as `file`.
pub fn no_tree(file: &str, found: impl std::fmt::Display) -> Problem {
    let problem = Problem::new(
        Code::MaskNoTree,
        "the mask of a vessel tree, which is a small part of its volume",
        found.to_string(),
        "Check that vessel is 1 and background 0, not the other way round.",
    );
    Problem { file: Some(file.to_string()), ..problem }
}

/// What a header says, which may be nothing.
fn quoted(what: &str, found: &str) -> String {
    if found.trim().is_empty() { String::new() } else { format!("{what} `{found}`") }
}

/// The first for an NRRD, the second for an NPZ.
fn either<T>(format: Format, nrrd: T, npz: T) -> T {
    match format {
        Format::Nrrd => nrrd,
        Format::Npz => npz,
    }
}

pub(super) fn words(format: Format, issue: &VolumeIssue) -> Problem {
    let bad_header = either(format, Code::NrrdBadHeader, Code::NpzBadHeader);
    let rewrite = either(
        format,
        "Write it again with an NRRD library: pynrrd's `nrrd.write`, or `SimpleITK.WriteImage`.",
        "Write it again with `numpy.savez_compressed(\"0.npz\", mask)`.",
    );
    match issue {
        VolumeIssue::WrongFormat { looks_like } => Problem::new(
            either(format, Code::NrrdNotNrrd, Code::NpzNotNpz),
            either(
                format,
                "an NRRD file, which starts with NRRD0001 to NRRD0005",
                "an NPZ file with one .npy array in it",
            ),
            looks_like.unwrap_or("a file of another kind"),
            match looks_like {
                Some("an empty file") => "The file is empty. Save or copy it again.",
                _ => {
                    "Renaming a file does not convert it. Save the segmentation in the format its name says."
                }
            },
        ),
        VolumeIssue::ByteOrderMark => Problem::new(
            Code::NrrdByteOrderMark,
            "a file that starts with NRRD",
            "a byte order mark before it",
            "Something saved the header as text with a byte order mark (BOM). Write the file with an NRRD library, or without the mark.",
        ),
        VolumeIssue::HeaderTooLong => Problem::new(
            bad_header,
            format!("a header of at most {}", bytes(MAX_HEADER)),
            "a longer one",
            rewrite,
        ),
        VolumeIssue::BadHeader { field, reason } => Problem::new(
            bad_header,
            "a header as the format defines it",
            format!("{field}: {reason}"),
            rewrite,
        ),
        VolumeIssue::MissingField(field) => Problem::new(
            bad_header,
            format!("a header with the field `{field}`"),
            "a header without it",
            match *field {
                "endian" => {
                    "Types of more than one byte need `endian: little` or `endian: big`. Or save the segmentation as 8-bit integers."
                }
                _ => rewrite,
            },
        ),
        VolumeIssue::DuplicateField(field) => Problem::new(
            bad_header,
            "each field once",
            format!("`{field}` twice"),
            "Remove one of them.",
        ),
        VolumeIssue::DataFile => Problem::new(
            Code::NrrdDataFile,
            "the voxels in the same file, after the header",
            "a header that names another file",
            "Save it as one file with the extension .nrrd, not as a header (.nhdr) with data beside it.",
        ),
        VolumeIssue::UnsupportedType(found) => Problem::new(
            either(format, Code::NrrdUnsupportedType, Code::NpzUnsupportedType),
            "integers or floating-point numbers of at most 64 bits, best uint8",
            quoted("the type", found),
            either(
                format,
                "Save the segmentation as 8-bit integers (type: uint8).",
                "Save `mask.astype(numpy.uint8)`.",
            ),
        ),
        VolumeIssue::UnsupportedEncoding(found) => Problem::new(
            Code::NrrdUnsupportedEncoding,
            "raw, gzip, bzip2, ascii or hex",
            quoted("the encoding", found),
            "Save it with encoding gzip.",
        ),
        VolumeIssue::NotThreeDimensional { axes, first: FirstAxis::Components } => Problem::new(
            Code::VolumeNotThreeDimensional,
            "3 axes: x, y, z",
            format!("{axes} axes, the first of them for colours or other components"),
            "Save one number for each voxel: 0 for background and 1 for vessel, not a colour image.",
        ),
        VolumeIssue::NotThreeDimensional { axes, first: FirstAxis::Segments } => Problem::new(
            Code::VolumeNotThreeDimensional,
            "3 axes: x, y, z",
            format!("{axes} axes, the first of them for layers of segments"),
            SLICER,
        ),
        VolumeIssue::NotThreeDimensional { axes, first: FirstAxis::Space } => Problem::new(
            Code::VolumeNotThreeDimensional,
            "3 axes: x, y, z",
            format!("{axes} axes"),
            match axes {
                0..3 => "Save the whole volume, all slices in one array.",
                _ => {
                    "Save one label for each voxel: no channels, no batch. In NumPy, `mask.squeeze()` removes axes of length 1."
                }
            },
        ),
        VolumeIssue::BadSizes(found) => Problem::new(
            Code::VolumeBadSizes,
            format!("three sizes above 0 and at most {MAX_VOXELS} voxels"),
            format!("the sizes {found}"),
            "Save the segmentation with the shape of its case.",
        ),
        VolumeIssue::WrongShape { expected, found, cropped } => {
            let [x, y, z] = *found;
            let hint = if *cropped {
                format!("{CUT} {SLICER}")
            } else if [z, y, x] == *expected {
                format!(
                    "{REVERSED} transpose the array to (x, y, z) before saving, `mask.transpose(2, 1, 0)`. \
                     Arrays out of SimpleITK are (z, y, x)."
                )
            } else {
                "Resample or pad the segmentation to the voxel grid of the case's CT, and check that it belongs to this case.".to_string()
            };
            Problem::new(Code::VolumeWrongShape, shape(*expected), shape(*found), hint)
        }
        VolumeIssue::Truncated { expected, found } => Problem::new(
            either(format, Code::NrrdTruncated, Code::NpzTruncated),
            format!("{expected} bytes of voxels, or numbers where they are written as text"),
            format!("{found} of them"),
            "The file was cut off while it was written or copied, or its header states another size or type than its data have. Save it again.",
        ),
        VolumeIssue::TooLong => Problem::new(
            either(format, Code::NrrdTooLong, Code::NpzTooLong),
            "as much data as the header says",
            "far more",
            "The header states another size or type than the data have. Save it again.",
        ),
        VolumeIssue::Corrupt => Problem::new(
            either(format, Code::NrrdCorrupt, Code::NpzCorrupt),
            "compressed data that unpack and match their checksum",
            "damaged or incomplete compressed data",
            "The file was damaged or cut off while it was written or copied. Save it again.",
        ),
        VolumeIssue::DamagedEntry if format == Format::Npz => Problem::new(
            Code::NpzCorrupt,
            "an array that unpacks and matches its checksum",
            "a damaged file",
            "The file was damaged while it was written or copied. Save it again.",
        ),
        VolumeIssue::DamagedEntry => damaged_entry(),
        VolumeIssue::BadValue(found) => Problem::new(
            Code::NrrdBadValue,
            "numbers of the type that the header states",
            format!("`{found}`"),
            "Write numbers of that type only, or better, save it with encoding gzip.",
        ),
        VolumeIssue::NotOneArray { entries, arrays } => Problem::new(
            Code::NpzNotOneArray,
            "one array and nothing else",
            format!("{entries} entries, {arrays} of them arrays"),
            "Save the mask alone: `numpy.savez_compressed(\"0.npz\", mask)`.",
        ),
    }
}
