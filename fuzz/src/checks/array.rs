//! NRRD as arrays: what is read, written and read again is the same.

use nrrd_rs::{Encoding, Writer, read_array, read_with_limit};

/// Most bytes of an array that is read.
const LIMIT: u64 = 1 << 16;

/// Reads any bytes as an NRRD of any number of axes, with all that its header says.
pub fn array(bytes: &[u8]) {
    let Ok((header, array)) = read_with_limit(&bytes, LIMIT) else { return };
    assert_eq!(header.sizes.as_slice(), array.shape());
    let axes = header.sizes.len();
    assert_eq!(header.spacing().len(), axes);
    assert!(header.axis_words("kinds").is_none_or(|kinds| kinds.len() == axes));
    assert!(header.axis_texts("labels").is_none_or(|labels| labels.len() == axes));
    assert!(header.axis_numbers("thicknesses").is_none_or(|numbers| numbers.len() == axes));
    assert!(header.key_values().all(|(key, _)| header.key_value(key).is_some()));

    let values = array.to_f64();
    for encoding in [Encoding::Raw, Encoding::Text, Encoding::Gzip] {
        let mut file = Vec::new();
        Writer::new().encoding(encoding).write(&mut file, values.view()).unwrap();
        let (_, again) = read_array::<f64>(&file).unwrap();
        assert_eq!(again.shape(), values.shape());
        for (found, value) in again.iter().zip(&values) {
            assert!(found == value || found.is_nan() && value.is_nan(), "{found} for {value}");
        }
    }
}
