/// Background around the views, pixels.
pub const MARGIN: usize = 10;

/// Background between two views, pixels.
pub const GAP: usize = 14;

/// A direction to look at the patient from. Axes are those of the patient: 0 to the left, 1 to the back, 2 to the head.
pub struct View {
    /// The axis that runs to the right of the picture.
    pub across: usize,
    /// The axis that runs down the picture, or up.
    pub down: usize,
    /// Whether it runs up.
    pub upward: bool,
    /// The axis that runs away from the viewer, or towards them.
    pub depth: usize,
    /// Whether it runs towards the viewer.
    pub towards: bool,
}

/// From the front, from the patient's left, from the feet.
pub const VIEWS: [View; 3] = [
    View { across: 0, down: 2, upward: true, depth: 1, towards: false },
    View { across: 1, down: 2, upward: true, depth: 0, towards: true },
    View { across: 0, down: 1, upward: false, depth: 2, towards: false },
];
