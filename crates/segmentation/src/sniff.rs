//! Names a file by its first bytes, for the sentence that says what came instead.

/// How many first bytes are enough to name a file.
pub const ENOUGH: usize = 512;

/// What a file that starts with these bytes is, as words for its author.
pub fn name(head: &[u8]) -> Option<&'static str> {
    const MAGICS: &[(usize, &[u8], &str)] = &[
        (0, b"PK\x03\x04", "a zip or NPZ file"),
        (0, b"PK\x05\x06", "an empty zip file"),
        (0, b"NRRD000", "an NRRD file"),
        (0, b"\x1f\x8b", "a gzip file (.gz, .tar.gz or .nii.gz)"),
        (0, b"BZh", "a bzip2 file"),
        (0, b"\xfd7zXZ\0", "an xz file"),
        (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (0, b"Rar!\x1a\x07", "a RAR archive"),
        (257, b"ustar", "a tar archive"),
        (344, b"n+1\0", "a NIfTI file"),
        (344, b"ni1\0", "a NIfTI header"),
        (0, b"\x93NUMPY", "a NumPy .npy file"),
        (0, b"ObjectType", "a MetaImage (.mha) file"),
        (0, b"# vtk", "a VTK file"),
        (0, b"\x89HDF", "an HDF5 file"),
        (128, b"DICM", "a DICOM file"),
        (0, b"\x28\xb5\x2f\xfd", "a Zstandard file"),
        (0, b"<!DOCTYPE", "a web page"),
        (0, b"<html", "a web page"),
    ];
    if head.is_empty() {
        return Some("an empty file");
    }
    MAGICS
        .iter()
        .find(|(at, magic, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)))
        .map(|(_, _, name)| *name)
}
