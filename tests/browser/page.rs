use std::ffi::OsStr;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::http::Method;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::guard::{Guard, folder};
use crate::site::{LogIn, SITE};

/// What drives the browsers, one for all tests.
struct Driver {
    url: String,
    browser: PathBuf,
    folder: PathBuf,
    browsers: AtomicU32,
    _guard: Guard,
}

static DRIVER: LazyLock<Option<Driver>> = LazyLock::new(Driver::start);

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = |name: &&str| folders.iter().map(|dir| dir.join(name)).find(|file| file.exists());
    names.iter().find_map(found)
}

impl Driver {
    fn start() -> Option<Self> {
        let browser = on_path(&["chromium", "google-chrome"]);
        let (Some(browser), Some(driver)) = (browser, on_path(&["chromedriver"])) else {
            assert!(std::env::var_os("CI").is_none(), "chromium and chromedriver are missing");
            return None;
        };
        let folder = folder();
        let guard = Guard::start(&folder, driver, &[OsStr::new("--port=0")]);
        let port: u16 = guard.until("port", |said| {
            let (_, after) = said.split_once("successfully on port ")?;
            after.split('.').next()?.parse().ok()
        });
        let url = format!("http://127.0.0.1:{port}");
        Some(Self { url, browser, folder, browsers: AtomicU32::new(0), _guard: guard })
    }

    async fn open(&self, scripts: bool) -> Client {
        let number = self.browsers.fetch_add(1, Ordering::Relaxed);
        let profile = self.folder.join(format!("profile-{number}"));
        let profile = format!("--user-data-dir={}", profile.display());
        let args = [
            "--headless=new",
            "--no-sandbox",
            // Graphics without a graphics card, and without a warning that it is so.
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
            &profile,
        ];
        let javascript = if scripts { 1 } else { 2 };
        let wanted = json!({
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": self.browser,
                "args": args,
                "prefs": { "profile.managed_default_content_settings.javascript": javascript },
            },
        });
        let Value::Object(wanted) = wanted else { unreachable!("an object was written above") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted).connect(&self.url).await.expect("a browser")
    }
}

/// A browser at a site, as one person sees it.
pub struct Page {
    pub client: Client,
    /// The site's address.
    pub url: String,
}

/// Runs a test in a browser of its own, which is closed in any case.
pub async fn in_browser(test: impl AsyncFnOnce(&Page)) {
    visit(|| SITE.url.clone(), true, test).await;
}

pub async fn in_browser_without_scripts(test: impl AsyncFnOnce(&Page)) {
    visit(|| SITE.url.clone(), false, test).await;
}

