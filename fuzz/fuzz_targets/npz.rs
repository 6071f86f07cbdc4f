#![no_main]

use asoca_fuzz::{checks, heap, mend};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Most bytes held at once.
const HEAP: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| heap::within(HEAP, || checks::npz(bytes)));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    if seed.is_multiple_of(2) {
        mend::zip_directory(&mut data[..size]);
    }
    size
});
