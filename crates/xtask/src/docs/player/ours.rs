//! `heartbeat-dns`: its commands are run against the local Azure, those that go on for ever are read by their parser.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Played, said, variable};
use crate::docs::stage;

/// Commands that end only when they are told to, and `local`, which is running already.
const ENDLESS: [&str; 3] = ["local", "serve", "watch"];

/// Commands that ask a person first.
const ASKING: [&str; 7] = ["adopt", "apply", "approve", "hold", "release", "rollback", "unhold"];

/// Options that ask for what is not here: a deployed function, runs of days before, and names that nobody claims any more;
/// nothing is held here either.
const ELSEWHERE: [&str; 4] = ["--delete", "--function", "--run", "--to"];

/// What answers the question, or needs no answer.
const ANSWERS: [&str; 4] = ["--dry-run", "--expect", "--yes", "-y"];

/// Options of every command that take a value.
const WITH_VALUE: [&str; 3] = ["--env", "--output", "-o"];

pub(super) fn play(arguments: &[String]) -> Result<Played> {
    let mut arguments = arguments.to_vec();
    for word in &mut arguments {
        if let Some(meant) = meant(word)? {
            *word = meant;
        }
    }
    if arguments.iter().any(|word| matches!(word.as_str(), "--help" | "--version")) {
        return Ok(Played::ended(&program()?.args(&arguments).output()?));
    }
    let command = command(&arguments).to_owned();
    let is_elsewhere = arguments.iter().any(|word| ELSEWHERE.contains(&word.as_str()));
    let wants_files = command == "policy";
    let lets_all_go = command == "unhold" && arguments.iter().any(|word| word == "--all");
    if ENDLESS.contains(&command.as_str()) || is_elsewhere || wants_files || lets_all_go {
        // The parser reads what stands before `--help` first.
        return Ok(Played::ended(&program()?.args(&arguments).arg("--help").output()?));
    }
    take_settings(&mut arguments)?;
    if ASKING.contains(&command.as_str()) && !arguments.iter().any(|word| ANSWERS.contains(&word.as_str())) {
        arguments.push("--yes".to_owned());
    }
    let output = program()?.args(&arguments).stdin(Stdio::inherit()).stdout(Stdio::inherit()).output()?;
    let code = output.status.code().unwrap_or(1);
    // 3: changes are pending; 4: something is held. Both are what the command is for.
    let wrong = (!matches!(code, 0 | 3 | 4)).then(|| said(&output));
    Ok(Played { code, wrong, left_out: false })
}

fn program() -> Result<Command> {
    let mut command = Command::new(variable(stage::PROGRAM)?);
    command.stderr(Stdio::piped());
    Ok(command)
}

/// What a word stands for that a reader replaces.
fn meant(word: &str) -> Result<Option<String>> {
    Ok(match word {
        "NAME" => Some("nas.home.example.com".to_owned()),
        "COMMAND" => Some("plan".to_owned()),
        "DIGEST" => Some(digest()?),
        _ => None,
    })
}

/// The digest of what would be done now.
fn digest() -> Result<String> {
    let settings = variable(stage::SETTINGS)?;
    let output = program()?.args(["plan", "-o", "json", "--env", &settings]).output()?;
    let plan: Value = serde_json::from_slice(&output.stdout).context("reading a plan")?;
    Ok(plan["digest"].as_str().context("a plan without a digest")?.to_owned())
}

/// The first word that is neither an option nor the value of one.
fn command(arguments: &[String]) -> &str {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            return word;
        }
    }
    ""
}

/// Puts the file of the local Azure in the place of the reader's.
fn take_settings(arguments: &mut Vec<String>) -> Result<()> {
    let settings = variable(stage::SETTINGS)?;
    match arguments.iter().position(|word| word == "--env") {
        Some(place) if place + 1 < arguments.len() => arguments[place + 1] = settings,
        _ => arguments.extend(["--env".to_owned(), settings]),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_stands_behind_the_options() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(command(&words("--env plan -o json apply x")), "apply");
        assert_eq!(command(&words("--version")), "");
    }
}
