//! Truth out of what several annotators drew.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use segmentation::{FileSource, Format, Geometry, LoadedMask, read_mask};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::program::Site;
use test_support::program::volumes::{SHAPE, geometry, row, write};
use test_support::program::{Done, asoca, run};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LIST: &str = r#"[{"id": "0", "group": "normal"}, {"id": "1", "group": "diseased"}]"#;

/// Folders of annotators beside each other.
pub struct Drawn(pub TempDir);

impl Drawn {
    /// Rows of ten voxels in two cases: in case 0 each begins one voxel after the one before, in
    /// case 1 the last annotator's lies apart.
    pub fn by_hand() -> Self {
        let drawn = Self(tempfile::tempdir().unwrap());
        for (name, first, second) in [("ann", 0..10, 0..10), ("bob", 1..11, 0..10)] {
            drawn.draw(name, "0", first);
            drawn.draw(name, "1", second);
        }
        drawn.draw("cyd", "0", 2..12);
        drawn.draw("cyd", "1", 5..12);
        fs::write(drawn.path("ann").join("cases.json"), LIST).unwrap();
        drawn
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn draw(&self, name: &str, case: &str, foreground: impl IntoIterator<Item = usize>) {
        write(&self.path(name).join(format!("{case}.nrrd")), &row(foreground), &geometry());
    }

    pub fn consensus(&self, annotators: &[&str], options: &[&str]) -> Done {
        let paths = annotators.iter().map(|name| self.path(name));
        run(asoca([&"consensus", &"--out", &self.path("out")]).args(options).args(paths))
    }

    /// What stays in a case.
    pub fn read(&self, case: &str) -> LoadedMask {
        let file = FileSource(self.path("out").join(format!("{case}.nrrd")));
        read_mask(&file, Format::Nrrd, Some(SHAPE)).unwrap()
    }

    pub fn ones(&self, case: &str) -> Vec<usize> {
        self.read(case).mask.ones().collect()
    }
}

pub const ALL: [&str; 3] = ["ann", "bob", "cyd"];

#[test]
fn a_voxel_stays_where_two_of_three_agree() {
    let drawn = Drawn::by_hand();
    let done = drawn.consensus(&ALL, &[]);
    assert_eq!(done.stderr, "");
    done.succeeded();
    assert_eq!(drawn.ones("0"), Vec::from_iter(1..11));
    assert_eq!(drawn.ones("1"), Vec::from_iter(0..10));
    let listed = fs::read_to_string(drawn.path("out/cases.json")).unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let case = |id: &str, group: &str| json!({ "id": id, "group": group, "shape": SHAPE, "spacing": [0.5, 0.5, 2.0] });
    assert_eq!(listed, json!([case("0", "normal"), case("1", "diseased")]));
    assert_eq!(fs::read_dir(drawn.path("out")).unwrap().count(), 3);
}

#[test]
fn the_numbers_are_those_worked_out_by_hand() {
    let drawn = Drawn::by_hand();
    let document: Value =
        serde_json::from_str(&drawn.consensus(&ALL, &["--json"]).succeeded()).unwrap();
    assert_eq!((&document["kind"], &document["version"]), (&json!("asoca observers"), &json!(1)));
    let near = |found: &Value, expected: f64| {
        assert!((found.as_f64().unwrap() - expected).abs() < 1e-12, "{found}, not {expected}");
    };
    // One of ten voxels half a millimetre off: 0.95 of the way is 8.55 steps along nine zeros and it.
    let off = 0.55 * 0.5;
    // Seven voxels 5 to 11 against ten, 0 to 9. Of the ten, five are 2.5 to 0.5 mm from the
    // nearest and five are met: 8.55 steps along is between 2.0 and 2.5 mm.
    let apart = 2.0 + 0.55 * 0.5;
    let expected = [
        ("ann", [(0.9, off), (1.0, 0.0)]),
        ("bob", [(1.0, 0.0), (1.0, 0.0)]),
        ("cyd", [(0.9, off), (10.0 / 17.0, apart)]),
    ];
    let annotators = document["annotators"].as_array().unwrap();
    assert_eq!(annotators.len(), 3);
    for (annotator, (name, cases)) in annotators.iter().zip(expected) {
        assert_eq!(annotator["name"], name);
        for (at, (dice, hd95)) in cases.into_iter().enumerate() {
            let case = &annotator["cases"][at];
            assert_eq!(case["id"], at.to_string());
            near(&case["dice"], dice);
            near(&case["hd95"], hd95);
        }
        near(&annotator["aggregates"]["all"]["dice"]["mean"], (cases[0].0 + cases[1].0) / 2.0);
    }
    let of = |group: &str, metric: &str| document["aggregates"][group][metric].clone();
    near(&of("normal", "dice")["mean"], 2.8 / 3.0);
    // Three values, two of them a tenth below the third.
    near(&of("normal", "dice")["std"], 0.1 / 3f64.sqrt());
    near(&of("diseased", "hd95")["mean"], apart / 3.0);
    near(&of("all", "hd95")["mean"], (2.0 * off + apart) / 6.0);
    assert_eq!(of("all", "dice")["count"], 6);
    // Each annotator against the majority, then all ordered pairs, by the annotator taken for the truth.
    let agreements = document["agreements"].as_array().unwrap();
    let of = |annotator: &str, against: &str| {
        let mut found = agreements.iter();
        let found = found.find(|of| of["annotator"] == annotator && of["against"] == against);
        found.unwrap()["means"]["all"].clone()
    };
    assert_eq!(agreements.len(), 3 + 3 * 2);
    near(&of("ann", "majority")["dice"], 0.95);
    // In case 0 ten voxels against ten, moved by two; in case 1 ten against seven, five in common.
    near(&of("cyd", "ann")["dice"], (0.8 + 10.0 / 17.0) / 2.0);
    for metric in ["dice", "hd95", "cl_dice", "surface_dice_1_mm"] {
        assert_eq!(of("cyd", "ann")[metric], of("ann", "cyd")[metric], "{metric}");
    }
    let found = |annotator, against| of(annotator, against)["recall"].as_f64().unwrap();
    assert!(found("cyd", "ann") < found("ann", "cyd"));
    near(&of("ann", "bob")["betti_0_error"], 0.0);
    // In case 0 the ends are one or two voxels of 0.5 mm off. In case 1 one of them is five: more than a twentieth of the surface.
    assert_eq!(document["tolerance_mm"], 1.0);
    near(&of("ann", "bob")["annotators_tolerance"], 1.0);
    let within =
        |annotator, against| of(annotator, against)["surface_dice_annotators"].as_f64().unwrap();
    assert!(within("cyd", "ann") < within("ann", "bob"));
    let truth = |id: &str, group: &str| json!({ "id": id, "group": group, "foreground": 10 });
    assert_eq!(document["truth"], json!([truth("0", "normal"), truth("1", "diseased")]));
}

#[test]
fn the_table_shows_annotators_groups_the_test_and_every_case() {
    let drawn = Drawn::by_hand();
    let table = drawn.consensus(&ALL, &[]).succeeded();
    let has = |words: &str| {
        let found = table.lines().any(|line| line.split_whitespace().eq(words.split(' ')));
        assert!(found, "no '{words}' in\n{table}");
    };
    has("3 annotators against their majority (at least 2 of 3)");
    has("annotator all normal diseased");
    has("A ann 0.9500±0.0707 0.9000 1.0000");
    has("together 0.8980±0.1595 0.9333±0.0577 0.8627±0.2377");
    // scipy 1.17: ttest_ind([.9, 1, .9], [1, 1, 10/17], equal_var=False), and of HD95 with
    // [.275, 0, .275] and [0, 0, 2.275].
    has("Welch's t-test of normal and diseased: t = 0.500, df = 2.2, p = 0.6622");
    has("Welch's t-test of normal and diseased: t = -0.753, df = 2.1, p = 0.5282");
    has("against Dice HD95 clDice surf. length conn. leak β0 β1");
    assert!(table.lines().any(|line| line.starts_with("A  majority  0.9500")), "{table}");
    assert!(table.lines().any(|line| line.starts_with("C  A         0.6941")), "{table}");
    has("case group A B C");
    has("1 diseased 1.0000 1.0000 0.5882");
    has("1 diseased 0.000 0.000 2.275");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn csv_has_a_line_for_each_annotator_case_and_metric() {
    let drawn = Drawn::by_hand();
    let csv = drawn.consensus(&ALL, &["--csv"]).succeeded();
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 3 * 2 * 2 + 1);
    assert_eq!(lines[..2], ["annotator,case,group,metric,value", "ann,0,normal,dice,0.9"]);
    assert_eq!(lines[6], "bob,0,normal,hd95,0");
}

#[test]
fn with_an_even_number_a_tie_is_background() {
    let drawn = Drawn::by_hand();
    drawn.consensus(&["ann", "cyd"], &[]).succeeded();
    assert_eq!(drawn.ones("0"), Vec::from_iter(2..10));
    fs::remove_dir_all(drawn.path("out")).unwrap();
    drawn.draw("dan", "0", 0..1);
    drawn.draw("dan", "1", 0..2);
    drawn.consensus(&["ann", "bob", "cyd", "dan"], &[]).succeeded();
    // Of four annotators three have to agree.
    assert_eq!(drawn.ones("0"), Vec::from_iter(2..10));
    assert_eq!(drawn.ones("1"), [0, 1, 5, 6, 7, 8, 9]);
}

#[test]
fn zips_and_numpy_arrays_are_read_and_the_first_header_with_a_place_gives_it() {
    let drawn = Drawn(tempfile::tempdir().unwrap());
    let placed = Geometry {
        origin: Some([-80.5, 12.25, 1040.0]),
        space: Some("RAS".into()),
        directions: Some([[-0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 2.0]]),
        ..geometry()
    };
    fs::create_dir(drawn.path("ann")).unwrap();
    fs::write(drawn.path("ann/7.npz"), npz(&row(0..10))).unwrap();
    write(&drawn.path("bob/7.nrrd"), &row(1..11), &placed);
    let mut zip = ZipWriter::new(File::create(drawn.path("cyd.zip")).unwrap());
    zip.start_file("masks/7.nrrd", SimpleFileOptions::default()).unwrap();
    zip.write_all(&fs::read(drawn.path("bob/7.nrrd")).unwrap()).unwrap();
    zip.finish().unwrap();
    let done = drawn.consensus(&["ann", "bob", "cyd.zip"], &[]);
    // Without a list there are no groups, and it is said what that means.
    assert!(done.stderr.starts_with("warning: cases.json has no group"), "{}", done.stderr);
    let table = done.succeeded();
    assert!(!table.contains("normal") && table.contains("cyd.zip"), "{table}");
    let made = drawn.read("7");
    assert_eq!(made.mask.ones().collect::<Vec<_>>(), Vec::from_iter(1..11));
    assert_eq!(made.geometry, placed);
}

/// An array of [`SHAPE`] as NumPy saves it in Fortran order.
fn npz(voxels: &[u8]) -> Vec<u8> {
    let [x, y, z] = SHAPE;
    let head = format!("{{'descr': '|u1', 'fortran_order': True, 'shape': ({x}, {y}, {z}), }}");
    let head = format!("{head:<117}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((head.len() as u16).to_le_bytes());
    file.extend(head.as_bytes());
    file.extend(voxels);
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("arr_0.npy", SimpleFileOptions::default()).unwrap();
    zip.write_all(&file).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn the_list_of_cases_that_is_named_has_the_last_word() {
    let drawn = Drawn::by_hand();
    fs::write(drawn.path("ann/cases.json"), "not looked at").unwrap();
    let list = drawn.path("list.json");
    fs::write(&list, LIST.replace("diseased", "normal")).unwrap();
    let options = ["--cases", list.to_str().unwrap(), "--json"];
    let document: Value =
        serde_json::from_str(&drawn.consensus(&ALL, &options).succeeded()).unwrap();
    assert_eq!(document["aggregates"]["diseased"], Value::Null);
    assert_eq!(document["welch"], json!({ "dice": null, "hd95": null }));
}

#[test]
fn an_annotator_s_labels_are_refused_until_it_is_said_which_are_vessel() {
    let drawn = Drawn::by_hand();
    let doubled: Vec<u8> = row(0..10).iter().map(|voxel| voxel * 2).collect();
    write(&drawn.path("bob/1.nrrd"), &doubled, &geometry());
    let done = drawn.consensus(&ALL, &[]);
    assert_eq!(done.code, Some(2));
    let named = "1.nrrd: A ground-truth file has values other than 0 and 1. [truth.labels]";
    assert!(done.stderr.contains(named), "{}", done.stderr);
    drawn.consensus(&ALL, &["--vessel-labels", "1,2"]).succeeded();
    assert_eq!(drawn.ones("1"), Vec::from_iter(0..10));
}

#[test]
fn truth_and_table_are_imported_into_a_challenge() {
    let (site, drawn) = (Site::new(None), Drawn::by_hand());
    let document = drawn.path("observers.json");
    let printed = drawn.consensus(&ALL, &["--json"]).succeeded();
    fs::write(&document, &printed).unwrap();
    let import =
        |truth: &str, file: &Path| site.admin([&"import-observers", &"--truth", &truth, &file]);
    import("made", &document).refused(2, &["made", "no such truth set"]);
    let out = drawn.path("out");
    let said = site.admin([&"import-truth", &"--name", &"made", &out]).succeeded();
    assert!(said.contains("12x3x2, 0.5 x 0.5 x 2 mm, 10 voxels"), "{said}");
    let said = import("made", &document).succeeded();
    assert!(said.contains("truth set 'made': 3 annotators"), "{said}");
    assert!(said.contains("normal    Dice 0.9333, HD95 0.183 mm"), "{said}");
    fs::write(&document, printed.replace("\"dice\": 0.9", "\"dice\": 90")).unwrap();
    let done = import("made", &document);
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{done:?}");
    assert_eq!(done.stderr.matches("[observers.invalid]").count(), 2, "{}", done.stderr);
    import("made", &drawn.path("none")).refused(2, &["none", "No such file"]);
}
