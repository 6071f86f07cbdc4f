use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::{Pieces, Run, Runs, TooLong};
use crate::gzip::{MAGIC, MAX_MEMBERS};

/// The same as [`Gunzip`](crate::Gunzip) by zlib-rs, which writes every byte out: to compare with, and for data that are
/// not nearly all zeros.
///
/// ```
/// use std::io::{Read, Write};
///
/// use flate2::write::GzEncoder;
/// use inflate_runs::{Plain, ZlibGunzip};
///
/// let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
/// encoder.write_all(b"some text")?;
/// let mut text = String::new();
/// Plain(ZlibGunzip::new(encoder.finish()?.as_slice())).read_to_string(&mut text)?;
/// assert_eq!(text, "some text");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct ZlibGunzip<R>(Pieces<Members<R>>);

impl<R: BufRead> ZlibGunzip<R> {
    /// Of a stream that begins with a member's header.
    pub fn new(input: R) -> Self {
        Self(Pieces::new(Members { current: Some(GzDecoder::new(input)), members: 1 }))
    }
}

impl<R: BufRead> Runs for ZlibGunzip<R> {
    fn next_run(&mut self, limit: usize) -> io::Result<Option<Run<'_>>> {
        self.0.next_run(limit)
    }
}

/// All members as one; what follows the last one is read to its end and dropped.
struct Members<R> {
    current: Option<GzDecoder<R>>,
    members: u32,
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.current {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if member.get_mut().fill_buf()?.first() == Some(&MAGIC) {
                self.members += 1;
                if self.members > MAX_MEMBERS {
                    return Err(TooLong.into());
                }
                self.current = self.current.take().map(|ended| GzDecoder::new(ended.into_inner()));
            } else {
                io::copy(member.get_mut(), &mut io::sink())?;
                self.current = None;
            }
        }
        Ok(0)
    }
}
