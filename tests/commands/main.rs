//! The real program, run as a person or a script runs it.

#[path = "../common/cluster.rs"]
mod cluster;

mod admin;
mod consensus;
<<<<<<< HEAD
=======
mod consensus_refusals;
>>>>>>> b353eba630ed4738b7a831fc6f28e5941629d2a4
mod demo;
mod demo_folder;
mod http;
mod killed;
mod links;
mod phantom;
mod process;
mod refusals;
mod score;
mod score_forms;
mod score_refusals;
mod score_several;
mod site;
mod validate;
mod volumes;
