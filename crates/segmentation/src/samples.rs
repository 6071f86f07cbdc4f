//! Values of every type for the tests, the odd ones among them.

use nrrd_rs::Endian;

use super::element::Element;

/// A value as it is written, and what must come of it.
pub struct Sample {
    pub bytes: Vec<u8>,
    /// The number as text.
    pub text: String,
    pub foreground: bool,
    pub nan: bool,
}

/// All types that NRRD and NPZ share. NPZ has [`Element::F16`] as well.
pub const ELEMENTS: [Element; 10] = [
    Element::I8,
    Element::U8,
    Element::I16,
    Element::U16,
    Element::I32,
    Element::U32,
    Element::I64,
    Element::U64,
    Element::F32,
    Element::F64,
];

/// One of a type's values: zero, one, the ends of its range, what lies beside the threshold, NaN.
pub fn sample(element: Element, endian: Endian, pick: u64) -> Sample {
    macro_rules! pick {
        ($type:ty, $($value:expr),*) => {{
            let values = [$($value),*];
            let value: $type = values[pick as usize % values.len()];
            let bytes = match endian {
                Endian::Little => value.to_le_bytes().to_vec(),
                Endian::Big => value.to_be_bytes().to_vec(),
            };
            Sample { bytes, text: format!("{value:?}"), foreground: value as f64 > 0.5, nan: value as f64 != value as f64 }
        }};
    }
    macro_rules! integer {
        ($type:ty) => {
            pick!(
                $type,
                0,
                1,
                2,
                <$type>::MIN,
                <$type>::MAX,
                <$type>::MIN / 2,
                <$type>::MAX / 2 + 1
            )
        };
    }
    macro_rules! float {
        ($type:ident) => {
            pick!(
                $type,
                0.0,
                1.0,
                -0.0,
                0.5,
                -0.5,
                (0.5 as $type).next_up(),
                (0.5 as $type).next_down(),
                -1.0,
                $type::MIN_POSITIVE,
                $type::MAX,
                $type::MIN,
                $type::INFINITY,
                $type::NEG_INFINITY,
                $type::NAN
            )
        };
    }
    match element {
        Element::I8 => integer!(i8),
        Element::U8 => integer!(u8),
        Element::I16 => integer!(i16),
        Element::U16 => integer!(u16),
        Element::I32 => integer!(i32),
        Element::U32 => integer!(u32),
        Element::I64 => integer!(i64),
        Element::U64 => integer!(u64),
        Element::F32 => float!(f32),
        Element::F64 => float!(f64),
        Element::F16 => half(endian, pick),
    }
}

/// As [`sample`], by the bits: 0, 1, ±0.5 and beside it, the largest, ±infinity, NaN.
fn half(endian: Endian, pick: u64) -> Sample {
    const BACKGROUND: [u16; 6] = [0x0000, 0x3800, 0xb800, 0x37ff, 0xfc00, 0x7e00];
    const FOREGROUND: [u16; 4] = [0x3c00, 0x3801, 0x7bff, 0x7c00];
    let bits = [BACKGROUND.as_slice(), &FOREGROUND].concat();
    let bits = bits[pick as usize % bits.len()];
    let bytes = match endian {
        Endian::Little => bits.to_le_bytes().to_vec(),
        Endian::Big => bits.to_be_bytes().to_vec(),
    };
    let (foreground, nan) = (FOREGROUND.contains(&bits), bits == 0x7e00);
    Sample { bytes, text: String::new(), foreground, nan }
}
