//! CTs of the cases: made up by one command, imported by another.

use std::fs;
use std::path::Path;

use test_support::program::{Done, Site, asoca, run};

const CASES: usize = 6;

/// A site with a truth set of six phantoms, and a folder with their CTs beside it.
fn with_ct() -> Site {
    let site = Site::new(None);
    site.set_up();
    let out = site.folder.path().join("again");
    run(asoca([&"phantom", &"--out", &out, &"--cases", &"6", &"--seed", &"11"])
        .args(["--shape", "64x64x48", "--ct"]))
    .succeeded();
    site
}

fn import(site: &Site, truth: &str, folder: &Path) -> Done {
    site.admin([&"import-ct", &"--truth", &truth, &folder])
}

#[test]
fn a_ct_of_each_phantom_is_written_when_it_is_asked_for() {
    let site = with_ct();
    let folder = site.folder.path().join("again");
    for case in 0..CASES {
        let header = |kind: &str| {
            let bytes = fs::read(folder.join(kind).join(format!("{case}.nrrd"))).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            text.split_once("\n\n").unwrap().0.to_owned()
        };
        let grid = |header: String| -> Vec<String> {
            let says = ["sizes", "space", "space directions", "space origin"];
            let lines = header.lines().filter(|line| {
                line.split_once(':').is_some_and(|(field, _)| says.contains(&field))
            });
            lines.map(str::to_owned).collect()
        };
        assert!(header("ct").contains("type: short"), "{}", header("ct"));
        assert_eq!(grid(header("ct")), grid(header("truth")));
        assert_eq!(grid(header("ct")).len(), 4);
    }
    // The same truth as without, and nothing more is written then.
    assert_eq!(
        fs::read(folder.join("truth/3.nrrd")).unwrap(),
        fs::read(site.phantoms().join("truth/3.nrrd")).unwrap()
    );
    assert!(!site.phantoms().join("ct").exists());
    // Nothing is written over.
    let out = site.folder.path().join("one");
    fs::create_dir_all(out.join("ct")).unwrap();
    let refused = run(&mut asoca([&"phantom", &"--out", &out, &"--cases", &"2"]));
    refused.refused(2, &["already exists"]);
}

#[test]
fn cts_are_imported_for_a_truth_set_of_that_name() {
    let site = with_ct();
    let folder = site.folder.path().join("again/ct");
    let all = "truth set 'first': the CTs of 6 cases\n";
    assert_eq!(import(&site, "first", &folder).succeeded(), all);
    assert_eq!(import(&site, "first", &folder).succeeded(), all);

    import(&site, "second", &folder).refused(2, &["second", "there is no such truth set"]);
    let nowhere = site.folder.path().join("nowhere");
    assert_eq!(import(&site, "first", &nowhere).code, Some(2));

    for case in 2..CASES {
        fs::remove_file(folder.join(format!("{case}.nrrd"))).unwrap();
    }
    let some = import(&site, "first", &folder).succeeded();
    assert_eq!(some, "truth set 'first': the CTs of 2 cases\n");
    fs::copy(folder.join("0.nrrd"), folder.join("1.nrrd")).unwrap();
    let masks = site.phantoms().join("truth");
    for (folder, file, code) in [(folder, "1.nrrd", "ct.geometry"), (masks, "0.nrrd", "ct.values")]
    {
        let refused = import(&site, "first", &folder);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
        for word in [file, code] {
            assert!(refused.stderr.contains(word), "no '{word}' in: {}", refused.stderr);
        }
    }
}
