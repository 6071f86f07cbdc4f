//! Compact files, read back by a reader of their own.

use crate::compact::{CompactError, MAX_TRIANGLES, MAX_VERTICES, PartKind, write};

use super::*;

type Triangle = [[u16; 3]; 3];

struct File {
    origin: [f64; 3],
    step: f64,
    parts: Vec<(u32, Vec<Triangle>)>,
}

impl File {
    fn place(&self, at: [u16; 3]) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.origin[axis] + self.step * f64::from(at[axis]))
    }
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (first, rest) = self.0.split_first_chunk().unwrap();
        self.0 = rest;
        *first
    }

    fn leb128(&mut self) -> i64 {
        let [byte] = self.take();
        i64::from(byte & 0x7f) + if byte < 0x80 { 0 } else { self.leb128() << 7 }
    }

    fn zigzag(&mut self) -> i64 {
        let number = self.leb128();
        if number % 2 == 0 { number / 2 } else { -(number + 1) / 2 }
    }
}

fn read(file: &[u8]) -> File {
    let mut head = Bytes(file);
    assert_eq!(head.take(), *b"VMSH");
    assert_eq!(u16::from_le_bytes(head.take()), 1);
    let parts = u16::from_le_bytes(head.take());
    let [x, y, z, step] = [0; 4].map(|_| f64::from_le_bytes(head.take()));
    let parts: Vec<[u32; 5]> =
        (0..parts).map(|_| [0; 5].map(|_| u32::from_le_bytes(head.take()))).collect();
    let mut rest = head.0;
    let parts = parts.into_iter().map(|[kind, vertices, triangles, codes, residuals]| {
        let (codes, after) = rest.split_at(codes as usize);
        let (residuals, after) = after.split_at(residuals as usize);
        rest = after;
        (kind, triangles_of(vertices as usize, triangles as usize, codes, residuals))
    });
    let parts = parts.collect();
    assert!(rest.is_empty());
    File { origin: [x, y, z], step, parts }
}

fn triangles_of(vertices: usize, count: usize, codes: &[u8], residuals: &[u8]) -> Vec<Triangle> {
    let (mut codes, mut residuals) = (Bytes(codes), Bytes(residuals));
    let residuals: Vec<i64> = (0..3 * vertices).map(|_| residuals.zigzag()).collect();
    let mut known: Vec<[i64; 3]> = Vec::new();
    let mut corner = |code: i64, guess: Option<[i64; 3]>| -> [i64; 3] {
        if code > 1 {
            return known[known.len() + 1 - code as usize];
        }
        let guess = guess.unwrap_or(known.last().copied().unwrap_or_default());
        let at = known.len();
        known.push([0, 1, 2].map(|axis| guess[axis] + residuals[axis * vertices + at]));
        known[at]
    };
    let mut triangles: Vec<[[i64; 3]; 3]> = Vec::new();
    let mut gates: Vec<[[i64; 3]; 3]> = Vec::new();
    loop {
        if let Some([a, b, c]) = gates.pop() {
            let code = codes.leb128();
            if code > 0 {
                let guess = [0, 1, 2].map(|axis| a[axis] + b[axis] - c[axis]);
                let v = corner(code, Some(guess));
                triangles.push([b, a, v]);
                gates.extend([[a, v, b], [v, b, a]]);
            }
        } else if triangles.len() < count {
            let [a, b, c]: [[i64; 3]; 3] = [0; 3].map(|_| corner(codes.leb128(), None));
            triangles.push([a, b, c]);
            gates.extend([[a, b, c], [b, c, a], [c, a, b]]);
        } else {
            break;
        }
    }
    assert!(codes.0.is_empty());
    assert_eq!((known.len(), triangles.len()), (vertices, count));
    let whole = |at: i64| u16::try_from(at).unwrap();
    triangles.into_iter().map(|triangle| triangle.map(|corner| corner.map(whole))).collect()
}

/// What does not depend on where a triangle begins, nor on the order of all.
fn sorted(triangles: impl IntoIterator<Item = Triangle>) -> Vec<Triangle> {
    let turned = |[a, b, c]: Triangle| [[a, b, c], [b, c, a], [c, a, b]].into_iter().min();
    let mut all: Vec<Triangle> = triangles.into_iter().filter_map(turned).collect();
    all.sort_unstable();
    all
}

#[track_caller]
fn assert_round_trip(parts: &[(&Mesh, PartKind)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, parts).unwrap();
    let file = read(&bytes);
    assert_eq!(file.parts.len(), parts.len());
    for ((mesh, kind), (number, found)) in parts.iter().zip(&file.parts) {
        assert_eq!(*kind as u32, *number);
        let steps = |at: [f64; 3]| {
            let steps = [0, 1, 2].map(|i| ((at[i] - file.origin[i]) / file.step).round() as u16);
            let back = file.place(steps);
            for axis in 0..3 {
                let moved = (back[axis] - at[axis]).abs();
                assert!(moved <= file.step * 0.500_001, "{moved} of {}", file.step);
            }
            steps
        };
        let expected = mesh.triangles.iter();
        let expected =
            expected.map(|triangle| triangle.map(|vertex| steps(mesh.vertices[vertex as usize])));
        assert!(sorted(expected) == sorted(found.iter().copied()));
    }
    bytes
}

