use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// The highest, 9, takes five times as long for a twentieth less.
const LEVEL: Compression = Compression::new(6);

/// A PNG file of indexed colour, with as few bits a pixel as the palette allows: <https://www.w3.org/TR/png-3/>.
///
/// `pixels` are numbers of colours, in rows of this width from the top, each from the left; `palette` has three bytes a colour.
pub fn png(width: usize, pixels: &[u8], palette: &[u8]) -> Vec<u8> {
    let bits = match palette.len() / 3 {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    };
    let sides = [width, pixels.len() / width].map(|side| (side as u32).to_be_bytes());
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    // Indexed colour, deflate, a filter for each row, not interlaced.
    chunk(&mut png, b"IHDR", &[sides.as_flattened(), &[bits, 3, 0, 0, 0]].concat());
    chunk(&mut png, b"PLTE", palette);
    chunk(&mut png, b"IDAT", &deflated(&lines(width, pixels, bits)));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    png.extend((data.len() as u32).to_be_bytes());
    let start = png.len();
    png.extend(name);
    png.extend(data);
    let checksum = crc32fast::hash(&png[start..]);
    png.extend(checksum.to_be_bytes());
}

/// The rows with this many bits a pixel, each behind its filter: none, as with another one trees took an eighth to a sixth more.
fn lines(width: usize, pixels: &[u8], bits: u8) -> Vec<u8> {
    let in_a_byte = usize::from(8 / bits);
    let mut lines = Vec::with_capacity(pixels.len() / in_a_byte + 2 * (pixels.len() / width));
    for row in pixels.chunks(width) {
        lines.push(0);
        lines.extend(row.chunks(in_a_byte).map(|together| {
            let joined = together.iter().fold(0, |byte, pixel| u16::from(*pixel) | byte << bits);
            (joined << (bits as usize * (in_a_byte - together.len()))) as u8
        }));
    }
    lines
}

#[expect(clippy::expect_used, reason = "a Vec takes whatever is written")]
fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), LEVEL);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory")
}
