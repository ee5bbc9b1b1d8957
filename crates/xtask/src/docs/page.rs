//! Which texts hold command lines, and the snippets of each.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::lines::{Snippet, of_help, of_markdown};
use crate::shell::printed;

/// One document, or the help of the program.
pub(super) struct Page {
    pub(super) name: String,
    pub(super) snippets: Vec<Snippet>,
}

/// Folders whose Markdown files are read, and not what lies below them.
const FOLDERS: [&str; 7] =
    ["", "docs", "docs/reference", "docs/design", "infra", "crates/kql", "crates/standin"];

/// What tells what was, not what to do.
const OF_THE_PAST: &str = "CHANGELOG.md";

/// A page that uses the variables which another one defines in its first snippet, and says so.
const BORROWS: [(&str, &str); 1] = [("docs/runbook.md", "docs/operate.md")];

/// All documents.
pub(super) fn pages(root: &Path) -> Result<Vec<Page>> {
    let mut names = Vec::<PathBuf>::new();
    for folder in FOLDERS {
        let entries =
            std::fs::read_dir(root.join(folder)).with_context(|| format!("cannot list {folder}"))?;
        for entry in entries {
            let name = Path::new(folder).join(entry?.file_name());
            if name.extension().is_some_and(|ending| ending == "md") && name != Path::new(OF_THE_PAST) {
                names.push(name);
            }
        }
    }
    names.sort();
    names.iter().map(|name| page(root, &name.to_string_lossy())).collect()
}

fn page(root: &Path, name: &str) -> Result<Page> {
    let mut snippets = markdown(root, name)?;
    if let Some((_, lender)) = BORROWS.iter().find(|(borrower, _)| *borrower == name) {
        let first = markdown(root, lender)?.into_iter().next().context("it has no snippet to lend")?;
        snippets.insert(0, first);
    }
    Ok(Page { name: name.to_owned(), snippets })
}

fn markdown(root: &Path, name: &str) -> Result<Vec<Snippet>> {
    let text = std::fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"))?;
    Ok(of_markdown(name, &text))
}

/// Every command that `doctor` can print; a unit test of the product holds the file against them.
pub(super) fn doctor(root: &Path) -> Result<Page> {
    let name = "tests/interop/az/doctor.txt";
    let text = std::fs::read_to_string(root.join(name)).with_context(|| name.to_owned())?;
    let lines = text.lines().enumerate();
    let snippets = lines
        .map(|(number, line)| Snippet { place: format!("{name}:{}", number + 1), text: line.to_owned() })
        .collect();
    Ok(Page { name: name.to_owned(), snippets })
}

/// The examples of `--help`, of the program and of each of its commands.
pub(super) fn help(program: &Path) -> Result<Page> {
    let of = |command: &[&str]| -> Result<String> {
        let output = Command::new(program).args(command).arg("--help").output().context("starting it")?;
        printed(&output, "--help")
    };
    let whole = of(&[])?;
    let mut snippets = of_help("heartbeat-dns --help", &whole);
    let list = whole.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in list.take_while(|line| !line.is_empty()) {
        let Some(command) = line.strip_prefix("  ").and_then(|line| line.split(' ').next()) else { continue };
        if !command.is_empty() && command != "help" {
            snippets.extend(of_help(&format!("heartbeat-dns {command} --help"), &of(&[command])?));
        }
    }
    Ok(Page { name: "--help".to_owned(), snippets })
}
