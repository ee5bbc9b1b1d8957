//! The checks before a change lands, in the order in which they find faults soonest.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::{docs, mutants, package, settings, shell};

/// Which checks to run; all of them when nothing is said.
#[derive(Args)]
pub(crate) struct Options {
    /// Run only these
    #[arg(long, value_enum)]
    only: Vec<Step>,
    /// Leave these out
    #[arg(long, value_enum)]
    except: Vec<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Formatting
    Fmt,
    /// Example settings and the files of the Functions host
    Settings,
    /// Lints, with everything and as each program is released
    Clippy,
    /// Unit, integration and documentation tests
    Test,
    /// Documentation builds without a warning
    Doc,
    /// What the deployed binary is made of
    Tree,
    /// Licences, advisories and banned crates
    Deny,
    /// Every command line of the documents and of the help
    Docs,
    /// Bicep parsed and scanned, shell scripts linted
    Infra,
    /// Mutants of the core, in the lines of the newest commits
    Mutants,
    /// The Azure SDKs for Python against the stand-in, and a real Prometheus before `watch`
    Interop,
    /// What is released, and one night of it under the Functions host
    Package,
}

impl Step {
    fn check(self, root: &Path) -> Result<()> {
        match self {
            Self::Fmt => shell::run(root, "cargo fmt --all --check", &[]),
            Self::Settings => settings::check(root),
            Self::Clippy => {
                shell::run(root, "cargo clippy --workspace --all-targets -- -D warnings", &[])?;
                RELEASED.iter().try_for_each(|features| {
                    let line = format!(
                        "cargo clippy --package heartbeat-dns {features} --lib --bins -- -D warnings"
                    );
                    shell::run(root, &line, &[])
                })
            }
            Self::Test => shell::run(root, TESTS, &[]),
            Self::Doc => {
                shell::run(root, "cargo doc --workspace --no-deps", &[("RUSTDOCFLAGS", "-D warnings")])
            }
            Self::Tree => tree(root),
            Self::Deny => deny(root),
            Self::Mutants => mutants::run(root, &mutants::Options::newest()),
            Self::Interop => interop(root),
            Self::Docs => docs::check(root),
            Self::Infra => shell::run(root, "bash infra/checks/run", &[]),
            Self::Package => package::run(root, &package::Options::trial()),
        }
    }
}

/// Runs the chosen checks one after the other and stops at the first fault.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let begin = Instant::now();
    for step in Step::value_variants() {
        let wanted = options.only.is_empty() || options.only.contains(step);
        if wanted && !options.except.contains(step) {
            step.check(root)?;
        }
    }
    println!("\nchecks passed in {:.1} s", begin.elapsed().as_secs_f64());
    Ok(())
}

/// All tests.
#[cfg(unix)]
const TESTS: &str = "cargo test --workspace";
/// Those of single modules: the others speak to the program by signals, shells and terminals of Unix.
#[cfg(not(unix))]
const TESTS: &str = "cargo test --workspace --exclude xtask --lib --bins";

/// The features of the zip's program, and of the command line without the local Azure.
const RELEASED: [&str; 2] = ["--no-default-features", "--no-default-features --features cli"];

/// Crates of the local Azure and of the command line, which must never reach the zip's program.
const STRANGERS: [&str; 9] = [
    "kql",
    "local",
    "standin",
    "hickory-server",
    "clap",
    "comfy-table",
    "indicatif",
    "prometheus-client",
    "terminal_size",
];

fn tree(root: &Path) -> Result<()> {
    let tree = shell::output(root, "cargo tree -e normal --no-default-features --prefix none")?;
    let found = strangers(&tree);
    if !found.is_empty() {
        bail!(
            "the deployed binary would hold {}: see the features `cli` and `local` in Cargo.toml",
            found.join(", ")
        );
    }
    println!("  {} crates, none of {}", crates(&tree), STRANGERS.join(", "));
    Ok(())
}

fn strangers(tree: &str) -> Vec<&'static str> {
    let names: Vec<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    STRANGERS.into_iter().filter(|name| names.contains(name)).collect()
}

fn crates(tree: &str) -> usize {
    let mut names: Vec<_> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    names.sort_unstable();
    names.dedup();
    names.iter().filter(|name| !name.is_empty()).count()
}

fn interop(root: &Path) -> Result<()> {
    shell::run(root, "bash tests/interop/run", &[])?;
    if !shell::runs(root, "prometheus --version") {
        println!("\nPrometheus: left out, it is not installed (Debian: apt-get install prometheus)");
        return Ok(());
    }
    shell::run(root, "bash tests/interop/prometheus/run", &[("MINUTES", "1")])
}

fn deny(root: &Path) -> Result<()> {
    if !shell::runs(root, "cargo deny --version") {
        println!("\ncargo deny: left out, cargo-deny is not installed (cargo install --locked cargo-deny)");
        return Ok(());
    }
    shell::run(root, "cargo deny check bans licenses sources", &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_of_the_local_azure_or_of_the_command_line_in_the_tree_is_named() {
        let tree = "heartbeat-dns v0.1.0\nclap v4.6.0\nkql v0.0.0 (crates/kql)\nserde v1.0.229\n";
        assert_eq!(strangers(tree), ["kql", "clap"]);
    }

    #[test]
    fn a_name_that_only_begins_like_one_is_no_fault() {
        assert!(strangers("kqlish v1.0.0\nhickory-resolver v0.26.3\n").is_empty());
    }

    #[test]
    fn repeated_crates_count_once() {
        assert_eq!(crates("serde v1\nurl v2\nserde v1 (*)\n\n"), 2);
    }
}
