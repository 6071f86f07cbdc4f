//! The real program, run as a person or a script runs it.

mod admin;
mod causes;
mod centreline;
mod consensus;
mod consensus_refusals;
mod consensus_thin;
mod ct;
mod database_password;
mod dataset;
mod demo;
mod demo_folder;
mod killed;
mod links;
mod list_cost;
mod mesh;
mod phantom;
mod refusals;
mod score;
mod score_forms;
mod score_refusals;
mod score_several;
mod stopping;
mod validate;
