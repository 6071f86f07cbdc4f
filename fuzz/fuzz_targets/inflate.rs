#![no_main]

use asoca_fuzz::{checks, heap};
use libfuzzer_sys::fuzz_target;

/// Most bytes held at once: what both decoders give, and the reader's own.
const HEAP: usize = 1 << 20;

fuzz_target!(|data: &[u8]| heap::within(HEAP, || checks::inflate(data)));
