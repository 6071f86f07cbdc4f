//! The server as its users meet it: real requests, a real worker, both engines.

#![allow(clippy::disallowed_types, reason = "statuses are what is tested here")]

mod mail_server;
mod standings;
mod tiny;

mod access;
mod accounts;
mod analysis;
mod announcements;
mod approval;
mod bad_requests;
mod bad_uploads;
mod before_the_body;
mod bombs;
mod browser;
mod causes;
mod challenger;
mod connections;
mod documents;
mod error_answers;
mod exports;
mod faults;
mod feedback;
mod feedback_attacks;
mod feedback_sweep;
mod flags;
mod found_while_scoring;
mod idempotency;
mod json_inputs;
mod latex;
mod left_behind;
mod limits;
mod listing;
mod mail;
mod members;
mod names;
mod observers;
mod organiser;
mod other_cases;
mod other_times;
mod outages;
mod page_links;
mod parameters;
mod people;
mod phases;
mod pictures;
mod plots;
mod policy;
mod sessions;
mod sign_ups;
mod teams;
mod trip;
mod truth;
mod visibility;
mod ways_to_send;
