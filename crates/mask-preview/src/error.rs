/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PreviewError {
    /// Nothing to show.
    #[error("there is no layer")]
    NoLayer,
    /// More layers than a palette has colours.
    #[error("{0} layers are more than {max}", max = crate::MAX_LAYERS)]
    TooManyLayers(usize),
    /// Two layers have different shapes (x, y, z).
    #[error("layers of shapes {0:?} and {1:?} do not lie over each other")]
    Shapes([usize; 3], [usize; 3]),
    /// A spacing (x, y, z), mm, is 0 or not finite.
    #[error("{0:?} is no spacing")]
    Spacing([f64; 3]),
    /// There is no slice of this number, or its image has another number of voxels.
    #[error("there is no slice {0}")]
    NoSlice(usize),
}
