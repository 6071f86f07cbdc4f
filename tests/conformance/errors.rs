//! Every code an upload can raise is raised, and docs/errors.md tells all of it as it is.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use asoca::domain::{Code, Problem};
use asoca::scoring::{PreflightError, Progress, validate};
use segmentation::archive::Location;

use crate::files;
use crate::uploads::{Spoilt, spoilt_uploads};

/// What is wrong with an upload.
fn problems(spoilt: &Spoilt) -> Vec<Problem> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upload.zip");
    std::fs::write(&path, &spoilt.zip).unwrap();
    match validate(Location::Zip(&path), &spoilt.cases, false, &Progress::default()) {
        Err(PreflightError::Invalid(problems)) => problems,
        other => panic!("{}: {other:?}", spoilt.what),
    }
}

/// Each spoilt upload with its problem of the code it is meant for.
fn raised() -> Vec<(Spoilt, Problem)> {
    let raise = |spoilt: Spoilt| {
        let mut found = problems(&spoilt);
        let codes: Vec<Code> = found.iter().map(|problem| problem.code).collect();
        let meant = codes.iter().position(|&code| code == spoilt.code);
        let meant = meant.unwrap_or_else(|| panic!("{}: {codes:?}", spoilt.what));
        (spoilt, found.swap_remove(meant))
    };
    spoilt_uploads(&files()).into_iter().map(raise).collect()
}

#[test]
fn every_code_of_an_upload_is_raised_by_one() {
    let raised: BTreeSet<Code> = raised().iter().map(|(spoilt, _)| spoilt.code).collect();
    let of_uploads: BTreeSet<Code> =
        Code::ALL.iter().copied().filter(|code| code.note().is_none()).collect();
    assert_eq!(raised, of_uploads);
}

#[test]
fn hints_fit_what_was_sent() {
    let raised = raised();
    let hint = |what: &str| {
        let (_, problem) = raised.iter().find(|(spoilt, _)| spoilt.what == what).unwrap();
        format!("{}; {}", problem.found, problem.hint)
    };
    for (what, words) in [
        ("a RAR archive", "RAR archive; Pack the files 0.nrrd, 1.nrrd, … into a .zip"),
        ("a 7z archive", "7z archive; Pack the files"),
        ("a tar archive", "tar archive; Pack the files"),
        ("a .tar.gz archive", ".tar.gz"),
        ("a zip in the zip", "into one zip directly"),
        ("files numbered from 1, the first case", "Case numbers start at 0"),
        ("files numbered from 1, each of them", "Case numbers start at 0"),
        ("NIfTI", "sitk.WriteImage"),
        ("a NumPy array", "numpy.savez_compressed"),
        ("an NRRD header alone", "as one file"),
        ("a gzipped NRRD", "gunzip"),
        ("a segmentation of 3D Slicer", "the CT as reference volume"),
        ("layers of 3D Slicer", "the CT as reference volume"),
        ("a cropped segmentation of 3D Slicer", "the CT as reference volume"),
        ("axes in reverse order", "transpose(2, 1, 0)"),
        ("labels scaled to 0.3, or weak probabilities", "for instance 0.3; All values are at most"),
        ("labels 0 and -1", "for instance -1; All values are at most 0.5"),
        ("nothing but NaN", "NaN counts as background"),
        ("nothing but 0", "Save 0 for background and 1 for vessel"),
        ("a NIfTI file that was renamed", "NIfTI file; Renaming a file does not convert it"),
    ] {
        assert!(hint(what).contains(words), "{what}: {}", hint(what));
    }
}

/// The page, made from the catalogue and from what the uploads really raise.
fn document() -> String {
    let raised = raised();
    let mut page = String::from(HEAD);
    page += "\n## Uploads\n";
    for &code in Code::ALL.iter().filter(|code| code.note().is_none()) {
        write!(page, "\n### `{code}`\n\n{} HTTP {}.\n\n", code.title(), code.status()).unwrap();
        page += "| For instance | Expected | Found | What to do |\n|---|---|---|---|\n";
        for (spoilt, problem) in raised.iter().filter(|(spoilt, _)| spoilt.code == code) {
            let cells = [spoilt.what, &problem.expected, &problem.found, &problem.hint];
            let cells = cells.map(|cell| cell.replace('|', "\\|").replace('<', "&lt;"));
            writeln!(page, "| {} |", cells.join(" | ")).unwrap();
        }
    }
    page += "\n## Requests\n\n| Code | HTTP | Means | Where, and what to do |\n|---|---|---|---|\n";
    for &code in Code::ALL {
        if let Some(note) = code.note() {
            writeln!(page, "| `{code}` | {} | {} | {note} |", code.status(), code.title()).unwrap();
        }
    }
    page
}

const HEAD: &str = "# Errors

Every error of the program or the server has a code, whose meaning and HTTP status never change, and says what was expected, what was found and how to
fix it. `asoca validate` and the server report the same problems of an upload. Names and headers are checked while the client waits. Problems that only
the voxels show are found while scoring, and make the submission invalid. Neither uses any of the quota.

People are shown causes rather than problems. Files with the same mistake are one cause, and a case without a file is part of it where one of them was
to be its file. In JSON `errors` has every problem, and `summary` the causes: `code`, `title`, `hint` and `files`.

This page is generated: `UPDATE=1 cargo test --test conformance errors` updates it.
";

#[test]
fn the_page_of_errors_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, document()).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == document(),
        "docs/errors.md is out of date: UPDATE=1 cargo test --test conformance errors"
    );
}
