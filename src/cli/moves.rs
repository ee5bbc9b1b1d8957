//! What still holds the addresses that names have left, for people.

use std::io;
use std::path::Path;

use super::output::{lines_to_stderr, to_stdout};
use super::phrase::Phrase;
use super::screen::Screen;
use pure::plan::report::Moves;
use pure::shown::one_line;

/// What was found, a sentence each; the last ones say what is not known.
pub(super) fn sentences(found: &Moves) -> Vec<Phrase> {
    let mut told = Vec::new();
    for left in &found.left {
        let (address, names) = (left.address, left.names_in_words());
        for resource in &left.resources {
            let advice = resource.because.as_ref().map(|because| format!("; {because}")).unwrap_or_default();
            let words =
                format!("{address}, which {names} left, still stands in {}{advice}", resource.in_words());
            told.push(Phrase::from(one_line(&words)));
        }
    }
    if told.is_empty() && found.because.is_none() {
        let addresses: Vec<String> = found.left.iter().map(|left| left.address.to_string()).collect();
        told.push(format!("no resource that you may read holds {} still", addresses.join(", ")).into());
    }
    for server in &found.not_shown {
        told.push(Phrase::from(one_line(&server.in_words())).and(" ").whole(server.look.as_str()));
    }
    told.extend(found.because.as_ref().map(|because| {
        Phrase::from(format!("what still holds the old addresses is not all known: {}", one_line(because)))
    }));
    told
}

/// Writes what was found below a report.
pub(super) fn show(found: &Moves, is_for_people: bool, env_file: Option<&Path>) -> io::Result<()> {
    let screen = if is_for_people { Screen::of_stdout(env_file) } else { Screen::of_stderr(env_file) };
    let lines: Vec<String> =
        sentences(found).into_iter().flat_map(|sentence| screen.wrapped(sentence, 0)).collect();
    if is_for_people {
        return to_stdout(|out| lines.iter().try_for_each(|line| writeln!(out, "{line}")));
    }
    // A table takes no sentences.
    lines_to_stderr(&lines);
    Ok(())
}
