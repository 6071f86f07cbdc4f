//! The scalar types a volume may be made of.

use nrrd_rs::ScalarType;

/// Type of one voxel's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F16,
    F32,
    F64,
}

impl Element {
    /// The same type as an NRRD names it.
    pub fn of(scalar: ScalarType) -> Self {
        match scalar {
            ScalarType::I8 => Self::I8,
            ScalarType::U8 => Self::U8,
            ScalarType::I16 => Self::I16,
            ScalarType::U16 => Self::U16,
            ScalarType::I32 => Self::I32,
            ScalarType::U32 => Self::U32,
            ScalarType::I64 => Self::I64,
            ScalarType::U64 => Self::U64,
            ScalarType::F32 => Self::F32,
            ScalarType::F64 => Self::F64,
        }
    }

    /// Bytes a value.
    pub fn size(self) -> usize {
        match self {
            Element::I8 | Element::U8 => 1,
            Element::I16 | Element::U16 | Element::F16 => 2,
            Element::I32 | Element::U32 | Element::F32 => 4,
            Element::I64 | Element::U64 | Element::F64 => 8,
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A value that is foreground or not: `bool`, every integer and every float of Rust that a file may hold.
pub trait Value: sealed::Sealed + Copy {
    /// Above 0.5, in the type's own arithmetic. NaN is not.
    fn is_foreground(self) -> bool;
}

impl sealed::Sealed for bool {}

impl Value for bool {
    #[inline]
    fn is_foreground(self) -> bool {
        self
    }
}

/// What the threshold needs to know of a value.
pub trait Scalar: Value {
    /// Neither 0 nor 1. NaN is neither.
    fn is_non_binary(self) -> bool;
    /// Not 0, and yet not above 0.5. NaN is not.
    fn is_sub_threshold(self) -> bool;
    fn is_nan(self) -> bool;
    /// The value for a message; large integers are rounded.
    fn to_f64(self) -> f64;
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl sealed::Sealed for $type {}

        impl Value for $type {
            #[inline]
            fn is_foreground(self) -> bool {
                self > 0
            }
        }

        impl Scalar for $type {
            fn is_non_binary(self) -> bool {
                self & !1 != 0
            }
            fn is_sub_threshold(self) -> bool {
                self != 0 && !self.is_foreground()
            }
            fn is_nan(self) -> bool {
                false
            }
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}
integers!(i8 u8 i16 u16 i32 u32 i64 u64);

macro_rules! floats {
    ($($type:ty)*) => {$(
        impl sealed::Sealed for $type {}

        impl Value for $type {
            #[inline]
            fn is_foreground(self) -> bool {
                self > 0.5
            }
        }

        impl Scalar for $type {
            fn is_non_binary(self) -> bool {
                !((self == 0.0) | (self == 1.0))
            }
            fn is_sub_threshold(self) -> bool {
                (self != 0.0) & (self <= 0.5)
            }
            fn is_nan(self) -> bool {
                self.is_nan()
            }
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
        }
    )*};
}
floats!(f32 f64);

/// A 16-bit float (IEEE 754 binary16) from its bits; every one of them is an `f32`, too.
pub fn half(bits: u16) -> f32 {
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f32::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2f32.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read_as_ieee_754_says() {
        let cases = [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0x3800, 0.5),
            (0x3801, 0.500_488_3),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ];
        for (bits, value) in cases {
            assert_eq!(half(bits), value, "{bits:#06x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
