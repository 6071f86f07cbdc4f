use png::{BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter};

/// The highest, 9, takes five times as long for a twentieth less.
const LEVEL: u8 = 6;

/// A PNG file of indexed colour, with as few bits a pixel as the palette allows: <https://www.w3.org/TR/png-3/>.
///
/// `pixels` are numbers of colours, in rows of this width from the top, each from the left; `palette` has three bytes a colour.
#[expect(clippy::expect_used, reason = "a Vec takes whatever is written, and the sizes are ours")]
pub fn png(width: usize, pixels: &[u8], palette: &[u8]) -> Vec<u8> {
    let mut png = Vec::new();
    write(&mut png, width, pixels, palette).expect("writing to memory");
    png
}

fn write(
    png: &mut Vec<u8>,
    width: usize,
    pixels: &[u8],
    palette: &[u8],
) -> Result<(), EncodingError> {
    let (depth, bits) = match palette.len() / 3 {
        0..=2 => (BitDepth::One, 1),
        3..=4 => (BitDepth::Two, 2),
        5..=16 => (BitDepth::Four, 4),
        _ => (BitDepth::Eight, 8),
    };
    let mut encoder = Encoder::new(png, width as u32, (pixels.len() / width) as u32);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(depth);
    encoder.set_palette(palette);
    encoder.set_deflate_compression(DeflateCompression::Level(LEVEL));
    // With another one trees took an eighth to a sixth more.
    encoder.set_filter(Filter::NoFilter);
    encoder.write_header()?.write_image_data(&packed(width, pixels, bits))
}

/// The rows with this many bits a pixel, each from a byte of its own on.
fn packed(width: usize, pixels: &[u8], bits: u8) -> Vec<u8> {
    let in_a_byte = usize::from(8 / bits);
    let joined = |together: &[u8]| {
        let joined = together.iter().fold(0, |byte, pixel| u16::from(*pixel) | byte << bits);
        (joined << (usize::from(bits) * (in_a_byte - together.len()))) as u8
    };
    pixels.chunks(width).flat_map(|row| row.chunks(in_a_byte).map(joined)).collect()
}
