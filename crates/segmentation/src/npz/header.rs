//! The header of an `.npy`: a Python dictionary, of which only one form is understood.

use std::io::Read;

use nrrd_rs::Endian;

use crate::element::Element;
use crate::error::{FirstAxis, VolumeError, VolumeIssue};
use crate::stream::read_full;
use crate::{MAX_VOXELS, sniff};

/// Most bytes of the dictionary. NumPy itself refuses more than 10 000.
const MAX_LENGTH: usize = 64 << 10;

/// What the array is.
#[derive(Debug, PartialEq)]
pub struct Header {
    /// Sizes along (x, y, z), the array's first, second and third index.
    pub shape: [usize; 3],
    pub element: Element,
    pub endian: Endian,
    /// First index fastest; otherwise the last one.
    pub fortran_order: bool,
}

impl Header {
    /// Reads and checks the header, leaving the reader at the first value. With its own length in bytes.
    pub fn read(reader: &mut dyn Read) -> Result<(Self, u64), VolumeError> {
        let mut start = [0; 8];
        let read = read_full(reader, &mut start)?;
        let [b'\x93', b'N', b'U', b'M', b'P', b'Y', major, minor] = start else {
            let looks_like = sniff::name(start.get(..read).unwrap_or_default());
            return Err(VolumeIssue::WrongFormat { looks_like }.into());
        };
        let mut length = [0; 4];
        let width = match (major, minor) {
            (1, 0) => 2,
            (2 | 3, 0) => 4,
            _ => return Err(bad("version", "1.0, 2.0 or 3.0", &format!("{major}.{minor}")).into()),
        };
        fill(reader, length.get_mut(..width).unwrap_or_default())?;
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_LENGTH {
            return Err(VolumeIssue::HeaderTooLong.into());
        }
        let mut text = vec![0; length];
        fill(reader, &mut text)?;
        let header = interpret(&String::from_utf8_lossy(&text))?;
        Ok((header, (start.len() + width + text.len()) as u64))
    }

    /// Bytes of all values.
    pub fn payload(&self) -> u64 {
        self.shape.iter().product::<usize>() as u64 * self.element.size() as u64
    }
}

fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> Result<(), VolumeError> {
    let found = read_full(reader, buffer)?;
    if found < buffer.len() {
        let (expected, found) = (buffer.len() as u64, found as u64);
        return Err(VolumeIssue::Truncated { expected, found }.into());
    }
    Ok(())
}

fn bad(field: &str, expected: &str, found: &str) -> VolumeIssue {
    let found: String = found.chars().take(60).collect();
    let reason = format!("expected {expected}, found {found:?}");
    VolumeIssue::BadHeader { field: field.to_string(), reason }
}

/// Understands `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3, 4), }`, keys in any order.
fn interpret(text: &str) -> Result<Header, VolumeIssue> {
    let (mut descr, mut order, mut sizes) = (None, None, None);
    let mut rest = Text(text.trim());
    rest.expect("{")?;
    while !rest.skip("}") {
        let key = rest.string()?;
        rest.expect(":")?;
        let twice = match key {
            "descr" => descr.replace(element(&mut rest)?).is_some(),
            "fortran_order" => order.replace(rest.boolean()?).is_some(),
            "shape" => sizes.replace(rest.tuple()?).is_some(),
            other => return Err(bad("header", "descr, fortran_order and shape only", other)),
        };
        if twice {
            return Err(VolumeIssue::DuplicateField(key.to_string()));
        }
        if !rest.skip(",") && !rest.0.starts_with('}') {
            return Err(bad("header", "a comma", rest.0));
        }
    }
    if !rest.0.is_empty() {
        return Err(bad("header", "nothing after it", rest.0));
    }
    let (element, endian) = descr.ok_or(VolumeIssue::MissingField("descr"))?;
    let sizes = sizes.ok_or(VolumeIssue::MissingField("shape"))?;
    let axes = sizes.len();
    let shape: [usize; 3] = sizes
        .try_into()
        .map_err(|_| VolumeIssue::NotThreeDimensional { axes, first: FirstAxis::Space })?;
    match crate::voxels(shape) {
        Some(1..=MAX_VOXELS) => {}
        _ => return Err(VolumeIssue::BadSizes(format!("{shape:?}"))),
    }
    let fortran_order = order.ok_or(VolumeIssue::MissingField("fortran_order"))?;
    Ok(Header { shape, element, endian, fortran_order })
}

