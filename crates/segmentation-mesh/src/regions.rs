use crate::Mesh;

/// A part of a mesh that hangs together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// How many triangles it has.
    pub triangles: usize,
    /// The volume it encloses, in the cube of the mesh's unit; negative where it is the wall of a cavity.
    pub volume: f64,
}

impl Mesh {
    /// The parts of the mesh that hang together, in the order of their first triangles.
    ///
    /// Voxels that touch in an edge or a corner only are parted, so that one 26-connected vessel can be several. The wall
    /// of a cavity is a part of its own.
    pub fn regions(&self) -> Vec<Region> {
        let mut sets: Vec<u32> = (0..self.vertices.len() as u32).collect();
        for [a, b, c] in &self.triangles {
            for other in [b, c] {
                let (a, b) = (root(&mut sets, *a), root(&mut sets, *other));
                sets[a.max(b) as usize] = a.min(b);
            }
        }
        let mut numbers: Vec<Option<usize>> = vec![None; sets.len()];
        let mut regions: Vec<Region> = Vec::new();
        for triangle in &self.triangles {
            let set = root(&mut sets, triangle[0]);
            let number = *numbers[set as usize].get_or_insert_with(|| {
                regions.push(Region { triangles: 0, volume: 0.0 });
                regions.len() - 1
            });
            regions[number].triangles += 1;
            regions[number].volume += self.cone(*triangle, self.vertices[set as usize]);
        }
        regions
    }
}

/// The first of a vertex's set, on whose way there every second step is left out.
fn root(sets: &mut [u32], mut at: u32) -> u32 {
    while sets[at as usize] != at {
        let above = sets[at as usize];
        sets[at as usize] = sets[above as usize];
        at = above;
    }
    at
}
