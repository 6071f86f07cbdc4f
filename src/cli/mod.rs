//! The commands, a file or a folder each, and what they share.

mod admin;
mod centreline;
mod consensus;
mod demo;
mod descriptors;
mod error;
mod files;
mod mesh;
mod names;
mod output;
mod phantom;
mod progress;
mod score;
mod secret;
mod serve;
mod site;
mod table;
mod validate;
mod warnings;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::CliError;

/// Runs the ASOCA challenge: scores coronary-artery segmentations and keeps the leaderboard.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the website, the API and, unless configured otherwise, a worker.
    Serve(serve::Serve),
    /// Score queued submissions, together with any number of other processes (PostgreSQL only).
    Worker(worker::Work),
    /// Score predictions against your own ground truth, with the same code as the server.
    ///
    /// One submission gives a table of its cases and their summaries; several are compared with
    /// each other. A submission that can't be scored is left out, its problems are listed, and the exit code is 2.
    Score(score::Score),
    /// Check submissions without ground truth.
    ///
    /// Lists the same problems as the server, without uploading anything.
    /// The exit code is 2 if a submission is not valid.
    Validate(validate::Validate),
    /// Make ground truth from several annotators' masks, and compute how well each agrees with it.
    ///
    /// A voxel is foreground if more than half of the annotators marked it: at least two of three. With an even number
    /// of annotators a tie is background: of four, at least three. Each annotator is then scored against the result with
    /// the same code as the server. If a mask can't be used, all problems are listed, nothing is written, and the exit code is 2.
    Consensus(consensus::MakeConsensus),
    /// Make surface meshes of masks: marching cubes and smoothing as in the published dataset, with VTK's triangles.
    ///
    /// Of each mask NAME.nrrd it writes NAME.stl and NAME.ply, in mm along (left, posterior, superior), and reports what the
    /// smoothing did to it. The window is written into the files. A mask that can't be used is left out, its problems are
    /// listed, and the exit code is 2.
    Mesh(mesh::MakeMeshes),
    /// Make the centrelines of masks, with radii.
    ///
    /// Of each mask NAME.nrrd it writes NAME.vtp (a polyline for each branch, from the ostium outward, with Radius and InscribedRadius at
    /// its points) and NAME.csv, in mm along (left, posterior, superior). A mask that can't be used is left out, its problems are
    /// listed, and the exit code is 2.
    Centreline(centreline::MakeCentrelines),
    /// Make a synthetic challenge and start the server on it.
    Demo(demo::Demo),
    /// Write synthetic ground truth and predictions of different quality.
    Phantom(phantom::MakePhantoms),
    /// Set up a challenge: organisers, truth sets, phases, tokens.
    #[command(subcommand)]
    Admin(admin::Admin),
}

/// Runs the command the process was called with.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    log(&command);
    let done = match command {
        Command::Serve(serve) => block_on(serve.run()),
        Command::Worker(work) => block_on(work.run()),
        Command::Score(score) => score.run(),
        Command::Validate(validate) => validate.run(),
        Command::Consensus(consensus) => consensus.run(),
        Command::Mesh(mesh) => mesh.run(),
        Command::Centreline(centreline) => centreline.run(),
        Command::Demo(demo) => block_on(demo.run()),
        Command::Phantom(phantom) => phantom.run(),
        Command::Admin(admin) => block_on(admin.run()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("asoca: {error}");
            error.exit_code()
        }
    }
}

/// Logs to standard error: what services do, of the other commands only what is wrong.
fn log(command: &Command) {
    let level = match command {
        Command::Serve(_) | Command::Worker(_) => "warn,asoca=info",
        _ => "warn",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("ASOCA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
}

fn block_on(work: impl Future<Output = Result<(), CliError>>) -> Result<(), CliError> {
    /// Nothing that is accepted depends on what a thread is still doing by then.
    const LEFT_OVER: std::time::Duration = std::time::Duration::from_secs(2);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::server("the runtime can't be started", error))?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LEFT_OVER);
    done
}
