//! Thin branches in what annotators agree on.

use std::fs::File;

use coronary_phantom::{Method, Phantom, Size};
use segmentation::nrrd::{Encoding, write_mask};
use segmentation::{FileSource, Format, Geometry, read_mask};
use serde_json::Value;

use super::consensus::Drawn;

/// Three annotators of a phantom's two cases.
fn drawn() -> Drawn {
    let drawn = Drawn(tempfile::tempdir().unwrap());
    for (name, method) in
        [("ann", Method::NearPerfect), ("bob", Method::NearPerfect), ("cyd", Method::Thin)]
    {
        std::fs::create_dir(drawn.path(name)).unwrap();
        for case in 0..2 {
            let phantom = Phantom::new(4, case, 2, Size::fixed([128, 128, 80]).unwrap());
            let geometry = Geometry::diagonal(phantom.shape, phantom.spacing, phantom.origin);
            let file = File::create(drawn.path(name).join(format!("{case}.nrrd"))).unwrap();
            write_mask(file, &phantom.predict(method), &geometry, Encoding::Gzip(1)).unwrap();
        }
    }
    drawn
}

fn voxels(drawn: &Drawn, case: &str) -> usize {
    let file = FileSource(drawn.path("out").join(format!("{case}.nrrd")));
    read_mask(&file, Format::Nrrd, None).unwrap().mask.count()
}

const ALL: [&str; 3] = ["ann", "bob", "cyd"];

#[test]
fn thin_branches_are_named_and_taken_out_if_that_is_wanted() {
    let consensus = |options: &[&str]| {
        let drawn = drawn();
        let done = drawn.consensus(&ALL, &[&["--json"], options].concat());
        let document: Value = serde_json::from_str(&done.succeeded()).unwrap();
        (document, voxels(&drawn, "0"))
    };
    let (plain, all) = consensus(&[]);
    assert_eq!(plain.get("thin"), None);
    let (named, kept) = consensus(&["--min-diameter", "1.0"]);
    let case = &named["thin"][0];
    assert_eq!((kept, &case["case"], &case["removed"]), (all, &"0".into(), &false.into()));
    let branches = case["branches"].as_array().unwrap();
    assert!(!branches.is_empty());
    for branch in branches {
        assert!(branch["median_diameter_mm"].as_f64().unwrap() < 1.0, "{branch}");
        assert!(
            branch["end"]
                .as_array()
                .unwrap()
                .iter()
                .all(|at| (0..128).contains(&at.as_i64().unwrap()))
        );
    }
    let length = branches.iter().map(|branch| branch["length_mm"].as_f64().unwrap()).sum::<f64>();
    assert!((case["length_mm"].as_f64().unwrap() - length).abs() < 1e-9);
    assert!(length < case["of_mm"].as_f64().unwrap());

    let (cut, rest) = consensus(&["--min-diameter", "1.0", "--remove-thin"]);
    assert_eq!(cut["thin"][0]["removed"], true);
    assert_eq!(rest as u64, all as u64 - case["voxels"].as_u64().unwrap());
    assert_eq!(cut["truth"][0]["foreground"], rest);
    // Annotators are scored against what is left: what they drew of the thin branches is too much now.
    let precision = |of: &Value| of["agreements"][0]["means"]["all"]["precision"].as_f64().unwrap();
    assert!(precision(&cut) < precision(&plain));
}

#[test]
fn the_table_says_what_was_taken_out_and_a_truth_never_becomes_empty() {
    let drawn = drawn();
    let table = drawn.consensus(&ALL, &["--min-diameter=1", "--remove-thin"]).succeeded();
    assert!(
        table.starts_with("Branches with a median diameter below 1 mm, taken out\n"),
        "{table}"
    );
    std::fs::remove_dir_all(drawn.path("out")).unwrap();
    let table = drawn.consensus(&ALL, &["--min-diameter=0.1"]).succeeded();
    assert!(table.starts_with("No branch has a median diameter below 0.1 mm.\n"), "{table}");
    std::fs::remove_dir_all(drawn.path("out")).unwrap();
    let done = drawn.consensus(&ALL, &["--min-diameter=50", "--remove-thin"]);
    assert_eq!(done.code, Some(2));
    assert_eq!(done.stderr.matches("thinner ones only in case").count(), 2, "{}", done.stderr);
    assert!(!drawn.path("out").exists());
    for odd in ["--min-diameter=-1", "--min-diameter=NaN", "--remove-thin"] {
        assert_eq!(drawn.consensus(&ALL, &[odd]).code, Some(2), "{odd}");
    }
}
