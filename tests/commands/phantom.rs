use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use coronary_phantom::Method;
use serde_json::json;
use test_support::program::volumes::phantoms;
use test_support::program::{asoca, run};

/// Each file's path in the folder and its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = PathBuf::from(path.file_name().unwrap());
        if path.is_dir() {
            found.extend(contents(&path).into_iter().map(|(below, of)| (name.join(below), of)));
        } else {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn truth_and_each_method_s_predictions_are_written_as_files_and_as_a_zip() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new").join("out");
    phantoms(&out, "6", "1");

    let mut expected = vec![PathBuf::from("truth/cases.json")];
    expected.extend((0..6).map(|case| PathBuf::from(format!("truth/{case}.nrrd"))));
    for method in Method::ALL {
        let predictions = Path::new("predictions").join(method.name());
        expected.push(predictions.with_extension("zip"));
        expected.extend((0..6).map(|case| predictions.join(format!("{case}.nrrd"))));
    }
    expected.sort();
    let found: Vec<PathBuf> = contents(&out).into_keys().collect();
    assert_eq!(found, expected);

    let listed = fs::read_to_string(out.join("truth/cases.json")).unwrap();
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let group = |case: usize| if case < 3 { "normal" } else { "diseased" };
    for case in 0..6 {
        let line = &listed[case];
        assert_eq!((&line["id"], &line["group"]), (&json!(case.to_string()), &json!(group(case))));
        assert_eq!(line["shape"], json!([64, 64, 48]));
        assert!(line["spacing"].as_array().is_some_and(|steps| steps.len() == 3));
    }
}

#[test]
fn the_seed_decides_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, seed| {
        let out = folder.path().join(name);
        phantoms(&out, "2", seed);
        contents(&out)
    };
    let (first, same, other) = (made("first", "5"), made("same", "5"), made("other", "6"));
    assert!(first == same, "the same seed gave other bytes");
    let case = Path::new("truth/0.nrrd");
    assert!(first[case] != other[case], "another seed gave the same case");
}

#[test]
fn a_folder_that_is_there_is_left_as_it_is() {
    for there in ["truth", "predictions"] {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join(there).join("kept");
        fs::create_dir(folder.path().join(there)).unwrap();
        fs::write(&kept, "somebody's").unwrap();
        let done = run(&mut asoca([&"phantom", &"--out", &folder.path(), &"--shape", &"64x64x48"]));
        done.refused(2, &[there, "already exists"]);
        let all = contents(folder.path());
        assert_eq!(all.len(), 1, "{:?}", all.keys());
        assert_eq!(fs::read(kept).unwrap(), b"somebody's");
    }
}

#[test]
fn a_shape_no_tree_fits_into_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for shape in ["64x64", "axbxc", "8x8x8", "64x64x100000000000"] {
        let out = folder.path().join("out");
        let done = run(&mut asoca([&"phantom", &"--out", &out, &"--shape", &shape]));
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(done.stderr.contains("--shape"), "{done:?}");
        assert!(!out.exists());
    }
}
