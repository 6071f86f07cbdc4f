//! The header: which values follow, of what type, how they are written, where they lie.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{BufRead, BufReader, Read};

use crate::data::{self, Data};
use crate::error::{Error, FormatError};
use crate::source::{self, Source};
use crate::stream::BUFFER;
use crate::{ByteSkip, Encoding, Endian, ScalarType, fields};

/// The most bytes of a header.
pub const MAX_HEADER: u64 = 1 << 20;

/// The most axes, as in Teem.
pub const MAX_AXES: usize = 16;

/// Bytes in which the magic has to end, its line's trailing white space included.
const MAGIC_LINE: u64 = 512;

/// A header that has been read and understood.
///
/// Axes are in the file's order: the values along the first of them follow one another. What every
/// reader needs has a member; all fields, known or not, are there as text ([`field`](Self::field)).
///
/// ```
/// use nrrd_rs::{Encoding, Header, ScalarType};
///
/// let file = b"NRRD0004\n# a comment\ntype: float\ndimension: 3\nspace: left-posterior-superior\n\
///     sizes: 64 48 32\nspace directions: (0.4,0,0) (0,0.4,0) (0,0,0.625)\n\
///     kinds: domain domain domain\nendian: little\nencoding: gzip\nmodality:=CT\n\n";
/// let header = Header::read(&file.as_slice())?;
/// assert_eq!((header.scalar, header.encoding), (ScalarType::F32, Encoding::Gzip));
/// assert_eq!(header.sizes, [64, 48, 32]);
/// assert_eq!(header.spacing(), [Some(0.4), Some(0.4), Some(0.625)]);
/// assert_eq!(header.field("Kinds"), Some("domain domain domain"));
/// assert_eq!(header.key_value("modality"), Some("CT"));
/// # Ok::<(), nrrd_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The format's version, 1 to 5.
    pub version: u8,
    /// Type of the values.
    pub scalar: ScalarType,
    /// Values along each axis, the fastest first: at least one axis, no size 0.
    pub sizes: Vec<usize>,
    /// Order of the bytes of a value; [`Endian::Little`] where none needs to be stated.
    pub endian: Endian,
    /// How the values are written.
    pub encoding: Encoding,
    /// Lines of the file between the header and the data.
    pub line_skip: u64,
    /// What comes between the start of the decoded data and the first value.
    pub byte_skip: ByteSkip,
    /// Name of the space, such as `left-posterior-superior`, as it is written.
    pub space: Option<String>,
    /// For each axis one step along it in the space, mm as a rule. Anything a header can hold, NaN included.
    pub space_directions: Option<Vec<Option<Vec<f64>>>>,
    /// Centre of the first value in the space.
    pub space_origin: Option<Vec<f64>>,
    /// Length of one step along each axis, from the field `spacings`.
    pub spacings: Option<Vec<f64>>,
    fields: BTreeMap<String, String>,
    key_values: String,
    comments: String,
    length: u64,
}

impl Header {
    /// Reads and checks the header at the start of a source.
    ///
    /// Takes whatever any of pynrrd, Teem and ITK takes: fields in any order, spelling and case, with or without a
    /// space after the colon, LF or CRLF, UTF-8 or latin-1.
    ///
    /// # Errors
    /// [`Error::Io`] if the source fails, [`Error::Format`] for everything that is wrong with the header, for a
    /// header of more than [`MAX_HEADER`] bytes, and for one that names another file
    /// ([`FormatError::DetachedData`]): such a file is never opened.
    pub fn read(source: &dyn Source) -> Result<Self, Error> {
        let reader = BufReader::with_capacity(BUFFER, source::open(source)?);
        Lines::read(reader)
    }

