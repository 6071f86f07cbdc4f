use std::fmt;

use crate::Endian;

/// Type of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ScalarType {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl ScalarType {
    /// All types.
    pub const ALL: [Self; 10] = [
        Self::I8,
        Self::U8,
        Self::I16,
        Self::U16,
        Self::I32,
        Self::U32,
        Self::I64,
        Self::U64,
        Self::F32,
        Self::F64,
    ];

    /// Bytes a value.
    #[inline]
    pub fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The name that every reader knows.
    pub fn name(self) -> &'static str {
        match self {
            Self::I8 => "signed char",
            Self::U8 => "unsigned char",
            Self::I16 => "short",
            Self::U16 => "unsigned short",
            Self::I32 => "int",
            Self::U32 => "unsigned int",
            Self::I64 => "long long int",
            Self::U64 => "unsigned long long int",
            Self::F32 => "float",
            Self::F64 => "double",
        }
    }

    /// The type behind any of its spellings, as a header has it.
    ///
    /// ```
    /// use nrrd_rs::ScalarType;
    ///
    /// assert_eq!(ScalarType::from_name("Signed  Short"), Some(ScalarType::I16));
    /// assert_eq!(ScalarType::from_name("block"), None);
    /// ```
    pub fn from_name(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
        Some(match words.join(" ").as_str() {
            "signed char" | "int8" | "int8_t" => Self::I8,
            "uchar" | "unsigned char" | "uint8" | "uint8_t" => Self::U8,
            "short" | "short int" | "signed short" | "signed short int" | "int16" | "int16_t" => {
                Self::I16
            }
            "ushort" | "unsigned short" | "unsigned short int" | "uint16" | "uint16_t" => Self::U16,
            "int" | "signed int" | "int32" | "int32_t" => Self::I32,
            "uint" | "unsigned int" | "uint32" | "uint32_t" => Self::U32,
            "longlong"
            | "long long"
            | "long long int"
            | "signed long long"
            | "signed long long int"
            | "int64"
            | "int64_t" => Self::I64,
            "ulonglong"
            | "unsigned long long"
            | "unsigned long long int"
            | "uint64"
            | "uint64_t" => Self::U64,
            "float" => Self::F32,
            "double" => Self::F64,
            _ => return None,
        })
    }

    /// Reads a number written as text into the bytes of a value, lowest first, rounded as the type rounds it.
    /// False if it is none of the type.
    ///
    /// A fraction in a volume of integers loses what is behind its point, as in Teem.
    pub(crate) fn parse(self, text: &str, into: &mut Vec<u8>) -> bool {
        fn integer<T: TryFrom<i128>>(text: &str) -> Option<T> {
            let value = match text.parse::<i128>() {
                Ok(value) => value,
                Err(_) => {
                    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
                    value.trunc() as i128
                }
            };
            T::try_from(value).ok()
        }
        // C's printf may say more of what is no number: `nan(1)`, `-nan(ind)`.
        let bare = text.strip_suffix(')').and_then(|text| text.split_once('('));
        let text = match bare {
            Some((word, _)) if word.to_ascii_lowercase().ends_with("nan") => word,
            _ => text,
        };
        macro_rules! put {
            ($value:expr) => {
                match $value {
                    Some(value) => into.extend_from_slice(&value.to_le_bytes()),
                    None => return false,
                }
            };
        }
        match self {
            Self::I8 => put!(integer::<i8>(text)),
            Self::U8 => put!(integer::<u8>(text)),
            Self::I16 => put!(integer::<i16>(text)),
            Self::U16 => put!(integer::<u16>(text)),
            Self::I32 => put!(integer::<i32>(text)),
            Self::U32 => put!(integer::<u32>(text)),
            Self::I64 => put!(integer::<i64>(text)),
            Self::U64 => put!(integer::<u64>(text)),
            Self::F32 => put!(text.parse::<f32>().ok()),
            Self::F64 => put!(text.parse::<f64>().ok()),
        }
        true
    }
}

impl fmt::Display for ScalarType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A type of Rust that NRRD has: `i8` to `i64`, `u8` to `u64`, `f32`, `f64`.
pub trait Scalar: sealed::Sealed + Copy + Default + fmt::Debug + fmt::Display + 'static {
    /// As a header names it.
    const TYPE: ScalarType;

    /// Appends the values in these bytes, whose number is a multiple of the type's size.
    fn decode(bytes: &[u8], endian: Endian, into: &mut Vec<Self>);

    /// Appends the value's bytes.
    fn encode(self, endian: Endian, into: &mut Vec<u8>);
}

macro_rules! scalars {
    ($($type:ty, $name:ident;)*) => {$(
        impl sealed::Sealed for $type {}

        impl Scalar for $type {
            const TYPE: ScalarType = ScalarType::$name;

            fn decode(bytes: &[u8], endian: Endian, into: &mut Vec<Self>) {
                let (values, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                match endian {
                    Endian::Little => into.extend(values.iter().map(|&value| Self::from_le_bytes(value))),
                    Endian::Big => into.extend(values.iter().map(|&value| Self::from_be_bytes(value))),
                }
            }

            fn encode(self, endian: Endian, into: &mut Vec<u8>) {
                match endian {
                    Endian::Little => into.extend_from_slice(&self.to_le_bytes()),
                    Endian::Big => into.extend_from_slice(&self.to_be_bytes()),
                }
            }
        }
    )*};
}
scalars! {
    i8, I8;
    u8, U8;
    i16, I16;
    u16, U16;
    i32, I32;
    u32, U32;
    i64, I64;
    u64, U64;
    f32, F32;
    f64, F64;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(scalar: ScalarType, text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        scalar.parse(text, &mut bytes).then_some(bytes)
    }

    #[test]
    fn text_is_read_in_the_type_of_its_volume() {
        use ScalarType::*;
        let integers: [(ScalarType, &str, Option<i128>); 10] = [
            (U8, "255", Some(255)),
            (U8, "256", None),
            (U8, "-1", None),
            (I8, "-128", Some(-128)),
            (I16, "0.9", Some(0)),
            (U32, "1.0", Some(1)),
            (U64, "18446744073709551615", Some(u64::MAX.into())),
            (I64, "-9223372036854775807", Some(i128::from(i64::MIN) + 1)),
            (I64, "1e40", None),
            (I32, "nan", None),
        ];
        for (scalar, text, value) in integers {
            let expected = value.map(|value| value.to_le_bytes()[..scalar.size()].to_vec());
            assert_eq!(parsed(scalar, text), expected, "{text} as {scalar}");
        }
        assert_eq!(parsed(F32, "0.50000000001"), Some(0.5f32.to_le_bytes().to_vec()));
        assert_eq!(parsed(F64, "0.50000000001"), Some(0.50000000001f64.to_le_bytes().to_vec()));
        assert_eq!(parsed(F32, "-inf"), Some(f32::NEG_INFINITY.to_le_bytes().to_vec()));
        for text in ["1,5", "one", "nan(1", "1(1)"] {
            assert_eq!(parsed(F64, text), None, "{text}");
        }
        for text in ["nan", "NaN", "-nan", "nan(1)", "-nan(ind)"] {
            let bytes = parsed(F32, text).unwrap();
            assert!(f32::from_le_bytes(bytes.try_into().unwrap()).is_nan(), "{text}");
        }
    }

    #[test]
    fn every_type_reads_its_own_name() {
        for scalar in ScalarType::ALL {
            assert_eq!(ScalarType::from_name(scalar.name()), Some(scalar));
        }
    }
}
