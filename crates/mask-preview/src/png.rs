use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A PNG file of indexed colour: <https://www.w3.org/TR/png-3/>.
///
/// `rows` are the numbers of colours of the palette, from the top, each from the left; `palette` has three bytes a colour.
pub fn encode(width: usize, height: usize, rows: &[u8], palette: &[u8]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let [w, h] = [width, height].map(|side| (side as u32).to_be_bytes());
    // 8 bits a pixel, indexed, deflate, filters by row, not interlaced.
    chunk(&mut png, b"IHDR", &[&w[..], &h[..], &[8, 3, 0, 0, 0]].concat());
    chunk(&mut png, b"PLTE", palette);
    chunk(&mut png, b"IDAT", &deflated(width, rows));
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

/// Each row behind the number of its filter.
fn deflated(width: usize, rows: &[u8]) -> Vec<u8> {
    let f: u8 = std::env::var("FILT").ok().and_then(|v| v.parse().ok()).unwrap_or(0);
    let lvl: u32 = std::env::var("LVL").ok().and_then(|v| v.parse().ok()).unwrap_or(9);
    let mut lines = Vec::with_capacity(rows.len() + rows.len() / width.max(1));
    let zero = vec![0u8; width];
    let mut prev: &[u8] = &zero;
    for row in rows.chunks(width) {
        lines.push(f);
        for x in 0..width {
            let a = if x > 0 { row[x - 1] } else { 0 };
            let b = prev[x];
            let c = if x > 0 { prev[x - 1] } else { 0 };
            let p = match f { 0 => 0, 1 => a, 2 => b, _ => {
                let (ia, ib, ic) = (a as i32, b as i32, c as i32);
                let p = ia + ib - ic;
                let (pa, pb, pc) = ((p - ia).abs(), (p - ib).abs(), (p - ic).abs());
                if pa <= pb && pa <= pc { a } else if pb <= pc { b } else { c }
            }};
            lines.push(row[x].wrapping_sub(p));
        }
        prev = row;
    }
    let mut out = ZlibEncoder::new(Vec::new(), Compression::new(lvl));
    out.write_all(&lines).ok();
    out.finish().unwrap_or_default()
}
