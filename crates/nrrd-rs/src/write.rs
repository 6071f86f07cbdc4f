//! Writes what any reader of the format understands.

use std::io::{self, Write};

use crate::{Encoding, Endian, ScalarType};

/// Writes files with their header attached.
///
/// What is not set is not written: encoding raw, this machine's order of bytes, no space.
///
/// ```
/// # #[cfg(feature = "ndarray")] {
/// use ndarray::Array2;
/// use nrrd_rs::{Encoding, Endian, Writer};
///
/// let mut file = Vec::new();
/// Writer::new()
///     .encoding(Encoding::Text)
///     .comment("made by hand")
///     .field("content", "a gradient")
///     .key_value("modality", "CT")
///     .write(&mut file, Array2::from_shape_fn((3, 2), |(x, y)| x as f32 + 0.5 * y as f32).view())?;
/// let text = String::from_utf8(file)?;
/// assert!(text.ends_with("encoding: ascii\nmodality:=CT\n\n0.0 1.0 2.0\n0.5 1.5 2.5\n"), "{text}");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Writer {
    pub(crate) encoding: Encoding,
    pub(crate) endian: Endian,
    level: u32,
    space: Option<String>,
    directions: Option<Vec<Option<Vec<f64>>>>,
    origin: Option<Vec<f64>>,
    spacings: Option<Vec<f64>>,
    kinds: Option<String>,
    fields: Vec<(String, String)>,
    key_values: Vec<(String, String)>,
    comments: Vec<String>,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// A writer of raw files.
    pub fn new() -> Self {
        Self {
            encoding: Encoding::Raw,
            endian: Endian::NATIVE,
            level: 6,
            space: None,
            directions: None,
            origin: None,
            spacings: None,
            kinds: None,
            fields: Vec::new(),
            key_values: Vec::new(),
            comments: Vec::new(),
        }
    }

    /// How values are to be written.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Order of a value's bytes.
    pub fn endian(mut self, endian: Endian) -> Self {
        self.endian = endian;
        self
    }

    /// How hard gzip and bzip2 try: from 0, not at all, to 9, the default being 6.
    pub fn level(mut self, level: u32) -> Self {
        self.level = level.min(9);
        self
    }

    /// Length of a step along each axis. Not written beside [`space_directions`](Self::space_directions), as
    /// readers want only one of the two.
    pub fn spacings(mut self, spacings: &[f64]) -> Self {
        self.spacings = Some(spacings.to_vec());
        self
    }

    /// The space that directions and origin are in, such as `left-posterior-superior`.
    pub fn space(mut self, name: &str) -> Self {
        self.space = Some(name.to_string());
        self
    }

    /// One step along each axis, in the space.
    pub fn space_directions<const N: usize>(mut self, directions: &[[f64; N]]) -> Self {
        self.directions = Some(directions.iter().map(|vector| Some(vector.to_vec())).collect());
        self
    }

    /// As [`space_directions`](Self::space_directions), with `None` for axes that don't run through space.
    pub fn some_space_directions(mut self, directions: &[Option<Vec<f64>>]) -> Self {
        self.directions = Some(directions.to_vec());
        self
    }

    /// Centre of the first value, in the space.
    pub fn space_origin(mut self, origin: &[f64]) -> Self {
        self.origin = Some(origin.to_vec());
        self
    }

    /// What each axis is, such as `domain` or `list`.
    pub fn kinds(mut self, kinds: &[&str]) -> Self {
        self.kinds = Some(kinds.join(" "));
        self
    }

    /// Any other field: `name: text`.
    pub fn field(mut self, name: &str, text: &str) -> Self {
        self.fields.push((name.to_string(), text.to_string()));
        self
    }

    /// A key and its value: `key:=value`.
    pub fn key_value(mut self, key: &str, value: &str) -> Self {
        self.key_values.push((key.to_string(), value.to_string()));
        self
    }

    /// A line of comment.
    pub fn comment(mut self, comment: &str) -> Self {
        self.comments.push(comment.to_string());
        self
    }

    /// Writes values as they come: `body` is given a writer, and must write the bytes of as many values as the
    /// sizes say, the first axis fastest, in the writer's order of bytes.
    ///
    /// ```
    /// use nrrd_rs::{Header, ScalarType, Writer};
    ///
    /// let mut file = Vec::new();
    /// let slice = [7; 64 * 64];
    /// Writer::new().write_values(&mut file, ScalarType::U8, &[64, 64, 100], |out| {
    ///     (0..100).try_for_each(|_| out.write_all(&slice))
    /// })?;
    /// assert_eq!(Header::read(&file)?.sizes, [64, 64, 100]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` for no values, another number of bytes, fields that would not be read as they are (another
    /// number of axes, a line break in a text), [`Encoding::Text`], and an encoding without its feature. Those of
    /// `out` and `body`.
    pub fn write_values(
        &self,
        out: impl Write,
        scalar: ScalarType,
        sizes: &[usize],
        body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.encoding == Encoding::Text {
            return Err(invalid("bytes can't be written as text"));
        }
        let expected = sizes.iter().try_fold(scalar.size(), |product, &n| product.checked_mul(n));
        let expected = expected.ok_or_else(|| invalid("more values than can be counted"))?;
        self.write_encoded(out, scalar, sizes, |out| {
            let mut counted = Counted { out, left: expected };
            body(&mut counted)?;
            match counted.left {
                0 => Ok(()),
                left => Err(invalid(&format!("{left} bytes are missing of {expected}"))),
            }
        })
    }

    pub(crate) fn write_encoded(
        &self,
        mut out: impl Write,
        scalar: ScalarType,
        sizes: &[usize],
        body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        out.write_all(self.header(scalar, sizes)?.as_bytes())?;
        match self.encoding {
            Encoding::Raw | Encoding::Text => body(&mut out)?,
            Encoding::Hex => body(&mut Hex(&mut out))?,
            #[cfg(feature = "gzip")]
            Encoding::Gzip => {
                let level = flate2::Compression::new(self.level);
                let mut gzip = flate2::write::GzEncoder::new(&mut out, level);
                body(&mut gzip)?;
                gzip.finish()?;
            }
            #[cfg(feature = "bzip2")]
            Encoding::Bzip2 => {
                let level = bzip2::Compression::new(self.level.max(1));
                let mut bzip2 = bzip2::write::BzEncoder::new(&mut out, level);
                body(&mut bzip2)?;
                bzip2.finish()?;
            }
            #[cfg(not(all(feature = "gzip", feature = "bzip2")))]
            other => return Err(invalid(&format!("no feature for {other}"))),
        }
        out.flush()
    }

    fn header(&self, scalar: ScalarType, sizes: &[usize]) -> io::Result<String> {
        if !(1..=crate::MAX_AXES).contains(&sizes.len()) || sizes.contains(&0) {
            return Err(invalid("expected 1 to 16 axes, none of size 0"));
        }
        let per_axis = [
            self.directions.as_ref().map(Vec::len),
            self.spacings.as_ref().map(Vec::len),
            self.kinds.as_ref().map(|kinds| kinds.split_ascii_whitespace().count()),
        ];
        if per_axis.into_iter().flatten().any(|count| count != sizes.len()) {
            return Err(invalid(
                "space directions, spacings and kinds need one value for each axis",
            ));
        }
        let vector = |parts: &[f64]| format!("({})", join(parts, ","));
        let mut lines = vec!["NRRD0004".to_string()];
        lines.extend(self.comments.iter().map(|comment| format!("# {comment}")));
        lines.push(format!("type: {scalar}"));
        lines.push(format!("dimension: {}", sizes.len()));
        // Teem and ITK want the space before its directions and origin, and no spacings beside them.
        if let Some(space) = &self.space {
            lines.push(format!("space: {space}"));
        } else if let Some(dimension) = self.space_dimension() {
            lines.push(format!("space dimension: {dimension}"));
        }
        lines.push(format!("sizes: {}", join(sizes, " ")));
        if let Some(directions) = &self.directions {
            let words = directions.iter().map(|direction| match direction {
                Some(direction) => vector(direction),
                None => "none".to_string(),
            });
            lines.push(format!("space directions: {}", words.collect::<Vec<_>>().join(" ")));
        } else if let Some(spacings) = &self.spacings {
            lines.push(format!("spacings: {}", join(spacings, " ")));
        }
        if let Some(kinds) = &self.kinds {
            lines.push(format!("kinds: {kinds}"));
        }
        if let Some(origin) = &self.origin {
            lines.push(format!("space origin: {}", vector(origin)));
        }
        if scalar.size() > 1 && self.encoding != Encoding::Text {
            lines.push(format!("endian: {}", self.endian));
        }
        lines.extend(self.fields.iter().map(|(name, text)| format!("{name}: {text}")));
        lines.push(format!("encoding: {}", self.encoding));
        lines.extend(self.key_values.iter().map(|(key, value)| format!("{key}:={value}")));
        if lines.iter().any(|line| line.contains(['\r', '\n'])) {
            return Err(invalid("a line break in a field"));
        }
        lines.push("\n".to_string());
        Ok(lines.join("\n"))
    }

    /// How many dimensions the vectors have, where no space says it.
    fn space_dimension(&self) -> Option<usize> {
        let directions = self.directions.iter().flatten().flatten();
        directions.chain(&self.origin).map(Vec::len).next()
    }
}

fn join<T: ToString>(parts: &[T], between: &str) -> String {
    parts.iter().map(T::to_string).collect::<Vec<_>>().join(between)
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// Holds whoever writes to as many bytes as were announced.
struct Counted<W> {
    out: W,
    left: usize,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.left {
            return Err(invalid("more bytes than the sizes have values"));
        }
        let written = self.out.write(bytes)?;
        self.left -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Two digits a byte, 32 bytes a line.
struct Hex<W>(W);

impl<W: Write> Write for Hex<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut digits = String::with_capacity(3 * bytes.len());
        for line in bytes.chunks(32) {
            line.iter().for_each(|byte| digits.push_str(&format!("{byte:02x}")));
            digits.push('\n');
        }
        self.0.write_all(digits.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
