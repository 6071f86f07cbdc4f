//! Centrelines as files of other programs.

use crate::{Centrelines, Point};
use std::fmt::Display;
use std::io::{self, Write};

impl Centrelines {
    /// Writes VTK's XML format for PolyData, in ASCII: a polyline for each branch, in the order of the branches.
    ///
    /// Points have the arrays `Radius` and `InscribedRadius` in mm, cells `BranchId`, `ParentId`, `ParentPointId` (the
    /// point's index within its branch; both −1 without a parent) and `ComponentId`. Positions are written as they are.
    ///
    /// # Errors
    /// If `out` can't be written to.
    pub fn write_vtp(&self, mut out: impl Write) -> io::Result<()> {
        let branches = &self.branches;
        let points = || branches.iter().flat_map(|branch| &branch.points);
        let count = points().count();
        let out = &mut out;
        writeln!(out, r#"<?xml version="1.0"?>"#)?;
        writeln!(
            out,
            r#"<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">"#
        )?;
        writeln!(out, "<PolyData>")?;
        writeln!(
            out,
            r#"<Piece NumberOfPoints="{count}" NumberOfVerts="0" NumberOfLines="{}" NumberOfStrips="0" NumberOfPolys="0">"#,
            branches.len()
        )?;
        writeln!(out, r#"<PointData Scalars="Radius">"#)?;
        array(out, "Float64", "Radius", points().map(|point| point.radius))?;
        array(out, "Float64", "InscribedRadius", points().map(|point| point.inscribed_radius))?;
        writeln!(out, "</PointData>")?;
        let parents = || branches.iter().map(|branch| branch.parent);
        let id = |index: Option<usize>| index.map_or(-1, |index| index as i64);
        writeln!(out, "<CellData>")?;
        array(out, "Int64", "BranchId", 0..branches.len())?;
        array(
            out,
            "Int64",
            "ParentId",
            parents().map(|parent| id(parent.map(|(branch, _)| branch))),
        )?;
        array(
            out,
            "Int64",
            "ParentPointId",
            parents().map(|parent| id(parent.map(|(_, point)| point))),
        )?;
        array(out, "Int64", "ComponentId", branches.iter().map(|branch| branch.component))?;
        writeln!(out, "</CellData>")?;
        writeln!(out, "<Points>")?;
        writeln!(
            out,
            r#"<DataArray type="Float64" Name="Points" NumberOfComponents="3" format="ascii">"#
        )?;
        for point in points() {
            let [x, y, z] = point.position;
            writeln!(out, "{x} {y} {z}")?;
        }
        writeln!(out, "</DataArray>\n</Points>\n<Lines>")?;
        array(out, "Int64", "connectivity", 0..count)?;
        let ends = branches.iter().scan(0, |end, branch| {
            *end += branch.points.len();
            Some(*end)
        });
        array(out, "Int64", "offsets", ends)?;
        writeln!(out, "</Lines>\n</Piece>\n</PolyData>\n</VTKFile>")
    }

    /// Writes a line for each point of each branch, with comma and a header line.
    ///
    /// Columns are `branch`, `component`, `parent` and `parent_point` (empty without a parent), `point` (its index within the branch),
    /// `x_mm`, `y_mm`, `z_mm` (as they are), `radius_mm`, `inscribed_radius_mm`, and `distance_mm` along the branch.
    ///
    /// # Errors
    /// If `out` can't be written to.
    pub fn write_csv(&self, mut out: impl Write) -> io::Result<()> {
        writeln!(
            out,
            "branch,component,parent,parent_point,point,x_mm,y_mm,z_mm,radius_mm,inscribed_radius_mm,distance_mm"
        )?;
        for (at, branch) in self.branches.iter().enumerate() {
            let component = branch.component;
            let parent =
                branch.parent.map_or(",".into(), |(parent, point)| format!("{parent},{point}"));
            for ((nth, point), distance) in branch.points.iter().enumerate().zip(branch.distances())
            {
                let Point { position, radius, inscribed_radius } = *point;
                let [x, y, z] = position;
                writeln!(
                    out,
                    "{at},{component},{parent},{nth},{x},{y},{z},{radius},{inscribed_radius},{distance}"
                )?;
            }
        }
        Ok(())
    }
}

/// A data array of one component, a value a line.
fn array(
    out: &mut impl Write,
    kind: &str,
    name: &str,
    values: impl IntoIterator<Item = impl Display>,
) -> io::Result<()> {
    writeln!(out, r#"<DataArray type="{kind}" Name="{name}" format="ascii">"#)?;
    for value in values {
        writeln!(out, "{value}")?;
    }
    writeln!(out, "</DataArray>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Branch;
    use segmentation::Placement;

    fn point(x: f64, y: f64, radius: f64) -> Point {
        Point { position: [x, y, 2.5], radius, inscribed_radius: radius + 0.125 }
    }

    /// A vessel, and a branch at its second point.
    fn tree() -> Centrelines {
        let main = vec![point(1.0, 0.0, 1.5), point(1.0, 0.25, 1.25), point(1.0, 0.5, 1.0)];
        let side = vec![main[1], point(1.25, 0.25, 0.75)];
        let branch = |points, parent| Branch { points, parent, component: 0 };
        let lines = Centrelines { branches: vec![branch(main, None), branch(side, Some((0, 1)))] };
        // x runs to the right and y to the front.
        lines.placed(&Placement {
            origin: [10.0, 20.0, -300.0],
            directions: [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]],
            is_anatomical: true,
        })
    }

    #[test]
    fn a_vtp_is_as_vtk_reads_it() {
        // Read by vtkXMLPolyDataReader of VTK 9.3.1 and 9.7.2.
        let expected = r#"<?xml version="1.0"?>
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
<PolyData>
<Piece NumberOfPoints="5" NumberOfVerts="0" NumberOfLines="2" NumberOfStrips="0" NumberOfPolys="0">
<PointData Scalars="Radius">
<DataArray type="Float64" Name="Radius" format="ascii">
1.5
1.25
1
1.25
0.75
</DataArray>
<DataArray type="Float64" Name="InscribedRadius" format="ascii">
1.625
1.375
1.125
1.375
0.875
</DataArray>
</PointData>
<CellData>
<DataArray type="Int64" Name="BranchId" format="ascii">
0
1
</DataArray>
<DataArray type="Int64" Name="ParentId" format="ascii">
-1
0
</DataArray>
<DataArray type="Int64" Name="ParentPointId" format="ascii">
-1
1
</DataArray>
<DataArray type="Int64" Name="ComponentId" format="ascii">
0
0
</DataArray>
</CellData>
<Points>
<DataArray type="Float64" Name="Points" NumberOfComponents="3" format="ascii">
9 20 -297.5
9 19.75 -297.5
9 19.5 -297.5
9 19.75 -297.5
8.75 19.75 -297.5
</DataArray>
</Points>
<Lines>
<DataArray type="Int64" Name="connectivity" format="ascii">
0
1
2
3
4
</DataArray>
<DataArray type="Int64" Name="offsets" format="ascii">
3
5
</DataArray>
</Lines>
</Piece>
</PolyData>
</VTKFile>
"#;
        let mut written = Vec::new();
        tree().write_vtp(&mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn a_csv_has_a_line_for_every_point_of_every_branch() {
        let expected = "\
branch,component,parent,parent_point,point,x_mm,y_mm,z_mm,radius_mm,inscribed_radius_mm,distance_mm
0,0,,,0,9,20,-297.5,1.5,1.625,0
0,0,,,1,9,19.75,-297.5,1.25,1.375,0.25
0,0,,,2,9,19.5,-297.5,1,1.125,0.5
1,0,0,1,0,9,19.75,-297.5,1.25,1.375,0
1,0,0,1,1,8.75,19.75,-297.5,0.75,0.875,0.25
";
        let mut written = Vec::new();
        tree().write_csv(&mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let mut little = [0; 64];
        assert!(tree().write_vtp(&mut little[..]).is_err());
        assert!(tree().write_csv(&mut little[..]).is_err());
    }
}
