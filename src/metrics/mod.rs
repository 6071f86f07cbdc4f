//! Two masks and a spacing to numbers.
