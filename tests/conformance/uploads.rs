//! Uploads with something wrong: at least one for each code that an upload can raise. Files with
//! a defect of their own come from the corpus.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use asoca::domain::Code;
use asoca::scoring::ListedCase;
use segmentation::Geometry;
use segmentation::nrrd::{Encoding, write_dense};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// (x, y, z) in voxels, of the corpus's files and of every case here.
pub const SHAPE: [usize; 3] = [4, 3, 2];

/// An upload and a code that it raises.
pub struct Spoilt {
    pub code: Code,
    /// What is wrong with it.
    pub what: &'static str,
    pub zip: Vec<u8>,
    pub cases: Vec<ListedCase>,
}

type Files = Vec<(String, Vec<u8>)>;

/// All of them, in the order of the catalogue.
pub fn spoilt_uploads(corpus: &BTreeMap<String, Vec<u8>>) -> Vec<Spoilt> {
    let mut spoilt = Collection { corpus, uploads: Vec::new() };
    spoilt.archives();
    spoilt.cases();
    spoilt.voxels();
    spoilt.headers();
    spoilt.files();
    spoilt.uploads
}

struct Collection<'a> {
    corpus: &'a BTreeMap<String, Vec<u8>>,
    uploads: Vec<Spoilt>,
}

impl Collection<'_> {
    fn add(&mut self, code: Code, what: &'static str, zip: Vec<u8>) {
        self.uploads.push(Spoilt { code, what, zip, cases: cases(3, Some(SHAPE)) });
    }

    /// With other files than the three that would be right.
    fn spoil(&mut self, code: Code, what: &'static str, spoil: impl FnOnce(&mut Files)) {
        let mut files = right(3);
        spoil(&mut files);
        self.add(code, what, zipped(&files));
    }

    /// With this file for case 0.
    fn file(&mut self, code: Code, what: &'static str, name: &str, bytes: Vec<u8>) {
        self.spoil(code, what, |files| files[0] = (name.to_owned(), bytes));
    }

    /// With this file of the corpus for case 0.
    fn file_of_corpus(&mut self, code: Code, what: &'static str, name: &str) {
        let (_, extension) = name.rsplit_once('.').unwrap();
        self.file(code, what, &format!("0.{extension}"), self.corpus[name].clone());
    }

    fn archives(&mut self) {
        for (what, bytes) in [
            ("a RAR archive", &b"Rar!\x1a\x07\x01\0"[..]),
            ("a 7z archive", b"7z\xbc\xaf\x27\x1c\0\x04"),
            ("a .tar.gz archive", b"\x1f\x8b\x08\0\0\0\0\0"),
            ("a segmentation without an archive", &volume(SHAPE)),
            ("nothing at all", b""),
        ] {
            self.add(Code::ArchiveNotAZip, what, bytes.to_vec());
        }
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        self.add(Code::ArchiveNotAZip, "a tar archive", tar);

        let whole = zipped(&right(3));
        let cut = whole[..whole.len() / 2].to_vec();
        self.add(Code::ArchiveDamaged, "a zip of which half is missing", cut);

        let mut large = zipped(&right(17));
        patch_all(&mut large, UNPACKED, &[0xff, 0xff, 0xff, 0x7f]);
        self.uploads.push(Spoilt {
            code: Code::ArchiveUnpackedTooLarge,
            what: "17 files of 2 GiB each",
            zip: large,
            cases: cases(17, None),
        });
        self.spoil(Code::ArchiveTooManyEntries, "1001 files", |files| {
            files.extend((0..998).map(|at| (format!("slice {at}.png"), Vec::new())));
        });
        self.spoil(Code::ArchiveUnsafePath, "a name that climbs", |files| {
            files.push(("../0.nrrd".into(), Vec::new()));
        });
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.add_symlink("0.nrrd", "../ct/0.nrrd", SimpleFileOptions::default()).unwrap();
        let linked = writer.finish().unwrap().into_inner();
        self.add(Code::ArchiveSymbolicLink, "a link instead of its file", linked);

        for (code, what, offset, value) in [
            (Code::ArchiveEncrypted, "a zip with a password", FLAGS, &[1, 0][..]),
            (Code::ArchiveUnsupportedCompression, "LZMA in a zip", METHOD, &[14, 0]),
            (Code::ArchiveDamagedEntry, "a wrong checksum in a zip", CHECKSUM, &[1, 2, 3, 4]),
        ] {
            let mut zip = whole.clone();
            patch_first(&mut zip, offset, value);
            self.add(code, what, zip);
        }
        let mut shared = whole;
        patch_all(&mut shared, PLACE, &[0; 4]);
        self.add(Code::ArchiveOverlappingEntries, "three names for the same bytes", shared);
    }

    fn cases(&mut self) {
        self.spoil(Code::CaseMissing, "a file too few", |files| files.truncate(2));
        let from_one = |files: &mut Files| {
            for (at, (name, _)) in files.iter_mut().enumerate() {
                *name = format!("{}.nrrd", at + 1);
            }
        };
        self.spoil(Code::CaseMissing, "files numbered from 1, the first case", from_one);
        self.spoil(Code::CaseUnexpected, "files numbered from 1, each of them", from_one);
        for (what, name) in [
            ("a file beside the segmentations", "notes.txt"),
            ("leading zeros", "00.nrrd"),
            ("a folder of its own", "fold 0/0.nrrd"),
            ("NIfTI", "0.nii.gz"),
            ("MetaImage", "0.mha"),
            ("a NumPy array", "0.npy"),
            ("a MATLAB file", "0.mat"),
            ("an NRRD header alone", "0.nhdr"),
            ("a gzipped NRRD", "0.nrrd.gz"),
            ("a segmentation of 3D Slicer", "0.seg.nrrd"),
            ("a zip in the zip", "results.zip"),
        ] {
            self.file(Code::CaseUnexpected, what, name, volume(SHAPE));
        }
        self.spoil(Code::CaseDuplicate, "two files for a case", |files| {
            files.push(("0.npz".into(), Vec::new()));
        });
        let mut large = zipped(&right(3));
        patch_first(&mut large, UNPACKED, &[0xff, 0xff, 0xff, 0x7f]);
        self.add(Code::CaseFileTooLarge, "a file of 2 GiB for 24 voxels", large);
    }

    fn voxels(&mut self) {
        let voxels: usize = SHAPE.iter().product();
        for (what, value) in [
            ("nothing but 0", 0.0f32),
            ("labels scaled to 0.3, or weak probabilities", 0.3),
            ("labels 0 and -1", -1.0),
            ("nothing but NaN", f32::NAN),
        ] {
            let mut file = header("type: float\nendian: little\nencoding: raw\n", SHAPE);
            file.extend((0..voxels).flat_map(|_| value.to_le_bytes()));
            self.file(Code::CaseEmpty, what, "0.nrrd", file);
        }
        let [x, y, z] = SHAPE;
        self.file(Code::VolumeWrongShape, "axes in reverse order", "0.nrrd", volume([z, y, x]));
        self.file(
            Code::VolumeWrongShape,
            "the volume of another case",
            "0.nrrd",
            volume([5, y, z]),
        );
        let slicer = "type: uchar\nencoding: raw\nSegmentation_ReferenceImageExtentOffset:=1 0 0\n";
        let mut cropped = header(slicer, [3, 2, 2]);
        cropped.extend([1; 12]);
        self.file(Code::VolumeWrongShape, "a cropped segmentation of 3D Slicer", "0.nrrd", cropped);
    }

    fn headers(&mut self) {
        for (code, what, name) in [
            (Code::VolumeNotThreeDimensional, "channels as a fourth axis", "dimension-4.nrrd"),
            (Code::VolumeNotThreeDimensional, "layers of 3D Slicer", "dimension-4-layers.nrrd"),
            (Code::VolumeNotThreeDimensional, "one slice", "npz-shape-2d.npz"),
            (Code::VolumeBadSizes, "a size of 0", "sizes-zero.nrrd"),
            (Code::VolumeBadSizes, "more voxels than anybody has", "sizes-huge.nrrd"),
            (Code::NrrdNotNrrd, "zeros", "zeros.nrrd"),
            (Code::NrrdNotNrrd, "an empty file", "empty.nrrd"),
            (Code::NrrdByteOrderMark, "a mark before the magic", "bom.nrrd"),
            (Code::NrrdBadHeader, "no endian for 16 bits", "endian-missing.nrrd"),
            (Code::NrrdBadHeader, "a field twice", "twice-type.nrrd"),
            (Code::NrrdBadHeader, "two sizes for three axes", "sizes-few.nrrd"),
            (Code::NrrdBadHeader, "a line of anything", "line-without-colon.nrrd"),
            (Code::NrrdBadHeader, "no end of the header", "line-2m.nrrd"),
            (Code::NrrdDataFile, "a header with its voxels elsewhere", "detached-plain.nrrd"),
            (Code::NrrdUnsupportedType, "complex numbers", "type-not-complex.nrrd"),
            (Code::NrrdUnsupportedEncoding, "xz", "encoding-not-xz.nrrd"),
            (Code::NrrdTruncated, "half of the voxels", "raw-half.nrrd"),
            (Code::NrrdTooLong, "far more than the header says", "raw-far-longer.nrrd"),
            (Code::NrrdCorrupt, "a wrong checksum", "gzip-wrong-crc.nrrd"),
            (Code::NrrdBadValue, "256 in 8 bits", "text-256.nrrd"),
        ] {
            self.file_of_corpus(code, what, name);
        }
        let nifti = [&[0; 344][..], b"n+1\0"].concat();
        self.file(Code::NrrdNotNrrd, "a NIfTI file that was renamed", "0.nrrd", nifti);
    }

    fn files(&mut self) {
        for (code, what, name) in [
            (Code::NpzNotNpz, "an .npy that was renamed", "npz-npy.npz"),
            (Code::NpzNotOneArray, "two arrays", "npz-two.npz"),
            (Code::NpzNotOneArray, "no array", "npz-none.npz"),
            (Code::NpzBadHeader, "a header without a shape", "npz-header-no-shape.npz"),
            (Code::NpzUnsupportedType, "Python objects", "npz-not-object.npz"),
            (Code::NpzTruncated, "values missing at the end", "npz-short.npz"),
            (Code::NpzTooLong, "far more than the array needs", "npz-far-longer.npz"),
            (Code::NpzCorrupt, "a wrong checksum", "npz-bad-crc.npz"),
        ] {
            self.file_of_corpus(code, what, name);
        }
    }
}

