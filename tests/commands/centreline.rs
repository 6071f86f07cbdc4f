//! `asoca centreline`, as a person or a script runs it.

use std::fs;
use std::process::{Command, Output};

use coronary_phantom::{Phantom, Size};
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Geometry, Mask};
use serde_json::Value;

fn centreline(arguments: &[&str]) -> Output {
    let mut centreline = Command::new(env!("CARGO_BIN_EXE_asoca"));
    centreline.arg("centreline").args(arguments).output().unwrap()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_mask_becomes_a_vtp_and_a_csv_where_its_volume_lies() {
    let folder = tempfile::tempdir().unwrap();
    let phantom = Phantom::new(3, 0, 2, Size::fixed([128, 128, 96]).unwrap());
    let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
    let path = folder.path().join("Normal_1.nrrd");
    let file = fs::File::create(&path).unwrap();
    write_mask(file, &phantom.truth(), &geometry, Encoding::Gzip(1)).unwrap();
    let (path, out) = (path.to_str().unwrap(), folder.path().join("lines"));

    let made = centreline(&["--json", "--out", out.to_str().unwrap(), path]);
    assert!(made.status.success(), "{}", words(&made.stderr));
    let report: Value = serde_json::from_slice(&made.stdout).unwrap();
    let report = &report["centrelines"][0];
    let branches = report["branches"].as_u64().unwrap();
    assert!(branches > 4, "{report}");

    // The phantom's ostia, where the file says that they are.
    for vessel in phantom.vessels().iter().filter(|vessel| vessel.parent.is_none()) {
        let ostium = [0, 1, 2].map(|axis| vessel.nodes[0].centre[axis] + phantom.origin[axis]);
        let far = |root: &Value| {
            let place: [f64; 3] = serde_json::from_value(root["position_mm"].clone()).unwrap();
            (0..3).map(|axis| (place[axis] - ostium[axis]).powi(2)).sum::<f64>().sqrt()
        };
        let roots = report["roots"].as_array().unwrap();
        let nearest = roots.iter().map(far).fold(f64::INFINITY, f64::min);
        assert!(nearest < 2.0, "{nearest} mm from {ostium:?}: {report}");
    }

    let vtp = fs::read_to_string(out.join("Normal_1.vtp")).unwrap();
    assert!(vtp.contains(&format!("NumberOfLines=\"{branches}\"")));
    assert!(vtp.contains("Name=\"Radius\"") && vtp.contains("Name=\"InscribedRadius\""));
    let csv = fs::read_to_string(out.join("Normal_1.csv")).unwrap();
    let head = "branch,component,parent,parent_point,point,x_mm,y_mm,z_mm,radius_mm,inscribed_radius_mm,distance_mm";
    assert_eq!(csv.lines().next(), Some(head));
    // A branch's first point is its parent's as well.
    let points =
        report["points"].as_u64().unwrap() + branches - report["components"].as_u64().unwrap();
    assert_eq!(csv.lines().count() as u64, points + 1);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 2);

    let again = centreline(&["--out", out.to_str().unwrap(), path]);
    assert_eq!(again.status.code(), Some(2));
    assert!(words(&again.stderr).contains("Normal_1.vtp: already exists"));
}

#[test]
fn what_is_no_vessel_tree_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, mask: &Mask, geometry: &Geometry| {
        let path = folder.path().join(name);
        write_mask(fs::File::create(&path).unwrap(), mask, geometry, Encoding::Gzip(1)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let shape = [128, 128, 64];
    let mut all = Mask::empty(shape).unwrap();
    (0..all.voxels()).for_each(|at| all.set(at));
    let mut one = Mask::empty(shape).unwrap();
    one.set(7);
    let inverted = write("all.nrrd", &all, &Geometry::diagonal(shape, [0.4; 3], [0.0; 3]));
    let metres = write("metres.nrrd", &one, &Geometry::diagonal(shape, [4e-4; 3], [0.0; 3]));
    let nowhere = write("nowhere.nrrd", &one, &Geometry::of_shape(shape));
    let dot = write("dot.nrrd", &one, &Geometry::diagonal(shape, [0.4; 3], [0.0; 3]));
    let out = folder.path().join("lines");
    let made = centreline(&["--out", out.to_str().unwrap(), &inverted, &metres, &nowhere, &dot]);
    assert_eq!(made.status.code(), Some(2));
    let told = words(&made.stderr);
    for expected in ["1048576 foreground voxels", "edge of 0.0004 mm", "[mask.geometry]"] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    assert_eq!(told.matches("[mask.no_tree]").count(), 2, "{told}");
    // One voxel is a vessel of one point.
    assert!(out.join("dot.vtp").exists() && words(&made.stdout).contains("dot.nrrd"));
}
