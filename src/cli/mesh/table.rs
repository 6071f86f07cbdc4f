//! What was made, for people.

use std::io::{self, Write};

use super::report::MeshReport;
use crate::cli::names::cut;
use crate::cli::table::Table;
use segmentation_mesh::Spread;

pub fn write(out: &mut dyn Write, reports: &[&MeshReport]) -> io::Result<()> {
    let head = [
        "mask",
        "triangles",
        "parts",
        "regions",
        "voxels mm³",
        "raw mm³",
        "smooth mm³",
        "change",
        "move mm",
    ];
    let mut table = Table::new(1, head);
    for report in reports {
        let smoothed = report.smoothing.as_ref().map(|smoothed| {
            [
                format!("{:.1}", smoothed.mm3),
                format!("{:+.1} %", 100.0 * smoothed.change),
                format!("{:.2}", smoothed.largest_move_mm),
            ]
        });
        let first = [
            cut(&report.file),
            report.triangles.to_string(),
            report.components.to_string(),
            report.regions.to_string(),
            format!("{:.1}", report.voxels_mm3),
            format!("{:.1}", report.raw_mm3),
        ];
        table.row(first.into_iter().chain(smoothed.unwrap_or(["-", "-", "-"].map(str::to_owned))));
    }
    table.write(out)?;
    writeln!(
        out,
        "\nparts: of the voxels, 26-connected; regions: of the mesh; move: the largest of a vertex by smoothing"
    )?;
    if reports.iter().all(|report| report.distances.is_none()) {
        return Ok(());
    }
    writeln!(out, "\nDistances in mm: maximum, 95th percentile, mean")?;
    let head = ["mask", "border voxels to surface", "vertices to voxels", "the larger"];
    let mut table = Table::new(1, head);
    for report in reports {
        if let Some(distances) = &report.distances {
            let both = distances.both;
            let all = [both.voxels_to_surface, both.vertices_to_voxels, distances.larger];
            table.row([cut(&report.file)].into_iter().chain(all.map(show)));
        }
    }
    table.write(out)
}

fn show(Spread { mean, percentile_95, max, .. }: Spread) -> String {
    format!("{max:.3}  {percentile_95:.3}  {mean:.3}")
}
