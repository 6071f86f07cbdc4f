/// Red, green and blue of sRGB.
pub type Colour = [u8; 3];

/// Ivory, for a single layer.
pub const IVORY: Colour = [255, 246, 224];

/// What two masks share: near white, beside [`FALSE_POSITIVE`] and [`FALSE_NEGATIVE`].
///
/// Any two shades of two of these three are 15 apart or more by CIEDE2000, for people with normal vision and in the simulation of
/// protanopia, deuteranopia and tritanopia by Machado, Oliveira and Fernandes (2009).
pub const AGREEMENT: Colour = [236, 232, 220];

/// What only the judged mask has: orange of the palette of Okabe and Ito (2008).
pub const FALSE_POSITIVE: Colour = [230, 159, 0];

/// What only the reference has: sky blue of the palette of Okabe and Ito (2008).
pub const FALSE_NEGATIVE: Colour = [86, 180, 233];

/// The colour where there is no foreground.
pub const BACKGROUND: Colour = [13, 15, 20];

/// How bright the farthest and steepest voxels are, of 1.
const DARKEST: f64 = 0.3;

/// The background, then each layer from its darkest shade to its colour.
pub fn palette(layers: &[Colour], shades: usize) -> Vec<u8> {
    let shade = |colour: &Colour, shade: usize| {
        let brightness = DARKEST + (1.0 - DARKEST) * (shade + 1) as f64 / shades as f64;
        colour.map(|part| (f64::from(part) * brightness).round() as u8)
    };
    let layers = layers.iter().flat_map(|colour| (0..shades).map(move |at| shade(colour, at)));
    std::iter::once(BACKGROUND).chain(layers).flatten().collect()
}
