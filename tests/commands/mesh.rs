//! `asoca mesh`, as a person or a script runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{Geometry, Mask};
use serde_json::Value;
use tempfile::TempDir;

fn mesh(arguments: &[&str]) -> Output {
    let mut mesh = Command::new(env!("CARGO_BIN_EXE_asoca"));
    mesh.arg("mesh").args(arguments).output().unwrap()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A thick vessel along x, and a thin one beside it that the dataset's smoothing wipes out.
fn vessels() -> Mask {
    let mut mask = Mask::empty([40, 24, 16]).unwrap();
    for at in 0..mask.voxels() {
        let [x, y, z] = [at % 40, at / 40 % 24, at / 40 / 24].map(|at| at as f64);
        let thick = (y - 8.0).powi(2) + (z - 8.0).powi(2) < 20.0;
        let thin = y == 18.0 && z == 8.0;
        if (3.0..37.0).contains(&x) && (thick || thin) {
            mask.set(at);
        }
    }
    mask
}

fn written(folder: &Path, name: &str, mask: &Mask, geometry: &Geometry) -> String {
    let path = folder.join(name);
    let file = fs::File::create(&path).unwrap();
    write_mask(file, mask, geometry, Encoding::Gzip(1)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn folder_with_vessels() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let geometry = Geometry::diagonal([40, 24, 16], [0.35, 0.35, 0.5], [-80.5, 12.0, 1040.0]);
    let path = written(folder.path(), "Normal_1.nrrd", &vessels(), &geometry);
    (folder, path)
}

#[test]
fn a_mask_becomes_an_stl_and_a_ply_that_say_how_they_were_made() {
    let (folder, path) = folder_with_vessels();
    let out = folder.path().join("meshes");
    let made = mesh(&["--out", out.to_str().unwrap(), "--json", "--distances", &path]);
    assert!(made.status.success(), "{}", words(&made.stderr));
    let report: Value = serde_json::from_slice(&made.stdout).unwrap();
    let report = &report["meshes"][0];
    assert_eq!((&report["components"], &report["regions"]), (&2.into(), &2.into()));
    let smoothing = &report["smoothing"];
    assert_eq!(smoothing["window"], "hamming");
    assert_eq!(smoothing["shrunken_regions"], 1);
    let change = smoothing["mm3"].as_f64().unwrap() / report["raw_mm3"].as_f64().unwrap() - 1.0;
    assert_eq!(smoothing["change"].as_f64(), Some(change));
    let distances = &report["distances"];
    for name in ["voxels_to_surface", "vertices_to_voxels", "larger"] {
        assert!(distances[name]["max"].as_f64().unwrap() > 0.0, "{name}");
    }
    let told = words(&made.stderr);
    assert!(told.contains("took more than half of the volume from 1 of 2 regions"), "{told}");

    let stl = fs::read(out.join("Normal_1.stl")).unwrap();
    assert!(stl.starts_with(
        b"binary STL, windowed sinc, hamming, passband 0.03, 30 iterations; mm, LPS "
    ));
    assert_eq!(stl.len() as u64, 84 + 50 * report["triangles"].as_u64().unwrap());
    let ply = fs::read(out.join("Normal_1.ply")).unwrap();
    let header = String::from_utf8_lossy(&ply[..300]).into_owned();
    assert!(header.contains("comment windowed sinc, hamming"), "{header}");
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(&out).unwrap().count(), 2);
}

#[test]
fn a_raw_mesh_is_what_marching_cubes_makes_and_a_window_can_be_chosen() {
    let (folder, path) = folder_with_vessels();
    let volume = |how: &[&str]| {
        let out = folder.path().join(format!("meshes{}", how.concat()));
        let made = mesh(&[how, &["--out", out.to_str().unwrap(), "--json", &path]].concat());
        let report: Value = serde_json::from_slice(&made.stdout).unwrap();
        let report = &report["meshes"][0];
        let smooth = report["smoothing"]["mm3"].as_f64();
        smooth.or(report["raw_mm3"].as_f64()).unwrap()
    };
    let [raw, hamming, nuttall, default] =
        [&["--raw"][..], &["--window", "hamming"], &["--window", "nuttall"], &[]].map(volume);
    assert!(hamming < raw && nuttall < raw && hamming != nuttall, "{hamming} {nuttall} {raw}");
    assert_eq!(default, hamming);
    let both = mesh(&["--raw", "--window", "nuttall", "--out", "x", &path]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn what_can_t_be_used_is_named_and_the_others_are_made() {
    let (folder, path) = folder_with_vessels();
    let write =
        |name: &str, mask: &Mask, geometry: &Geometry| written(folder.path(), name, mask, geometry);
    let empty = write(
        "empty.nrrd",
        &Mask::empty([4; 3]).unwrap(),
        &Geometry::diagonal([4; 3], [1.0; 3], [0.0; 3]),
    );
    let nowhere = write("nowhere.nrrd", &vessels(), &Geometry::of_shape([40, 24, 16]));
    let text = folder.path().join("text.nrrd");
    fs::write(&text, "no volume").unwrap();
    let missing = folder.path().join("missing.nrrd");
    let out = folder.path().join("meshes");
    let made = mesh(&[
        "--out",
        out.to_str().unwrap(),
        &path,
        &empty,
        &nowhere,
        text.to_str().unwrap(),
        missing.to_str().unwrap(),
    ]);
    assert_eq!(made.status.code(), Some(2));
    let told = words(&made.stderr);
    for expected in ["[case.empty]", "[mask.geometry]", "[nrrd.not_nrrd]", "missing.nrrd: "] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    assert!(out.join("Normal_1.stl").exists() && !out.join("nowhere.stl").exists());
    let table = words(&made.stdout);
    assert!(table.contains("Normal_1.nrrd") && !table.contains("nowhere"), "{table}");
}

#[test]
fn nothing_is_replaced_and_two_masks_never_become_one_file() {
    let (folder, path) = folder_with_vessels();
    let out = folder.path().join("meshes");
    let out = out.to_str().unwrap();
    assert!(mesh(&["--out", out, &path]).status.success());
    let again = mesh(&["--out", out, &path]);
    assert_eq!(again.status.code(), Some(2));
    assert!(words(&again.stderr).contains("Normal_1.stl: already exists"));

    fs::create_dir(folder.path().join("b")).unwrap();
    let other = folder.path().join("b/Normal_1.nrrd");
    fs::copy(&path, &other).unwrap();
    let two = mesh(&[
        "--out",
        folder.path().join("two").to_str().unwrap(),
        &path,
        other.to_str().unwrap(),
    ]);
    assert_eq!(two.status.code(), Some(2));
    assert!(
        words(&two.stderr).contains("both are to become Normal_1.stl"),
        "{}",
        words(&two.stderr)
    );
    assert!(!folder.path().join("two").exists());
}