/// The type a `descr` names: `<f8` and `|b1` as NumPy writes it, `float64` and `?` as others do.
fn element(rest: &mut Text<'_>) -> Result<(Element, Endian), VolumeIssue> {
    if rest.0.starts_with('[') || rest.0.starts_with('(') {
        return Err(VolumeIssue::UnsupportedType("a structured type".to_string()));
    }
    let descr = rest.string()?;
    let unsupported = || VolumeIssue::UnsupportedType(descr.chars().take(60).collect());
    let endian = if descr.starts_with('>') { Endian::Big } else { Endian::Little };
    let element = match descr.strip_prefix(['<', '>', '|', '=']).unwrap_or(descr) {
        "b1" | "?" | "bool" | "u1" | "B" | "uint8" => Element::U8,
        "i1" | "b" | "int8" => Element::I8,
        "u2" | "H" | "uint16" => Element::U16,
        "i2" | "h" | "int16" => Element::I16,
        "u4" | "I" | "uint32" => Element::U32,
        "i4" | "i" | "int32" => Element::I32,
        "u8" | "Q" | "uint64" => Element::U64,
        "i8" | "q" | "int64" => Element::I64,
        "f2" | "e" | "float16" => Element::F16,
        "f4" | "f" | "float32" => Element::F32,
        "f8" | "d" | "float64" => Element::F64,
        _ => return Err(unsupported()),
    };
    Ok((element, endian))
}

/// What is left of the dictionary, white space before it dropped.
struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    fn skip(&mut self, token: &str) -> bool {
        let after = self.0.strip_prefix(token);
        if let Some(after) = after {
            self.0 = after.trim_start();
        }
        after.is_some()
    }

    fn expect(&mut self, token: &str) -> Result<(), VolumeIssue> {
        if self.skip(token) { Ok(()) } else { Err(bad("header", token, self.0)) }
    }

    /// A string in single or double quotes, without escapes.
    fn string(&mut self) -> Result<&'a str, VolumeIssue> {
        let quoted = ["'", "\""].iter().find_map(|quote| {
            let (inside, after) = self.0.strip_prefix(quote)?.split_once(quote)?;
            (!inside.contains('\\')).then_some((inside, after))
        });
        let (inside, after) = quoted.ok_or_else(|| bad("header", "a string", self.0))?;
        self.0 = after.trim_start();
        Ok(inside)
    }

    fn boolean(&mut self) -> Result<bool, VolumeIssue> {
        if self.skip("True") {
            Ok(true)
        } else if self.skip("False") {
            Ok(false)
        } else {
            Err(bad("fortran_order", "True or False", self.0))
        }
    }

    /// A tuple of sizes. Python 2 wrote `3L`.
    fn tuple(&mut self) -> Result<Vec<usize>, VolumeIssue> {
        let bad = |text: &str| bad("shape", "a tuple of sizes", text);
        let (inside, after) =
            self.0.strip_prefix('(').and_then(|text| text.split_once(')')).ok_or(bad(self.0))?;
        let inside = inside.trim();
        let sizes = inside.strip_suffix(',').unwrap_or(inside);
        self.0 = after.trim_start();
        if sizes.is_empty() {
            return Ok(Vec::new());
        }
        sizes
            .split(',')
            .map(|size| {
                let size = size.trim();
                size.strip_suffix('L').unwrap_or(size).parse().map_err(|_| bad(inside))
            })
            .collect()
    }
}
