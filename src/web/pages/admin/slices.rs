//! The CT of a case with what a submission and the truth hold for vessels, a slice at a time.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;

use crate::domain::Error;
use crate::scoring::CT_WINDOW;
use crate::service::Caller;
use crate::service::pictures::{self, Slices};
use crate::web::App;
use crate::web::pages::{Page, html};

/// How many of the slices that differ most are listed.
const LISTED: usize = 8;

/// The width of a slice on the page, pixels.
const WIDTH: f64 = 1024.0;

#[derive(Template)]
#[template(path = "admin/slices.html")]
struct Shown {
    page: Page,
    submission: String,
    slices: Slices,
    z: usize,
    outlined: bool,
}

/// Which slice is shown, and how.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    z: String,
    #[serde(default)]
    outlines: String,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((submission, case)): Path<(String, String)>,
    Query(Wanted { z, outlines }): Query<Wanted>,
) -> Result<Html<String>, Error> {
    let slices = pictures::slices(&app.services, &caller, &submission, case).await?;
    // Without a number the one that differs most; one where nothing does shows as little as another.
    let middle = slices.differing.len() / 2;
    let most = slices.most_differing(1).first().copied().unwrap_or(middle);
    let z = z.parse().ok().filter(|z| *z < slices.differing.len()).unwrap_or(most);
    let page = Page::new(&app, &caller, "admin").await;
    html(&Shown { page, submission, slices, z, outlined: outlines != "off" })
}

impl Shown {
    fn case(&self) -> &str {
        &self.slices.case.case_id
    }

    /// Without the slice.
    fn address(&self) -> String {
        format!("/admin/submissions/{}/cases/{}/slices", self.submission, self.case())
    }

    fn last(&self) -> usize {
        self.slices.differing.len().saturating_sub(1)
    }

    /// Those that differ most, with how many voxels they differ in.
    fn most(&self) -> Vec<(usize, usize)> {
        let most = self.slices.most_differing(LISTED).into_iter();
        most.filter_map(|z| Some((z, *self.slices.differing.get(z)?))).collect()
    }

    /// What is added to an address so that outlines stay away.
    fn without(&self) -> &'static str {
        if self.outlined { "" } else { "&outlines=off" }
    }

    /// What is black and what is white, in Hounsfield units.
    fn window(&self) -> [String; 2] {
        CT_WINDOW.map(|bound| bound.to_string().replace('-', "−"))
    }

    /// Width and height on the page, as the voxels are in mm.
    fn size(&self) -> (u32, u32) {
        let [x, y, _] = self.slices.case.size();
        (WIDTH as u32, (WIDTH * y / x).round().clamp(1.0, 8.0 * WIDTH) as u32)
    }
}
