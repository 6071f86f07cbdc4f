/// Why there is no mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeshError {
    /// There is no surface of nothing.
    #[error("the mask has no foreground")]
    Empty,
    /// The box around the foreground takes more than 256 MiB.
    #[error("the foreground is spread over too large a volume")]
    Spread,
    /// More vertices than [`MAX_VERTICES`](crate::MAX_VERTICES).
    #[error("{0} vertices are more than {max}, which no coronary tree has", max = crate::MAX_VERTICES)]
    TooMany(usize),
    /// More foreground voxels than distances are measured to.
    #[error("{0} foreground voxels are more than distances are measured to")]
    TooManyVoxels(usize),
}