    /// The values, decoded piece by piece.
    ///
    /// # Errors
    /// [`Error::Io`] if the source fails; [`Error::Format`] if its stated length is too short or far too long, and
    /// for what is met on the way to the first value.
    pub fn data<'a>(&self, source: &'a dyn Source) -> Result<Data<'a>, Error> {
        self.check_length(source)?;
        data::open(self, source)
    }

    /// Refuses by the source's stated length, where that already says enough.
    ///
    /// # Errors
    /// [`FormatError::Truncated`] or [`FormatError::TooLong`].
    pub fn check_length(&self, source: &dyn Source) -> Result<(), FormatError> {
        data::check_length(self, source)
    }

    /// How many values there are.
    pub fn values(&self) -> usize {
        self.sizes.iter().product()
    }

    /// Bytes of all values, decoded.
    pub fn data_bytes(&self) -> u64 {
        self.values() as u64 * self.scalar.size() as u64
    }

    /// Bytes of the header, its empty line included: where the data begin.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Length of one step along each axis: the norm of its space direction or, where there are none, what
    /// `spacings` says.
    pub fn spacing(&self) -> Vec<Option<f64>> {
        match (&self.space_directions, &self.spacings) {
            (Some(directions), _) => {
                let norm = |vector: &Vec<f64>| vector.iter().map(|x| x * x).sum::<f64>().sqrt();
                directions.iter().map(|vector| vector.as_ref().map(norm)).collect()
            }
            (None, Some(spacings)) => spacings.iter().copied().map(Some).collect(),
            (None, None) => vec![None; self.sizes.len()],
        }
    }

    /// A field's text, whatever the case and spacing of its name: `"space units"`, `"SpaceUnits"`.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(&fields::plain(name)).map(String::as_str)
    }

    /// All fields in alphabetical order: names in lower case without spaces, and their texts.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The words of a field that has one for each axis, such as `kinds` or `centers`.
    ///
    /// ```
    /// # let file = b"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 3 2\nkinds: domain list\n\
    /// #     labels: \"along x\" \"t\"\naxis mins: 0 nan\nencoding: raw\n\n\0\x01\x02\x03\x04\x05";
    /// # let header = nrrd_rs::Header::read(&file.as_slice())?;
    /// assert_eq!(header.axis_words("kinds"), Some(vec!["domain", "list"]));
    /// assert_eq!(header.axis_texts("labels"), Some(vec!["along x".into(), "t".into()]));
    /// assert_eq!(header.axis_numbers("axis mins").unwrap()[0], 0.0);
    /// # Ok::<(), nrrd_rs::Error>(())
    /// ```
    pub fn axis_words(&self, name: &str) -> Option<Vec<&str>> {
        let words: Vec<&str> = self.field(name)?.split_ascii_whitespace().collect();
        (words.len() == self.sizes.len()).then_some(words)
    }

    /// The texts in quotes of a field that has one for each axis, such as `labels` or `units`.
    pub fn axis_texts(&self, name: &str) -> Option<Vec<String>> {
        fields::quoted(self.field(name)?).filter(|texts| texts.len() == self.sizes.len())
    }

    /// The numbers of a field that has one for each axis, such as `thicknesses`, `axis mins` or `axis maxs`.
    pub fn axis_numbers(&self, name: &str) -> Option<Vec<f64>> {
        fields::numbers(name, self.field(name)?, self.sizes.len()).ok()
    }

    /// The vectors of a field such as `measurement frame`.
    pub fn vectors(&self, name: &str) -> Option<Vec<Option<Vec<f64>>>> {
        fields::vectors(self.field(name)?)
    }

    /// The first value of a key (`key:=value`); case counts.
    pub fn key_value(&self, key: &str) -> Option<&str> {
        self.key_values().find(|&(name, _)| name == key).map(|(_, value)| value)
    }

    /// All keys and values in the order of the file.
    pub fn key_values(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.key_values.lines().filter_map(|line| line.split_once(":="));
        pairs.map(|(key, value)| (key.trim(), value.trim()))
    }

    /// All comments, without the `#`.
    pub fn comments(&self) -> impl Iterator<Item = &str> {
        self.comments.lines()
    }
}

/// The header's lines, split into fields (`key: value`), key/value pairs (`key:=value`) and comments.
#[derive(Default)]
struct Lines {
    version: u8,
    /// By [`fields::plain`] name.
    fields: BTreeMap<String, String>,
    /// A line each: a header of a million of them must not take ten times its own memory.
    key_values: String,
    comments: String,
}

