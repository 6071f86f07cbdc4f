//! The header: which voxels follow, of what type, how they are written.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use super::fields;
use crate::element::{Element, Endian};
use crate::error::{Defect, VolumeError};
use crate::source::Source;
use crate::stream::{BUFFER, read_full};
use crate::{Geometry, MAX_HEADER, sniff};

/// How the voxels are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Raw,
    Text,
    Hex,
    Gzip,
    Bzip2,
}

/// What comes between the decoded stream's start and its first voxel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteSkip {
    Bytes(u64),
    /// The voxels end so many bytes before the end of the decoded stream.
    BeforeTheEnd(u64),
}

/// All of a header that matters for reading a mask.
#[derive(Debug)]
pub struct Header {
    pub geometry: Geometry,
    pub element: Element,
    pub endian: Endian,
    pub encoding: Encoding,
    pub line_skip: u64,
    pub byte_skip: ByteSkip,
    /// 3D Slicer says that the volume is a part of a larger one.
    pub cropped: bool,
    /// Bytes of the header, its empty line included.
    pub length: u64,
}

impl Header {
    /// Reads and checks the header at the start of a source.
    pub fn read(source: &dyn Source) -> Result<Self, VolumeError> {
        let reader = BufReader::with_capacity(BUFFER, source.open()?);
        let (lines, length) = Lines::read(reader)?;
        Ok(lines.interpret(length)?)
    }
}

/// The header's lines, split into fields (`key: value`) and key/value pairs (`key:=value`).
#[derive(Default)]
struct Lines {
    /// By [`fields::plain`] name.
    fields: HashMap<String, String>,
    cropped: bool,
}

/// The key with which 3D Slicer says where a cropped segmentation lay.
const CROPPED: &str = "Segmentation_ReferenceImageExtentOffset";

impl Lines {
    /// Reads up to and with the empty line after the header.
    fn read(mut reader: impl BufRead) -> Result<(Self, u64), VolumeError> {
        let mut head = [0; sniff::ENOUGH];
        let read = read_full(&mut reader, &mut head)?;
        let head = head.get(..read).unwrap_or_default();
        check_magic(head)?;
        let mut reader = head.chain(reader).take(MAX_HEADER);
        let mut lines = Self::default();
        let mut line = Vec::new();
        let mut first = true;
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                let defect = match reader.limit() {
                    0 => Defect::HeaderTooLong,
                    // Whoever wrote no empty line may have meant the voxels to be elsewhere.
                    _ => {
                        lines.add(&line, first)?;
                        let reason = "there is no empty line after it".to_string();
                        Defect::BadHeader { field: "header".to_string(), reason }
                    }
                };
                return Err(defect.into());
            }
            if line.trim_ascii().is_empty() {
                return Ok((lines, MAX_HEADER - reader.limit()));
            }
            lines.add(&line, first)?;
            first = false;
        }
    }

    fn add(&mut self, line: &[u8], magic: bool) -> Result<(), Defect> {
        let text = fields::decode(line.trim_ascii_end());
        if magic || text.starts_with('#') || text.is_empty() {
            return Ok(());
        }
        let Some((name, value)) = text.split_once(':') else {
            let reason = "neither `field: value` nor `key:=value` nor a comment".to_string();
            return Err(Defect::BadHeader { field: fields::excerpt(&text), reason });
        };
        let plain = fields::plain(name);
        // However it is spelt or separated: some reader would follow it.
        if plain == "datafile" {
            return Err(Defect::DataFile);
        }
        if value.starts_with('=') {
            self.cropped |= name.trim() == CROPPED;
        } else if self.fields.insert(plain, value.trim().to_string()).is_some() {
            return Err(Defect::DuplicateField(fields::excerpt(name.trim())));
        }
        Ok(())
    }

    fn get(&self, plain: &str) -> Option<&str> {
        self.fields.get(plain).map(String::as_str)
    }

    fn required(&self, plain: &str, name: &'static str) -> Result<&str, Defect> {
        self.get(plain).ok_or(Defect::MissingField(name))
    }

    fn interpret(&self, length: u64) -> Result<Header, Defect> {
        let element = fields::element(self.required("type", "type")?)?;
        let encoding = fields::encoding(self.required("encoding", "encoding")?)?;
        let shape = self.shape()?;
        let endian = match self.get("endian").map(str::to_ascii_lowercase).as_deref() {
            Some("little") => Endian::Little,
            Some("big") => Endian::Big,
            Some(other) => return Err(fields::bad("endian", other, "little or big")),
            None if element.size() == 1 || encoding == Encoding::Text => Endian::Little,
            None => return Err(Defect::MissingField("endian")),
        };
        let line_skip = match self.get("lineskip") {
            None => 0,
            Some(text) => text
                .parse()
                .map_err(|_| fields::bad("line skip", text, "a number of lines, 0 or more"))?,
        };
        Ok(Header {
            geometry: self.geometry(shape)?,
            element,
            endian,
            encoding,
            line_skip,
            byte_skip: self.byte_skip(encoding)?,
            cropped: self.cropped,
            length,
        })
    }

    /// Sizes along (x, y, z), none of them 0, all voxels within [`super::super::MAX_VOXELS`].
    fn shape(&self) -> Result<[usize; 3], Defect> {
        let dimension = self.required("dimension", "dimension")?;
        let axes: usize = fields::whole(dimension)
            .filter(|axes| (1..=16).contains(axes))
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
        let shape: [usize; 3] = sizes
            .try_into()
            .map_err(|_| Defect::NotThreeDimensional { axes, layered: self.is_layered(axes) })?;
        match crate::voxels(shape) {
            Some(1..=crate::MAX_VOXELS) => Ok(shape),
            _ => Err(Defect::BadSizes(fields::excerpt(text))),
        }
    }

    /// Whether the first of four axes counts layers of segments, not voxels.
    fn is_layered(&self, axes: usize) -> bool {
        let starts = |field, word: &str| {
            let first = self.get(field).and_then(|text| text.split_ascii_whitespace().next());
            first.is_some_and(|first| first.eq_ignore_ascii_case(word))
        };
        axes == 4 && (starts("spacedirections", "none") || starts("kinds", "list"))
    }

    fn byte_skip(&self, encoding: Encoding) -> Result<ByteSkip, Defect> {
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

    fn geometry(&self, shape: [usize; 3]) -> Result<Geometry, Defect> {
        let directions = match self.get("spacedirections") {
            None => None,
            Some(text) => fields::directions(text)?,
        };
        let spacings = match self.get("spacings") {
            None => None,
            Some(text) => Some(fields::spacings(text)?),
        };
        let origin = match self.get("spaceorigin") {
            None => None,
            Some(text) => fields::origin(text)?,
        };
        Ok(Geometry {
            shape,
            spacing: directions.as_ref().map(crate::geometry::norms).or(spacings),
            directions,
            origin,
            space: self.get("space").map(fields::excerpt),
        })
    }
}

fn check_magic(head: &[u8]) -> Result<(), Defect> {
    if head.starts_with(b"\xef\xbb\xbfNRRD") {
        return Err(Defect::ByteOrderMark);
    }
    let line = head.split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default();
    match line.trim_ascii_end().strip_prefix(b"NRRD000") {
        Some([b'1'..=b'5']) => Ok(()),
        _ => Err(Defect::WrongFormat { looks_like: sniff::name(head) }),
    }
}
