//! What is run in place of a program that a document names: this program under that name.

mod cargo;
mod others;
mod ours;

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, ExitCode, Output, Stdio};

use anyhow::{Context, Result};

use super::stage;
use super::told::{END, Told};

/// One program that is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Player {
    Az,
    Azd,
    Bash,
    Cargo,
    Curl,
    Deploy,
    Dig,
    End,
    Ours,
    /// Whatever is only run where it is installed, behind a pipe.
    Filter(&'static str),
    Unknown,
}

/// How a call went.
struct Played {
    /// What the shell gets to know.
    code: i32,
    wrong: Option<String>,
    left_out: bool,
}

impl Played {
    const FINE: Self = Self { code: 0, wrong: None, left_out: false };
    const LEFT_OUT: Self = Self { code: 0, wrong: None, left_out: true };

    fn wrong(words: impl Into<String>) -> Self {
        Self { code: 0, wrong: Some(words.into()), left_out: false }
    }

    /// Fine where the program ended with 0.
    fn ended(output: &Output) -> Self {
        if output.status.success() { Self::FINE } else { Self::wrong(said(output)) }
    }
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    format!("{}: {}", output.status, text.trim())
}

impl Player {
    /// The names in the folder of programs; the script that deploys is called by its path.
    pub(super) const NAMES: [&'static str; 11] = [
        "az",
        "azd",
        "bash",
        "cargo",
        "curl",
        "dig",
        "heartbeat-dns",
        "jq",
        "promtool",
        END,
        "unknown-program",
    ];

    /// Whom this program plays when it is called by such a name.
    pub(crate) fn called(name: &str) -> Option<Self> {
        Some(match name.rsplit('/').next().unwrap_or(name) {
            "az" => Self::Az,
            "azd" => Self::Azd,
            "bash" => Self::Bash,
            "cargo" => Self::Cargo,
            "curl" => Self::Curl,
            "deploy.sh" => Self::Deploy,
            "dig" => Self::Dig,
            "heartbeat-dns" => Self::Ours,
            "jq" => Self::Filter("jq"),
            "promtool" => Self::Filter("promtool"),
            END => Self::End,
            "unknown-program" => Self::Unknown,
            _ => return None,
        })
    }

    /// Does it, tells it, and ends as the program would.
    pub(crate) fn play(self, call: Vec<String>) -> ExitCode {
        let played = self.result(&call[1..]).unwrap_or_else(|fault| Played::wrong(format!("{fault:#}")));
        let code = played.code;
        if tell(call, played).is_err() {
            return ExitCode::FAILURE;
        }
        ExitCode::from(u8::try_from(code).unwrap_or(1))
    }

    fn result(self, arguments: &[String]) -> Result<Played> {
        match self {
            Self::Az => Ok(others::az(arguments)),
            Self::Azd => Ok(others::azd(arguments)),
            Self::Bash => others::bash(arguments),
            Self::Cargo => cargo::play(arguments),
            Self::Curl => others::curl(arguments),
            Self::Deploy => others::deploy(arguments, &assigned()?),
            Self::Dig => others::dig(arguments),
            Self::End => Ok(Played::FINE),
            Self::Ours => ours::play(arguments),
            Self::Filter(name) => others::filter(name, arguments),
            Self::Unknown => Ok(Played::wrong("no program of this name is known to `cargo xtask docs`")),
        }
    }
}

fn tell(call: Vec<String>, played: Played) -> Result<()> {
    let left_out = played.left_out.then(|| call[0].clone());
    let told = Told { place: variable("DOCUMENTED_AT")?, call, wrong: played.wrong, left_out };
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(variable(stage::FILE)?)?;
    // One write for each line: several programs of a pipe tell at the same time.
    file.write_all(told.to_line().as_bytes()).context("telling it")
}

/// A variable of the stage, or `PATH` itself before there is one.
pub(super) fn variable(name: &str) -> Result<String> {
    let name = if name == stage::REAL && std::env::var_os(name).is_none() { "PATH" } else { name };
    std::env::var(name).with_context(|| format!("{name} is not set"))
}

/// Variables in capitals that are neither of the stage nor of whoever started this.
fn assigned() -> Result<BTreeSet<String>> {
    let before = variable(stage::NAMES)?;
    let before: BTreeSet<&str> = before.split(' ').collect();
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    Ok(names.filter(|name| !before.contains(name.as_str()) && !name.starts_with("DOCUMENTED_")).collect())
}

/// The real program of this name, or none where it is not installed.
fn real(name: &str) -> Result<Option<Command>> {
    let (path, home) = (variable(stage::REAL)?, variable(stage::HOME)?);
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    Ok(found.map(|file| {
        let mut command = Command::new(file);
        command.env("PATH", &path).env("HOME", &home).stderr(Stdio::piped());
        command
    }))
}