/// Any triangles at all: open, crossing, without area, several at an edge.
fn soups() -> impl Strategy<Value = Mesh> {
    let vertex = prop::array::uniform3(-300.0..900.0f64);
    prop::collection::vec(vertex, 1..12).prop_flat_map(|vertices| {
        let triangle = prop::array::uniform3(0..vertices.len() as u32);
        let triangles = prop::collection::vec(triangle, 0..60);
        (Just(vertices), triangles).prop_map(|(vertices, triangles)| Mesh { vertices, triangles })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn surfaces_come_back_within_half_a_step(masks in prop::collection::vec(masks(), 1..=3)) {
        let kinds = [PartKind::Agreement, PartKind::FalsePositive, PartKind::FalseNegative];
        let meshes: Vec<Mesh> = masks.iter().map(|mask| {
            Smoothing::of_the_dataset(Window::Hamming).smoothed(&surface(mask).unwrap().placed(&placement([0.4, 0.3, 0.625])))
        }).collect();
        assert_round_trip(&meshes.iter().zip(kinds).collect::<Vec<_>>());
    }

    #[test]
    fn any_triangles_come_back(soup in soups(), other in soups()) {
        assert_round_trip(&[(&soup, PartKind::Prediction), (&other, PartKind::Reference)]);
    }
}

#[test]
fn a_vessel_takes_less_than_four_bytes_a_triangle() {
    let phantom = phantom();
    let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
    let raw = surface(&phantom.truth()).unwrap().placed(&Placement::of(&geometry).unwrap());
    let mesh = Smoothing::of_the_dataset(Window::Hamming).smoothed(&raw);
    let bytes = assert_round_trip(&[(&mesh, PartKind::Prediction)]);
    assert!(bytes.len() < 4 * mesh.triangles.len(), "{} {}", bytes.len(), mesh.triangles.len());
}

#[test]
fn a_file_of_one_triangle_is_what_the_format_says() {
    let mesh = Mesh {
        vertices: vec![[2.0; 3], [1.0, 2.0, 3.0], [2.0, 1.0, 3.0], [9.0; 3]],
        triangles: vec![[1, 2, 0]],
    };
    let mut bytes = Vec::new();
    write(&mut bytes, &[(&mesh, PartKind::FalsePositive)]).unwrap();
    let mut expected = b"VMSH\x01\0\x01\0".to_vec();
    for number in [1.0, 1.0, 2.0, 1.0 / 128.0f64] {
        expected.extend(number.to_le_bytes());
    }
    for number in [3, 3, 1, 6, 15u32] {
        expected.extend(number.to_le_bytes());
    }
    // Three new vertices, then nothing beside the three edges.
    expected.extend([1, 1, 1, 0, 0, 0]);
    // x: 0, +128, 0. y: +128, -128, +128. z: +128, 0, -128.
    expected.extend([0, 0x80, 2, 0, 0x80, 2, 0xff, 1, 0x80, 2, 0x80, 2, 0, 0xff, 1]);
    assert_eq!(bytes, expected);
}

#[test]
fn the_step_grows_with_the_box() {
    let line = |length: f64| Mesh {
        vertices: vec![[0.0; 3], [length, 0.0, 0.0]],
        triangles: vec![[0, 1, 1]],
    };
    for (length, step) in
        [(0.0, 1.0 / 128.0), (511.9, 1.0 / 128.0), (512.0, 1.0 / 64.0), (1e300, 2f64.powi(981))]
    {
        let bytes = assert_round_trip(&[(&line(length), PartKind::Prediction)]);
        assert_eq!(read(&bytes).step, step, "{length}");
    }
}

#[test]
fn a_hundred_thousand_triangles_around_one_vertex_or_edge_take_no_time() {
    let count = 100_000;
    let vertices = (0..=count).map(|at| [f64::from(at % 300), f64::from(at / 300), 0.0]).collect();
    let fan = (1..count).map(|at| [0, at, at + 1]).collect();
    let mut mesh = Mesh { vertices, triangles: fan };
    assert_round_trip(&[(&mesh, PartKind::Prediction)]);
    mesh.triangles =
        (2..count).map(|at| if at % 2 == 0 { [0, 1, at] } else { [1, 0, at] }).collect();
    assert_round_trip(&[(&mesh, PartKind::Prediction)]);
}

#[test]
fn what_no_viewer_should_get_is_refused() {
    let refused = |parts: &[(&Mesh, PartKind)]| {
        let mut out = Vec::new();
        let refused = write(&mut out, parts).unwrap_err();
        assert!(out.is_empty());
        refused
    };
    let kind = PartKind::Prediction;
    let one = |vertices, triangles| refused(&[(&Mesh { vertices, triangles }, kind)]);
    let empty = Mesh { vertices: Vec::new(), triangles: Vec::new() };
    assert!(matches!(refused(&[]), CompactError::Parts(0)));
    assert!(matches!(refused(&[(&empty, kind); 4]), CompactError::Parts(4)));
    assert!(matches!(one(vec![[f64::NAN; 3]], vec![]), CompactError::NotFinite));
    assert!(matches!(one(vec![[-1e308; 3], [1e308; 3]], vec![]), CompactError::NotFinite));
    assert!(matches!(one(vec![[0.0; 3]], vec![[0, 0, 1]]), CompactError::NoVertex(1)));
    let half = Mesh { vertices: vec![[0.0; 3]; MAX_VERTICES / 2 + 1], triangles: Vec::new() };
    assert!(matches!(refused(&[(&half, kind); 2]), CompactError::TooManyVertices(400_002)));
    let half = Mesh { vertices: vec![[0.0; 3]], triangles: vec![[0; 3]; MAX_TRIANGLES / 2 + 1] };
    assert!(matches!(refused(&[(&half, kind); 2]), CompactError::TooManyTriangles(1_000_002)));
    // Of nothing there is a file: a prediction without false positives has that part too.
    assert_round_trip(&[(&empty, kind), (&empty, kind)]);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let mut full: &mut [u8] = &mut [0; 10];
    let mesh = surface(&mask([1; 3], |_| true)).unwrap();
    let error = write(&mut full, &[(&mesh, PartKind::Prediction)]).unwrap_err();
    assert!(matches!(error, CompactError::Io(_)));
}
