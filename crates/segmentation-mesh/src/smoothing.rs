use crate::vector::{Point, add, bounds, scale, squared, sub};
use crate::{Mesh, Window};

/// The windowed-sinc filter on a mesh (Taubin, Zhang and Golub 1996), as VTK's vtkWindowedSincPolyDataFilter does it with normalised
/// coordinates and closed surfaces, and vmtksurfacesmoothing with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smoothing {
    window: Window,
    passband: f64,
    iterations: u16,
}

impl Smoothing {
    /// The setting of the ASOCA dataset's meshes, passband 0.03 and 30 iterations, with this window.
    pub fn of_the_dataset(window: Window) -> Self {
        Self { window, passband: 0.03, iterations: 30 }
    }

    /// Any other setting: a passband above 0 and at most 2, and 1 to 1000 iterations; `None` beyond.
    pub fn new(window: Window, passband: f64, iterations: u16) -> Option<Self> {
        let valid = passband > 0.0 && passband <= 2.0 && (1..=1000).contains(&iterations);
        valid.then_some(Self { window, passband, iterations })
    }

    /// The window.
    pub fn window(&self) -> Window {
        self.window
    }

    /// The end of the passband, on the scale of VTK: from 0, which smooths most, to 2.
    pub fn passband(&self) -> f64 {
        self.passband
    }

    /// The degree of the filter.
    pub fn iterations(&self) -> u16 {
        self.iterations
    }

    /// The mesh with its vertices moved, and the same triangles.
    ///
    /// A step takes each vertex to the mean of those it has an edge with. Every vertex of a closed surface is moved, and all coordinates
    /// are taken from the middle of the box around the mesh, in its diagonals: the result depends on where the axes lie, but
    /// only as far as the filter scales the whole (with [`Window::Hamming`] by 1.0015).
    pub fn smoothed(&self, mesh: &Mesh) -> Mesh {
        let [low, high] = bounds(mesh.vertices.iter().copied());
        let middle = scale(add(low, high), 0.5);
        let diagonal = squared(sub(high, low)).sqrt();
        if mesh.triangles.is_empty() || !diagonal.is_normal() {
            return mesh.clone();
        }
        let neighbours = Neighbours::of(mesh);
        let terms = self.window.coefficients(self.passband, usize::from(self.iterations));
        let first = |at: usize| terms.get(at).copied().unwrap_or(0.0);

        let normalised = |vertex: &Point| scale(sub(*vertex, middle), 1.0 / diagonal);
        let mut before: Vec<Point> = mesh.vertices.iter().map(normalised).collect();
        let mut now: Vec<Point> = (0..before.len())
            .map(|at| sub(before[at], scale(neighbours.away(&before, at), 0.5)))
            .collect();
        let mut smooth: Vec<Point> = before
            .iter()
            .zip(&now)
            .map(|(&before, &now)| add(scale(before, first(0)), scale(now, first(1))))
            .collect();
        for &term in terms.iter().skip(2) {
            for at in 0..now.len() {
                let away = neighbours.away(&now, at);
                let next = sub(sub(scale(now[at], 2.0), before[at]), away);
                before[at] = next;
                smooth[at] = add(smooth[at], scale(next, term));
            }
            std::mem::swap(&mut before, &mut now);
        }
        let vertices = smooth.iter().map(|&vertex| add(scale(vertex, diagonal), middle)).collect();
        Mesh { vertices, triangles: mesh.triangles.clone() }
    }
}

/// The vertices that each vertex has an edge with.
struct Neighbours {
    /// Where each vertex's begin, and one more for the end.
    starts: Vec<u32>,
    all: Vec<u32>,
}

impl Neighbours {
    /// Each edge of a closed surface is run along once in either direction, so that every neighbour is found once.
    fn of(mesh: &Mesh) -> Self {
        let mut starts = vec![0; mesh.vertices.len() + 1];
        mesh.triangles.iter().flatten().for_each(|&vertex| starts[vertex as usize] += 1);
        // Each count becomes the end of its own, and is counted down to the start.
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut all = vec![0; end as usize];
        for &[a, b, c] in &mesh.triangles {
            for (from, to) in [(a, b), (b, c), (c, a)] {
                let start = &mut starts[from as usize];
                *start -= 1;
                all[*start as usize] = to;
            }
        }
        Self { starts, all }
    }

    /// From the mean of a vertex's neighbours to the vertex.
    #[inline]
    fn away(&self, points: &[Point], at: usize) -> Point {
        let own = &self.all[self.starts[at] as usize..self.starts[at + 1] as usize];
        let sum = own.iter().fold([0.0; 3], |sum, &other| add(sum, points[other as usize]));
        sub(points[at], scale(sum, 1.0 / own.len() as f64))
    }
}
