//! Automation of this repository: what continuous integration runs is what a laptop runs.

mod ci;
mod docs;
mod link;
mod mutants;
mod package;
mod picture;
mod settings;
mod shell;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Automation of this repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every check, one after the other, and stop at the first fault
    Ci(ci::Options),
    /// Build what is released: static binary, deployment zip, bill of materials, checksums
    Package(package::Options),
    /// Change the code and see whether a test notices (needs cargo-mutants)
    Mutants(mutants::Options),
    /// Check the house rules of the source tree (arrows, purity, names, file sizes)
    Tidy,
    /// Run every command line of the documents and of the help, against `local` or a parser
    Docs,
    /// Draw docs/night.svg, the picture of the README, out of what `local --once` tells
    Picture,
    /// Check that the example settings and the files of the Functions host parse
    Settings,
}

fn main() -> ExitCode {
    let call: Vec<String> = std::env::args().collect();
    if let Some(player) = call.first().and_then(|name| docs::Player::called(name)) {
        return player.play(call);
    }
    match run(&Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        // Without a backtrace, whatever the environment asks for: the sentence says what failed.
        Err(fault) => {
            // Who has closed the stream wants no words.
            let _ = writeln!(std::io::stderr(), "error: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> anyhow::Result<()> {
    let root = shell::root()?;
    match task {
        Task::Ci(options) => ci::run(&root, options),
        Task::Package(options) => package::run(&root, options),
        Task::Mutants(options) => mutants::run(&root, options),
        Task::Tidy => shell::run(&root, "cargo test --package heartbeat-dns --test it -- tidy::", &[]),
        Task::Docs => docs::check(&root),
        Task::Picture => picture::draw(&root),
        Task::Settings => settings::check(&root),
    }
}
