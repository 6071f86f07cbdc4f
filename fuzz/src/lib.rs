//! What the fuzz targets share. `checks` is also compiled into the `conformance` tests.

pub mod checks;
pub mod heap;
pub mod mend;
