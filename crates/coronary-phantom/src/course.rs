//! Which arteries there are, and the way each takes over the heart.

/// The tree an artery belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

impl Side {
    /// Longitudes (degrees) a tree keeps to, so that the two never touch.
    pub fn territory(self) -> [f64; 2] {
        match self {
            Self::Left => [-14.0, 134.0],
            Self::Right => [-214.0, -26.0],
        }
    }
}

/// An artery as the textbook has it; each case bends it a little.
#[derive(Debug)]
pub struct Course {
    pub side: Side,
    /// The artery it springs from, by its place in [`COURSES`], and where: 2.5 is half-way between
    /// the parent's third and fourth waypoint. `None` for the two that spring from the aorta.
    pub parent: Option<(usize, f64)>,
    /// Diameter at the start: in mm for the two from the aorta, else as a part of the parent's there.
    pub calibre: [f64; 2],
    /// In what part of all hearts it is present.
    pub chance: f64,
    /// Degrees from the apex, and longitude; a branch's start on its parent left out.
    pub waypoints: &'static [[f64; 2]],
    /// At most this many twigs.
    pub twigs: usize,
}

/// Parents stand before their branches.
pub const COURSES: [Course; 14] = [
    // Left main and anterior descending.
    Course {
        side: Side::Left,
        parent: None,
        calibre: [3.5, 3.8],
        chance: 1.0,
        waypoints: &[
            [139.0, 18.0],
            [125.0, 24.0],
            [108.0, 12.0],
            [84.0, 2.0],
            [56.0, -2.0],
            [30.0, -4.0],
            [14.0, 0.0],
        ],
        twigs: 4,
    },
    // Circumflex.
    Course {
        side: Side::Left,
        parent: Some((0, 1.1)),
        calibre: [0.74, 0.80],
        chance: 1.0,
        waypoints: &[[114.0, 45.0], [107.0, 75.0], [104.0, 104.0], [100.0, 127.0]],
        twigs: 2,
    },
    // First and second diagonal, intermediate.
    Course {
        side: Side::Left,
        parent: Some((0, 2.4)),
        calibre: [0.60, 0.70],
        chance: 1.0,
        waypoints: &[[86.0, 21.0], [63.0, 33.0], [42.0, 35.0]],
        twigs: 3,
    },
    Course {
        side: Side::Left,
        parent: Some((0, 3.2)),
        calibre: [0.60, 0.70],
        chance: 0.9,
        waypoints: &[[63.0, 13.0], [47.0, 19.0], [30.0, 20.0]],
        twigs: 1,
    },
    Course {
        side: Side::Left,
        parent: Some((0, 1.3)),
        calibre: [0.50, 0.60],
        chance: 0.5,
        waypoints: &[[97.0, 41.0], [74.0, 53.0], [52.0, 56.0]],
        twigs: 2,
    },
    // Obtuse marginals.
    Course {
        side: Side::Left,
        parent: Some((1, 1.2)),
        calibre: [0.62, 0.72],
        chance: 1.0,
        waypoints: &[[90.0, 68.0], [68.0, 77.0], [44.0, 79.0]],
        twigs: 3,
    },
    Course {
        side: Side::Left,
        parent: Some((1, 2.3)),
        calibre: [0.62, 0.72],
        chance: 0.95,
        waypoints: &[[85.0, 97.0], [64.0, 103.0], [45.0, 102.0]],
        twigs: 2,
    },
    Course {
        side: Side::Left,
        parent: Some((1, 3.2)),
        calibre: [0.60, 0.70],
        chance: 0.7,
        waypoints: &[[90.0, 118.0], [74.0, 125.0], [58.0, 126.0]],
        twigs: 1,
    },
    // Right coronary, running on as the posterior descending.
    Course {
        side: Side::Right,
        parent: None,
        calibre: [3.2, 3.8],
        chance: 1.0,
        waypoints: &[
            [134.0, -42.0],
            [123.0, -60.0],
            [108.0, -82.0],
            [102.0, -112.0],
            [101.0, -145.0],
            [99.0, -172.0],
            [86.0, -180.0],
            [64.0, -181.0],
            [40.0, -182.0],
        ],
        twigs: 4,
    },
    // Conus branch.
    Course {
        side: Side::Right,
        parent: Some((8, 0.6)),
        calibre: [0.42, 0.50],
        chance: 0.8,
        waypoints: &[[118.0, -42.0], [100.0, -34.0]],
        twigs: 0,
    },
    // Acute marginals.
    Course {
        side: Side::Right,
        parent: Some((8, 2.2)),
        calibre: [0.50, 0.60],
        chance: 1.0,
        waypoints: &[[88.0, -86.0], [68.0, -80.0], [48.0, -70.0]],
        twigs: 3,
    },
    Course {
        side: Side::Right,
        parent: Some((8, 3.2)),
        calibre: [0.50, 0.60],
        chance: 0.8,
        waypoints: &[[84.0, -122.0], [64.0, -122.0], [46.0, -114.0]],
        twigs: 2,
    },
    // Posterolateral and its second limb.
    Course {
        side: Side::Right,
        parent: Some((8, 5.0)),
        calibre: [0.68, 0.76],
        chance: 1.0,
        waypoints: &[[98.0, -190.0], [88.0, -202.0], [66.0, -209.0]],
        twigs: 1,
    },
    Course {
        side: Side::Right,
        parent: Some((12, 1.3)),
        calibre: [0.62, 0.72],
        chance: 0.7,
        waypoints: &[[80.0, -194.0], [60.0, -196.0]],
        twigs: 0,
    },
];
