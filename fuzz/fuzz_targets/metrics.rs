#![no_main]

use asoca_fuzz::{checks, heap};
use libfuzzer_sys::fuzz_target;

/// Most bytes held at once, many times what masks of some 2000 voxels take.
const HEAP: usize = 1 << 20;

fuzz_target!(|bytes: &[u8]| heap::within(HEAP, || checks::metrics(bytes)));
