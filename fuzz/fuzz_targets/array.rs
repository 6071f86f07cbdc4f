#![no_main]

use asoca_fuzz::{checks, heap, mend};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Most bytes held at once: the largest block of bzip2 takes 3.7 MB, an array as f64 and as text ten times its own.
const HEAP: usize = 16 << 20;

fuzz_target!(|bytes: &[u8]| heap::within(HEAP, || checks::array(bytes)));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed.is_multiple_of(2) { mend::gzip_behind_header(data, size) } else { size }
});
