//! What fuzzing left behind: inputs for every path that was found, and all that ever broke something.
//! docs/fuzzing.md tells how they came about.

use crate::{checks, unpacked};

/// Runs a check on everything in a zip. What was printed last is what broke.
fn check_all(zip: &[u8], check: impl Fn(&[u8])) {
    let inputs = unpacked(zip);
    assert!(inputs.len() > 50, "only {} inputs are kept", inputs.len());
    for (name, bytes) in inputs {
        println!("{name}");
        check(&bytes);
    }
}

#[test]
fn kept_nrrds_are_read_or_refused_the_same_way_by_whoever_reads_them() {
    check_all(include_bytes!("../../fuzz/seeds/nrrd.zip"), checks::nrrd);
}

#[test]
fn kept_nrrds_are_the_same_when_they_are_written_and_read_again() {
    check_all(include_bytes!("../../fuzz/seeds/nrrd.zip"), checks::array);
}

#[test]
fn kept_npzs_are_read_or_refused_the_same_way_by_whoever_reads_them() {
    check_all(include_bytes!("../../fuzz/seeds/npz.zip"), checks::npz);
}

#[test]
fn kept_archives_are_taken_or_refused_with_words_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let kept = include_bytes!("../../fuzz/seeds/archive.zip");
    check_all(kept, |bytes| checks::archive(bytes, folder.path()));
}

#[test]
fn masks_of_any_bits_have_the_metrics_of_their_definition() {
    // The bits of the kept streams are as good as any others, and differ in length.
    check_all(include_bytes!("../../fuzz/seeds/inflate.zip"), checks::metrics);
}

#[test]
fn kept_streams_inflate_as_another_decoder_inflates_them() {
    check_all(include_bytes!("../../fuzz/seeds/inflate.zip"), checks::inflate);
}
