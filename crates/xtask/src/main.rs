//! Automation of this repository: what continuous integration runs is what a laptop runs.

mod ci;
mod mutants;
mod package;
mod settings;
mod shell;

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
    /// Check that the example settings and the files of the Functions host parse
    Settings,
}

fn main() -> anyhow::Result<()> {
    let root = shell::root()?;
    match Arguments::parse().task {
        Task::Ci(options) => ci::run(&root, &options),
        Task::Package(options) => package::run(&root, &options),
        Task::Mutants(options) => mutants::run(&root, &options),
        Task::Tidy => shell::run(&root, "cargo test --package heartbeat-dns --test it -- tidy::", &[]),
        Task::Settings => settings::check(&root),
    }
}