fn cases(count: usize, shape: Option<[usize; 3]>) -> Vec<ListedCase> {
    let case = |id: usize| ListedCase { id: id.to_string(), shape, ..ListedCase::default() };
    (0..count).map(case).collect()
}

/// As many files as they should be.
fn right(count: usize) -> Files {
    (0..count).map(|case| (format!("{case}.nrrd"), volume(SHAPE))).collect()
}

/// A volume of one voxel of vessel.
fn volume(shape: [usize; 3]) -> Vec<u8> {
    let mut voxels = vec![0; shape.iter().product()];
    voxels[1] = 1;
    let mut file = Vec::new();
    write_dense(&mut file, &voxels, &Geometry::of_shape(shape), Encoding::Gzip(6)).unwrap();
    file
}

fn header(fields: &str, [x, y, z]: [usize; 3]) -> Vec<u8> {
    format!("NRRD0004\ndimension: 3\nsizes: {x} {y} {z}\n{fields}\n").into_bytes()
}

fn zipped(files: &Files) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

// Offsets in an entry of a zip's central directory.
const FLAGS: usize = 8;
const METHOD: usize = 10;
const CHECKSUM: usize = 16;
const UNPACKED: usize = 24;
const PLACE: usize = 42;

fn directory(zip: &[u8]) -> Vec<usize> {
    let entries = zip.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x01\x02");
    entries.map(|(at, _)| at).collect()
}

fn patch_first(zip: &mut [u8], offset: usize, value: &[u8]) {
    let at = directory(zip)[0] + offset;
    zip[at..at + value.len()].copy_from_slice(value);
}

fn patch_all(zip: &mut [u8], offset: usize, value: &[u8]) {
    for at in directory(zip) {
        zip[at + offset..at + offset + value.len()].copy_from_slice(value);
    }
}
