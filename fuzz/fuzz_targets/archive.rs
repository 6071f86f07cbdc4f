#![no_main]

use std::sync::LazyLock;

use asoca_fuzz::{checks, heap, mend};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use tempfile::TempDir;

/// Most bytes held at once: as for an NRRD in it.
const HEAP: usize = 5 << 20;

/// In memory, where that can be had.
static FOLDER: LazyLock<TempDir> =
    LazyLock::new(|| tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap());

fuzz_target!(|bytes: &[u8]| {
    let folder = FOLDER.path();
    heap::within(HEAP, || checks::archive(bytes, folder));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed.is_multiple_of(2) {
        mend::zip_directory(&mut data[..size]);
    }
    size
});
