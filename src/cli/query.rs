//! `heartbeat-dns query`: any question in KQL, answered by the workspace.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::{Format, Listing, to_stdout};
use super::progress::Spinner;
use super::screen::Screen;
use super::session;
use crate::bounded;
use crate::config::{Variables, parse_duration};
use pure::shown::shown;

const EXAMPLES: &str = "\
Examples:
  heartbeat-dns query infra/kql/mismatch.kql
  heartbeat-dns query infra/kql/mismatch.kql --timespan 2h -o markdown
  echo 'Heartbeat | summarize count() by Computer' | heartbeat-dns query - -o csv";

/// About how many characters of a line are shown on each side of an error.
const SHOWN: usize = 100;
/// What is shown of a tab.
const TAB: &str = "    ";

/// What to ask.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The file with the query; `-`, or nothing with something piped in, reads standard input
    #[arg(value_name = "FILE|-")]
    file: Option<PathBuf>,
    /// How far back every table is read (90s, 15m, 2h, P1D); all there is when not given
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    timespan: Option<Duration>,
    /// Show columns that hold nothing as well; all other forms than text always hold every column
    #[arg(long)]
    all_columns: bool,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let query = text(options)?;
    let installation = session::installation(variables)?;
    let azure = installation.clients.until(session::deadline(&installation))?;
    let progress = Spinner::start("asking the workspace");
    let answer = azure.logs_query.run(&query, options.timespan).await;
    drop(progress);
    let answer = answer.map_err(|error| {
        let hint = if error.status == Some(400) {
            "the query cannot be understood; the mark and the words above say where"
        } else {
            ""
        };
        let shown = error
            .place
            .as_deref()
            .and_then(|(line, column)| pointed(&query, *line, *column))
            .unwrap_or_default();
        let failure = Failure::from(anyhow::anyhow!("{}{shown}", error.chain()));
        if hint.is_empty() { failure } else { failure.hint(hint) }
    })?;
    let mut table = Listing::typed(answer.columns.into_iter().map(|column| (column.name, column.kind)));
    for row in answer.rows {
        table.push(row);
    }
    if global.output == Format::Text && !options.all_columns {
        table.leave_out_what_is_empty();
    }
    let screen = Screen::of_stdout(global.env_file.as_deref());
    to_stdout(|out| {
        if global.output == Format::Text && table.is_empty() {
            return writeln!(out, "0 rows");
        }
        table.write(global.output, &screen, out)
    })?;
    match answer.partial {
        Some(why) => Err(Failure::from(anyhow::anyhow!("the answer is not whole: {why}"))
            .hint("ask for a shorter --timespan, or for fewer rows")),
        None => Ok(Exit::Fine),
    }
}

/// The line of a query with a caret below its place; nothing for a place that the query does not have.
fn pointed(query: &str, line: usize, column: usize) -> Option<String> {
    let text = query.split('\n').nth(line.checked_sub(1)?)?.trim_end_matches('\r');
    let place = column.checked_sub(1)?;
    // A line that fits no screen is shown around the place.
    let from = if place < SHOWN { 0 } else { place - SHOWN / 2 };
    if text.chars().count() < place {
        return None;
    }
    // As it is shown, so that the caret stands under its character: what is hidden is escaped, a tab is blanks.
    let seen = |c: char| if c == '\t' { TAB.to_owned() } else { shown(c.encode_utf8(&mut [0; 4])) };
    let part = text.chars().skip(from);
    let before: String = part.clone().take(place - from).map(seen).collect();
    let after: String = part.skip(place - from).take(2 * SHOWN - (place - from)).map(seen).collect();
    let indent = " ".repeat(before.chars().count());
    let margin = " ".repeat(line.to_string().len());
    Some(format!("\n{margin}--> {line}:{column}\n{margin} |\n{line} | {before}{after}\n{margin} | {indent}^"))
}

fn text(options: &Options) -> Result<String, Failure> {
    let from_stdin = || -> Result<String, Failure> {
        Ok(bounded::stream(io::stdin(), bounded::SETTINGS)
            .context("cannot read the query from standard input")?)
    };
    let text = match &options.file {
        Some(path) if path.as_os_str() == "-" => from_stdin()?,
        None if !io::stdin().is_terminal() => from_stdin()?,
        None => return Err(Failure::usage("no query was given").hint("name a file, or pipe a query in")),
        Some(path) => bounded::given(path, bounded::SETTINGS).map_err(|fault| {
            Failure::usage(format!("cannot read {}: {fault}", path.display()))
                .hint("name a file with a query in KQL")
        })?,
    };
    if text.trim().is_empty() {
        return Err(Failure::usage("the query is empty"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::pointed;

    #[test]
    fn the_caret_stands_under_its_character() {
        let query = "T\n\t| where\ta\u{202e} == oops";
        let column = query.lines().nth(1).unwrap().chars().position(|c| c == 'o').unwrap() + 1;
        let shown = pointed(query, 2, column).unwrap();
        let lines: Vec<&str> = shown.lines().skip(3).collect();
        assert_eq!(lines[0], r"2 |     | where    a\u{202e} == oops");
        assert_eq!(lines[1].find('^'), lines[0].find("oops"), "{shown}");
        assert!(!shown.contains('\t'), "{shown:?}");
        let long = format!("{}oops{}", "x".repeat(500), "y".repeat(500));
        let shown = pointed(&long, 1, 501).unwrap();
        let lines: Vec<&str> = shown.lines().skip(3).collect();
        assert_eq!(lines[1].find('^'), lines[0].find("oops"), "{shown}");
        assert_eq!(lines[0].chars().count(), "1 | ".len() + 200);
        assert_eq!((pointed("T", 1, 3), pointed("T", 2, 1)), (None, None));
    }
}
