//! The website as people meet it: the real program, a real browser.

mod checked_uploads;
mod every_page;
mod guard;
mod journeys;
mod keyboard;
mod layout;
mod page;
mod plots;
mod season;
mod site;
mod uploads;
mod without_scripts;
