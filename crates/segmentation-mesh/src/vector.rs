//! The little vector algebra a mesh needs, on (x, y, z).

pub type Point = [f64; 3];

pub fn add(a: Point, b: Point) -> Point {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub fn sub(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub fn scale(a: Point, factor: f64) -> Point {
    [a[0] * factor, a[1] * factor, a[2] * factor]
}

pub fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub fn cross(a: Point, b: Point) -> Point {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub fn squared(a: Point) -> f64 {
    dot(a, a)
}

/// The corners of the box around some points; the first is above the second where there are none.
pub fn bounds(points: impl IntoIterator<Item = Point>) -> [Point; 2] {
    let nothing = [[f64::INFINITY; 3], [f64::NEG_INFINITY; 3]];
    points.into_iter().fold(nothing, |[low, high], point| {
        [[0, 1, 2].map(|i| low[i].min(point[i])), [0, 1, 2].map(|i| high[i].max(point[i]))]
    })
}
