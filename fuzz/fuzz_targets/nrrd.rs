#![no_main]

use asoca_fuzz::{checks, heap, mend};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Most bytes held at once. The largest block of bzip2 alone takes 3.7 MB.
const HEAP: usize = 5 << 20;

fuzz_target!(|bytes: &[u8]| heap::within(HEAP, || checks::nrrd(bytes)));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed.is_multiple_of(2) { mend::gzip_behind_header(data, size) } else { size }
});