impl Lines {
    /// Reads up to and with the empty line after the header.
    fn read(mut reader: impl BufRead) -> Result<Header, Error> {
        let mut head = Vec::new();
        reader.by_ref().take(MAGIC_LINE).read_to_end(&mut head)?;
        let mut lines = Self { version: version(&head)?, ..Self::default() };
        let mut reader = head.as_slice().chain(reader).take(MAX_HEADER);
        let mut line = Vec::new();
        let mut first = true;
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                let error = match reader.limit() {
                    0 => FormatError::HeaderTooLong,
                    // Whoever wrote no empty line may have meant the values to be elsewhere.
                    _ => {
                        lines.add(&line, first)?;
                        let reason = "there is no empty line after it".to_string();
                        FormatError::BadField { field: "header".to_string(), reason }
                    }
                };
                return Err(error.into());
            }
            if line.trim_ascii().is_empty() {
                return Ok(lines.interpret(MAX_HEADER - reader.limit())?);
            }
            lines.add(&line, first)?;
            first = false;
        }
    }

    fn add(&mut self, line: &[u8], magic: bool) -> Result<(), FormatError> {
        let text = fields::decode(line.trim_ascii_end());
        if magic || text.is_empty() {
            return Ok(());
        }
        if let Some(comment) = text.strip_prefix('#') {
            push_line(&mut self.comments, comment.trim());
            return Ok(());
        }
        let Some((name, value)) = text.split_once(':') else {
            let reason = "neither `field: value` nor `key:=value` nor a comment".to_string();
            return Err(FormatError::BadField { field: fields::excerpt(&text), reason });
        };
        let plain = fields::plain(name);
        // However it is spelt or separated: some reader would follow it.
        if plain == "datafile" {
            return Err(FormatError::DetachedData);
        }
        if value.starts_with('=') {
            push_line(&mut self.key_values, &text);
            return Ok(());
        }
        match self.fields.entry(plain) {
            Entry::Vacant(entry) => entry.insert(value.trim().to_string()),
            Entry::Occupied(_) => {
                return Err(FormatError::DuplicateField(fields::excerpt(name.trim())));
            }
        };
        Ok(())
    }

    fn get(&self, plain: &str) -> Option<&str> {
        self.fields.get(plain).map(String::as_str)
    }

    fn required(&self, plain: &str, name: &'static str) -> Result<&str, FormatError> {
        self.get(plain).ok_or(FormatError::MissingField(name))
    }

    fn interpret(self, length: u64) -> Result<Header, FormatError> {
        let scalar = self.required("type", "type")?;
        let scalar = ScalarType::from_name(scalar)
            .ok_or_else(|| FormatError::UnsupportedType(fields::excerpt(scalar)))?;
        let encoding = fields::encoding(self.required("encoding", "encoding")?)?;
        let sizes = self.sizes(scalar)?;
        let endian = match self.get("endian").map(str::to_ascii_lowercase).as_deref() {
            Some("little") => Endian::Little,
            Some("big") => Endian::Big,
            Some(other) => return Err(fields::bad("endian", other, "little or big")),
            None if scalar.size() == 1 || encoding == Encoding::Text => Endian::Little,
            None => return Err(FormatError::MissingField("endian")),
        };
        let line_skip = match self.get("lineskip") {
            None => 0,
            Some(text) => text
                .parse()
                .map_err(|_| fields::bad("line skip", text, "a number of lines, 0 or more"))?,
        };
        let byte_skip = self.byte_skip(encoding)?;
        let axes = sizes.len();
        let space_directions =
            self.get("spacedirections").map(|text| fields::directions(text, axes)).transpose()?;
        let spacings =
            self.get("spacings").map(|text| fields::numbers("spacings", text, axes)).transpose()?;
        let space_origin = self.get("spaceorigin").map(fields::origin).transpose()?.flatten();
        Ok(Header {
            version: self.version,
            scalar,
            sizes,
            endian,
            encoding,
            line_skip,
            byte_skip,
            space: self.get("space").map(str::to_string),
            space_directions,
            space_origin,
            spacings,
            fields: self.fields,
            key_values: self.key_values,
            comments: self.comments,
            length,
        })
    }

    /// The sizes, none of them 0; the bytes of all values, twice, can be counted.
    fn sizes(&self, scalar: ScalarType) -> Result<Vec<usize>, FormatError> {
        let dimension = self.required("dimension", "dimension")?;
        let axes: usize = fields::whole(dimension)
            .filter(|axes| (1..=MAX_AXES).contains(axes))
            .ok_or_else(|| fields::bad("dimension", dimension, "a number of axes"))?;
        let text = self.required("sizes", "sizes")?;
        let sizes = text
            .split_ascii_whitespace()
            .map(fields::whole)
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| fields::bad("sizes", text, "whole numbers"))?;
        if sizes.len() != axes {
            let wanted = format!("as many as the {axes} axes of the dimension");
            return Err(fields::bad("sizes", text, &wanted));
        }
        // 64 times: text may take 32 bytes a value, and what follows the values is bounded by their length.
        let room = isize::MAX.unsigned_abs() / 64 / scalar.size();
        let product = sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        match product {
            Some(values) if (1..=room).contains(&values) => Ok(sizes),
            _ => Err(FormatError::BadSizes(fields::excerpt(text))),
        }
    }

    fn byte_skip(&self, encoding: Encoding) -> Result<ByteSkip, FormatError> {
        let Some(text) = self.get("byteskip") else { return Ok(ByteSkip::Bytes(0)) };
        match text.parse::<i64>() {
            Ok(bytes @ 0..) => Ok(ByteSkip::Bytes(bytes.unsigned_abs())),
            Ok(bytes) if !matches!(encoding, Encoding::Text | Encoding::Hex) => {
                Ok(ByteSkip::BeforeTheEnd(bytes.unsigned_abs() - 1))
            }
            _ => {
                let wanted = "a number of bytes, below 0 with encoding raw, gzip or bzip2 only";
                Err(fields::bad("byte skip", text, wanted))
            }
        }
    }
}

fn push_line(lines: &mut String, line: &str) {
    lines.push_str(line);
    lines.push('\n');
}

/// The format's version, from the first bytes of a file.
fn version(head: &[u8]) -> Result<u8, FormatError> {
    if head.starts_with(b"\xef\xbb\xbfNRRD") {
        return Err(FormatError::ByteOrderMark);
    }
    let line = head.split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default();
    match line.trim_ascii_end().strip_prefix(b"NRRD000") {
        Some([version @ b'1'..=b'5']) => Ok(version - b'0'),
        _ => Err(FormatError::NotNrrd),
    }
}
