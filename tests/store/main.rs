//! The store's promises, on both engines.

mod accounts;
mod anonymise;
mod challenge;
mod claims;
mod decisions;
mod failed_writes;
mod flags;
mod history;
mod idempotency;
mod leases;
mod observers;
mod outcomes;
mod people;
mod quota;
mod ranked;
mod scene;
mod schema;
mod search;
mod sessions;
mod sign_ups;
mod statements;
mod teams;
mod throttles;
mod timestamps;
mod tokens;
mod trials;
