use segmentation::Mask;

use crate::axes::Axes;
use crate::colour::Colour;
use crate::encode::png;
use crate::error::PreviewError;

/// The shades of grey of a slice; its outlines' colours take the rest of the palette.
pub const GREYS: u8 = 250;

/// Two masks and the colours of their outlines.
pub type Outlines<'a> = [(&'a Mask, Colour); 2];

/// A slice of an image at constant z, twice as wide and high as it has voxels, with or without two masks' outlines over it.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a> {
    /// The image's shape (x, y, z) in voxels, which is that of the masks.
    pub shape: [usize; 3],
    /// x · y shades below [`GREYS`], x fastest, black first.
    pub greys: &'a [u8],
    /// Which slice it is, from 0.
    pub z: usize,
    /// How the volume lies in the patient.
    pub axes: Axes,
}

impl Slice<'_> {
    /// The bytes of a PNG file: seen from the feet, the patient's right on the left and the front up, where the volume's axes run
    /// along the patient's.
    ///
    /// Outlines lie inside of the masks, half a voxel thick, so that the image stays visible in the middle of a vessel; where the
    /// same piece of outline is of both masks it has the colour `shared`.
    ///
    /// # Errors
    /// [`PreviewError::Shapes`] if a mask has another shape; [`PreviewError::NoSlice`] if there is no such slice, or it has another
    /// number of voxels.
    pub fn png(
        &self,
        outlines: Option<Outlines<'_>>,
        shared: Colour,
    ) -> Result<Vec<u8>, PreviewError> {
        let [nx, ny, nz] = self.shape;
        if let Some((mask, _)) =
            outlines.iter().flatten().find(|(mask, _)| mask.shape() != self.shape)
        {
            return Err(PreviewError::Shapes(self.shape, mask.shape()));
        }
        if self.z >= nz || self.greys.len() != nx * ny || self.greys.is_empty() {
            return Err(PreviewError::NoSlice(self.z));
        }
        let columns = cells(nx, self.axes.of_volume(0).reversed);
        let rows = cells(ny, self.axes.of_volume(1).reversed);
        let mut pixels = Vec::with_capacity(columns.len() * rows.len());
        for &(y, beside_y) in &rows {
            for &(x, beside_x) in &columns {
                let on = outlines.map_or([false; 2], |outlines| {
                    outlines.map(|(mask, _)| {
                        let has = |x: usize, y: usize| mask.get(mask.index([x, y, self.z]));
                        let goes_on = beside_x.is_some_and(|x| has(x, y))
                            && beside_y.is_some_and(|y| has(x, y));
                        has(x, y) && !goes_on
                    })
                });
                pixels.push(match on {
                    [true, true] => GREYS + 2,
                    [true, false] => GREYS,
                    [false, true] => GREYS + 1,
                    [false, false] => self.greys[x + y * nx].min(GREYS - 1),
                });
            }
        }
        let grey = |shade: u8| [(u32::from(shade) * 255 / u32::from(GREYS - 1)) as u8; 3];
        let [first, second] = outlines.map_or([shared; 2], |of| of.map(|(_, colour)| colour));
        let palette: Vec<u8> =
            (0..GREYS).map(grey).chain([first, second, shared]).flatten().collect();
        Ok(png(columns.len(), &pixels, &palette))
    }
}

/// The two cells of each voxel of an axis, in the order they are drawn in: the voxel, and its neighbour on the cell's side.
fn cells(voxels: usize, reversed: bool) -> Vec<(usize, Option<usize>)> {
    let after = |voxel: usize| Some(voxel + 1).filter(|next| *next < voxels);
    let cells = (0..voxels).flat_map(|at| [(at, at.checked_sub(1)), (at, after(at))]);
    let mut cells: Vec<_> = cells.collect();
    if reversed {
        cells.reverse();
    }
    cells
}