/// The same at a site of the test's own, which is started if there is a browser.
pub async fn visit(site: impl FnOnce() -> String, scripts: bool, test: impl AsyncFnOnce(&Page)) {
    let Some(driver) = &*DRIVER else {
        println!("not run: chromium is not on this machine");
        return;
    };
    let page = Page { url: site(), client: driver.open(scripts).await };
    let outcome = AssertUnwindSafe(test(&page)).catch_unwind().await;
    if outcome.is_err() {
        let source = page.client.source().await.unwrap_or_default();
        println!("{:?}\n{source}", page.client.current_url().await);
    }
    page.client.close().await.expect("the browser closes");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// A command of this driver's own, outside the standard.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

const PATIENCE: Duration = Duration::from_secs(30);

impl Page {
    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.url)).await.expect("an address");
    }

    /// Where the browser is, without the site's address.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().strip_prefix(&self.url).unwrap_or(url.as_str()).to_owned()
    }

    /// The element, as soon as it is there.
    pub async fn find(&self, css: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE);
        let found = wait.for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    pub async fn count(&self, css: &str) -> usize {
        self.all(css).await.len()
    }

    pub async fn all(&self, css: &str) -> Vec<Element> {
        self.client.find_all(Locator::Css(css)).await.expect("a selector")
    }

    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("its text")
    }

    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Clicks what leads to another page, and returns once that one has taken this one's place.
    ///
    /// What is looked for next could else be found on the page that is about to go.
    pub async fn follow(&self, css: &str) {
        self.script("document.documentElement.dataset.left = ''", vec![]).await;
        self.click(css).await;
        self.find("html:not([data-left])").await;
    }

    /// Types into the field of that name.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("main [name={name}]")).await;
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Chooses from the list of that name.
    pub async fn choose(&self, name: &str, value: &str) {
        let field = self.find(&format!("main select[name={name}]")).await;
        for option in field.find_all(Locator::Css("option")).await.expect("a selector") {
            // An option without a value stands for its words.
            if option.prop("value").await.expect("a property").as_deref() == Some(value) {
                return option.click().await.expect("an option to choose");
            }
        }
        panic!("{value} is not in the list {name}");
    }

    /// What the server answers to who is logged in here.
    pub async fn fetch(&self, path: &str) -> String {
        let script = "const [path, done] = arguments;
            fetch(path).then(answer => answer.text()).then(done, error => done(String(error)))";
        let text = self.later(script, vec![json!(path)]).await;
        text.as_str().expect("a text").to_owned()
    }

    pub async fn choose_files(&self, files: &[&Path]) {
        let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        self.fill("file", &names.join("\n")).await;
    }

    /// What a script, as the body of a function, returns.
    pub async fn script(&self, script: &str, args: Vec<Value>) -> Value {
        self.client.execute(script, args).await.expect("a script that runs")
    }

    /// What an asynchronous script hands to its last argument.
    pub async fn later(&self, script: &str, args: Vec<Value>) -> Value {
        self.client.execute_async(script, args).await.expect("a script that runs")
    }

    /// From now on scripts of the page see answers of this status, with no headers, instead of
    /// the server's.
    pub async fn answers_look_like(&self, status: u16) {
        let script = "const {prototype} = XMLHttpRequest;
            window.real = Object.getOwnPropertyDescriptors(prototype);
            const [status] = arguments;
            Object.defineProperty(prototype, 'status', {configurable: true, get: () => status});
            prototype.getResponseHeader = () => null";
        self.script(script, vec![json!(status)]).await;
    }

    pub async fn answers_look_as_they_are(&self) {
        let script = "const {status, getResponseHeader} = window.real;
            Object.defineProperties(XMLHttpRequest.prototype, {status, getResponseHeader})";
        self.script(script, vec![]).await;
    }

    /// Returns once the place under the form's title says this.
    pub async fn until_outcome_says(&self, words: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.text("#outcome").await.contains(words) {
            assert!(Instant::now() < end, "{:?} is not {words:?}", self.text("#outcome").await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A command to the browser's developer tools.
    pub async fn developer(&self, command: &str, parameters: Value) {
        let body = json!({ "cmd": command, "params": parameters });
        let own = Own { path: "goog/cdp/execute", body };
        self.client.issue_cmd(own).await.expect("a command the browser knows");
    }

    /// Makes the window so many pixels wide and high.
    pub async fn resize(&self, (width, height): (u64, u64)) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.developer("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// All of a page of this width, down to its end, as a PNG.
    pub async fn picture(&self, width: u64) -> Vec<u8> {
        let height = self.script("return document.documentElement.scrollHeight", vec![]).await;
        self.resize((width, height.as_u64().expect("a height"))).await;
        self.client.screenshot().await.expect("a picture")
    }

    /// Colours as who likes it `light` or `dark` has them.
    pub async fn scheme(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.developer("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// What the browser's console says since the last time it was asked.
    pub async fn console(&self) -> Vec<Value> {
        let own = Own { path: "se/log", body: json!({ "type": "browser" }) };
        let log = self.client.issue_cmd(own).await.expect("a log");
        log.as_array().cloned().expect("a list")
    }

    /// Signs up with a team of this name and its password.
    pub async fn sign_up(&self, team: &str) {
        self.open("/signup").await;
        self.fill("email", &address(team)).await;
        self.fill("display_name", "Ada Lovelace").await;
        self.fill("team", team).await;
        self.fill("password", PASSWORD).await;
        self.follow("main button").await;
        self.find("header form[action='/logout']").await;
    }

    pub async fn log_in(&self, who: &LogIn) {
        self.open("/login").await;
        self.fill("email", &who.email).await;
        self.fill("password", &who.password).await;
        self.follow("main button").await;
        self.find("header form[action='/logout']").await;
    }

    pub async fn log_out(&self) {
        self.follow("header form[action='/logout'] button").await;
        self.find("header a[href='/login']").await;
    }
}

/// Width and height in pixels.
pub const DESK: (u64, u64) = (1280, 900);
pub const PHONE: (u64, u64) = (375, 812);
/// A small phone, or a desk whose letters are four times as large (WCAG 2.2, 1.4.10).
pub const SMALL: (u64, u64) = (320, 640);
pub const TABLET: (u64, u64) = (768, 1024);
pub const WIDE: (u64, u64) = (1440, 900);

pub const PASSWORD: &str = "difference engine";

/// The address of who created the team.
pub fn address(team: &str) -> String {
    format!("{}@example.org", team.to_lowercase().replace(' ', "-"))
}
