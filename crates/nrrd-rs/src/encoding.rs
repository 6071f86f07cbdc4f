use std::fmt;

/// How the values of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As they lie in memory.
    Raw,
    /// As decimal numbers.
    Text,
    /// As two hexadecimal digits a byte.
    Hex,
    /// As raw, compressed by gzip.
    Gzip,
    /// As raw, compressed by bzip2.
    Bzip2,
}

impl Encoding {
    /// The name that every reader knows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Text => "ascii",
            Self::Hex => "hex",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which byte of a value comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endian {
    /// The lowest.
    Little,
    /// The highest.
    Big,
}

impl Endian {
    /// This machine's.
    pub const NATIVE: Self = if cfg!(target_endian = "big") { Self::Big } else { Self::Little };
}

impl fmt::Display for Endian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Little => "little",
            Self::Big => "big",
        })
    }
}

/// What comes between the start of the decoded data and the first value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteSkip {
    /// So many bytes.
    Bytes(u64),
    /// Whatever is there: the values end this many bytes before the end of the data. Written as −1 for 0.
    BeforeTheEnd(u64),
}
