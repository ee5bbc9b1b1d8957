//! What the Azure command line's own parser says of the calls of `az`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::told::Told;
use crate::shell;

/// Pages that tell what a script calls, not what a reader types: they may leave out what is required.
const OUTLINES: [&str; 1] = ["infra/README.md:"];

/// The calls that the Azure command line does not understand, with what it says.
pub(super) fn faults(root: &Path, told: &[Told]) -> Result<Vec<String>> {
    let is_az = |told: &&Told| told.call.first().is_some_and(|program| program == "az");
    let calls: Vec<&Told> = told.iter().filter(is_az).collect();
    let mut questions: Vec<String> = calls.iter().map(|told| question(told)).collect();
    questions.sort();
    questions.dedup();
    let answers = ask(root, &questions)?;
    let mut faults = Vec::new();
    for told in calls {
        let place = questions.binary_search(&question(told)).ok();
        let answer = place.and_then(|place| answers.get(place)).context("an answer is missing")?;
        if !answer.is_empty() {
            faults.extend(Told::wrong(&told.place, &told.call.join(" "), answer).fault());
        }
    }
    Ok(faults)
}

/// What is asked of the parser about one call.
fn question(told: &Told) -> String {
    let is_outline = OUTLINES.iter().any(|page| told.place.starts_with(page));
    json!({ "call": told.call[1..], "outline": is_outline }).to_string()
}

/// One answer for each question, empty where all is well.
fn ask(root: &Path, questions: &[String]) -> Result<Vec<String>> {
    println!("\n$ tests/interop/az/run");
    let mut parser = Command::new(shell::BASH)
        .arg("tests/interop/az/run")
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("starting the parser of az")?;
    let mut input = parser.stdin.take().context("it has no standard input")?;
    let text: String = questions.iter().map(|question| format!("{question}\n")).collect();
    // It answers line by line: whoever wrote all before reading anything would wait for a full pipe.
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = parser.wait_with_output().context("waiting for the parser of az")?;
    let written = writing.join();
    ensure!(output.status.success(), "the parser of az: {}", output.status);
    ensure!(matches!(written, Ok(Ok(()))), "the parser of az did not take all calls");
    let answers: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    ensure!(answers.len() == questions.len(), "the parser of az gave {} answers", answers.len());
    Ok(answers)
}
