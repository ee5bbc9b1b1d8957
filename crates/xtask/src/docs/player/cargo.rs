//! `cargo`: our own program and tasks are taken as such, the rest is read by cargo's parser.

use std::process::Command;

use anyhow::{Context, Result};

use super::{Played, real, variable};
use crate::docs::stage;

pub(super) fn play(arguments: &[String]) -> Result<Played> {
    let (task, rest) = arguments.split_first().context("`cargo` alone is no command line")?;
    if task == "xtask" {
        return xtask(rest);
    }
    let mut parts = arguments.splitn(2, |word| word == "--");
    let (own, passed) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Some(mut cargo) = real("cargo")? else { return Ok(Played::LEFT_OUT) };
    let root = variable(stage::ROOT)?;
    // The short help: the parser reads what stands before it, and nothing is built.
    let output = cargo.args(own).arg("-h").current_dir(&root).output()?;
    if !output.status.success() {
        let is_there = real(&format!("cargo-{task}"))?.is_some();
        let is_ours = matches!(task.as_str(), "deny" | "mutants");
        return Ok(if is_ours && !is_there { Played::LEFT_OUT } else { Played::ended(&output) });
    }
    if let Some(package) = value(own, &["-p", "--package"]) {
        let is_there = std::path::Path::new(&root).join("crates").join(package).is_dir();
        if !is_there {
            return Ok(Played::wrong(format!("there is no package {package}")));
        }
    } else if task == "run" {
        // `cargo run --release` alone names the program and no command of it.
        let passed = if passed.is_empty() { &["--help".to_owned()] } else { passed };
        return super::ours::play(passed);
    }
    Ok(Played::FINE)
}

/// A task of this program, read by its parser.
fn xtask(arguments: &[String]) -> Result<Played> {
    // Under its own name it plays nobody.
    let output = Command::new(std::env::current_exe()?).args(arguments).arg("--help").output()?;
    Ok(Played::ended(&output))
}

fn value<'a>(arguments: &'a [String], names: &[&str]) -> Option<&'a str> {
    let place = arguments.iter().position(|word| names.contains(&word.as_str()))?;
    arguments.get(place + 1).map(String::as_str)
}
