//! Runs every command line of the documents and of the help: our own commands against a local Azure that is started for it,
//! those of other programs against the parser of that program.
//!
//! The documents are given to bash as they stand. The programs that they name are played ([`Player`]): each looks at what it
//! was called with, does it where that touches nothing but the local Azure, and tells what is wrong.

mod az;
mod lines;
mod page;
mod player;
mod stage;
mod told;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub(crate) use player::Player;

use crate::shell;
use lines::Snippet;
use page::{Page, pages};
use stage::Stage;
use told::Told;

/// Runs all of them and fails when one cannot be run as it stands.
pub(crate) fn check(root: &Path) -> Result<()> {
    shell::run(root, "cargo build --quiet --package heartbeat-dns", &[])?;
    let stage = Stage::start(root)?;
    let mut all = pages(root)?;
    all.push(page::help(stage.program())?);
    all.push(page::doctor(root)?);
    let mut told = Vec::new();
    for page in &all {
        told.extend(play(&stage, page)?);
    }
    let lines: usize = all.iter().map(|page| page.snippets.len()).sum();
    let mut faults: Vec<String> = told.iter().filter_map(Told::fault).collect();
    faults.extend(az::faults(root, &told)?);
    let mut left_out = BTreeMap::<&str, usize>::new();
    for program in told.iter().filter_map(|told| told.left_out.as_deref()) {
        *left_out.entry(program).or_default() += 1;
    }
    for (program, times) in left_out {
        println!("{program}: {times} left out, it is not installed");
    }
    for fault in &faults {
        println!("{fault}");
    }
    ensure!(faults.is_empty(), "{} of the documented command lines cannot be run", faults.len());
    println!("{lines} documented snippets, {} calls of programs: all run", told.len());
    Ok(())
}

/// Runs the snippets of one page, one after the other in one shell, so that a variable that is set above is known below.
fn play(stage: &Stage, page: &Page) -> Result<Vec<Told>> {
    let mut script = String::from(
        "set -u\n\
         command_not_found_handle() { unknown-program \"$@\"; return 127; }\n\
         export DOCUMENTED_AT=\n",
    );
    let (mut faults, mut awaited) = (Vec::new(), Vec::new());
    for snippet in &page.snippets {
        let wrong = match syntax(&snippet.text)? {
            None => stage.make_room(&snippet.text)?,
            wrong => wrong,
        };
        if let Some(words) = wrong {
            faults.push(Told::wrong(&snippet.place, &snippet.text, &words));
            continue;
        }
        awaited.push(snippet);
        // In braces, so that what it assigns is known below. `query -` reads something even where nothing is piped.
        let Snippet { place, text } = snippet;
        script.push_str(&format!("DOCUMENTED_AT='{place}'\n{{ {text}\n}} < \"${}\"\n", stage::QUESTION));
    }
    script.push_str("DOCUMENTED_AT=\nend-of-page\n");
    stage.tidy()?;
    let output = stage.shell(&script)?;
    let mut told = stage.told()?;
    let is_whole = told.iter().any(Told::is_end);
    told.retain(|told| !told.is_end());
    if !is_whole {
        // An unset variable ends the shell, and bash says which one it was.
        faults.push(Told::wrong(&page.name, "the shell ended before the page did", &output));
    }
    // A line whose redirection fails runs no program at all.
    awaited.retain(|snippet| !told.iter().any(|told| told.place == snippet.place));
    faults.extend(
        awaited.iter().map(|snippet| Told::wrong(&snippet.place, &snippet.text, "nothing of it was run")),
    );
    told.extend(faults);
    Ok(told)
}

/// What bash finds wrong with a text before it runs anything of it.
fn syntax(text: &str) -> Result<Option<String>> {
    let output = Command::new(shell::BASH).args(["-n", "-c", text]).output().context("starting bash")?;
    Ok((!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
