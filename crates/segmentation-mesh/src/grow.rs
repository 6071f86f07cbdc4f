//! Triangles one after the other over the edges of those before: the coding of [`compact`](crate::compact).

/// A mesh as the numbers of a compact file.
#[derive(Debug, Default)]
pub struct Grown {
    /// How many vertices have triangles.
    pub vertices: usize,
    pub triangles: usize,
    pub codes: Vec<u8>,
    pub residuals: Vec<u8>,
}

type Steps = [u16; 3];

/// An edge of a triangle with the triangle's third corner.
type Gate = [u32; 3];

/// Codes triangles, all of whose vertices there are.
pub fn grow(vertices: &[Steps], triangles: &[[u32; 3]]) -> Grown {
    let edges = Edges::of(vertices.len(), triangles);
    let mut placed = vec![false; triangles.len()];
    let mut coder = Coder::new(vertices);
    let mut gates: Vec<Gate> = Vec::new();
    for (first, &[a, b, c]) in triangles.iter().enumerate() {
        if placed[first] {
            continue;
        }
        placed[first] = true;
        [a, b, c].into_iter().for_each(|vertex| coder.vertex(vertex, None));
        gates.extend([[a, b, c], [b, c, a], [c, a, b]]);
        while let Some([a, b, c]) = gates.pop() {
            // The neighbour runs along the edge the other way round.
            let beside = edges.beside(b, a).filter(|&(triangle, _)| !placed[triangle]);
            let Some((triangle, v)) = beside else {
                coder.codes.push(0);
                continue;
            };
            placed[triangle] = true;
            coder.vertex(v, Some([a, b, c]));
            gates.extend([[a, v, b], [v, b, a]]);
        }
    }
    Grown {
        vertices: coder.known as usize,
        triangles: triangles.len(),
        codes: coder.codes,
        residuals: coder.residuals.concat(),
    }
}

struct Coder<'a> {
    vertices: &'a [Steps],
    /// When each vertex was new, as a count from 1; 0 for those to come.
    met: Vec<u32>,
    known: u32,
    /// The vertex that was new last.
    last: [i32; 3],
    codes: Vec<u8>,
    residuals: [Vec<u8>; 3],
}

impl<'a> Coder<'a> {
    fn new(vertices: &'a [Steps]) -> Self {
        Self {
            vertices,
            met: vec![0; vertices.len()],
            known: 0,
            last: [0; 3],
            codes: Vec::new(),
            residuals: Default::default(),
        }
    }

    fn vertex(&mut self, vertex: u32, across: Option<Gate>) {
        let met = self.met[vertex as usize];
        if met > 0 {
            // The newest is one vertex ago.
            return leb128(&mut self.codes, self.known - met + 2);
        }
        let guess = across.map_or(self.last, |gate| {
            let [a, b, c] = gate.map(|corner| self.at(corner));
            [0, 1, 2].map(|axis| a[axis] + b[axis] - c[axis])
        });
        self.known += 1;
        self.met[vertex as usize] = self.known;
        self.last = self.at(vertex);
        self.codes.push(1);
        for (axis, residuals) in self.residuals.iter_mut().enumerate() {
            let residual = self.last[axis] - guess[axis];
            leb128(residuals, (residual << 1 ^ residual >> 31) as u32);
        }
    }

    fn at(&self, vertex: u32) -> [i32; 3] {
        self.vertices[vertex as usize].map(i32::from)
    }
}

/// For each vertex, the triangles around it.
struct Edges {
    /// Where each vertex's begin, and one more for the end.
    starts: Vec<u32>,
    /// Of each edge that begins at the vertex: the end, the third corner, and the triangle's number; in this order, so that an
    /// edge is found quickly even where very many meet.
    all: Vec<[u32; 3]>,
}

impl Edges {
    fn of(vertices: usize, triangles: &[[u32; 3]]) -> Self {
        let mut starts = vec![0; vertices + 1];
        triangles.iter().flatten().for_each(|&vertex| starts[vertex as usize] += 1);
        // Each count becomes the end of its own, and is counted down to the start.
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut all = vec![[0; 3]; end as usize];
        for (number, &[a, b, c]) in triangles.iter().enumerate() {
            for [from, to, third] in [[a, b, c], [b, c, a], [c, a, b]] {
                let start = &mut starts[from as usize];
                *start -= 1;
                all[*start as usize] = [to, third, number as u32];
            }
        }
        for own in starts.array_windows().map(|&[start, end]| start as usize..end as usize) {
            all[own].sort_unstable();
        }
        Self { starts, all }
    }

    /// The first triangle that runs along an edge, with its third corner. On a closed surface it is the only one.
    fn beside(&self, from: u32, to: u32) -> Option<(usize, u32)> {
        let own = self.starts[from as usize] as usize..self.starts[from as usize + 1] as usize;
        let own = &self.all[own];
        let &[end, third, triangle] = own.get(own.partition_point(|edge| edge[0] < to))?;
        (end == to).then_some((triangle as usize, third))
    }
}

fn leb128(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
