//! Tries that failed: those that no write has made good since, and where it is told why.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::cli::clock::Clock;
use crate::cli::phrase::Phrase;
use crate::cli::report::short_run;
use crate::cli::screen::Screen;
use crate::queries::{FailedTry, Past};
use pure::domain::{HostName, join_addresses, who};
use pure::shown::{one_line, shown};

/// Tries that are shown; the log is told of one reason once an hour.
const MOST: usize = 5;

/// A line for each try since the last write of its set, the newest first, and below them the command that says what mends it.
pub(super) fn write(
    name: &HostName,
    failed: &[FailedTry],
    writes: &[&Past],
    clock: &Clock,
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let is_open = |failed: &&FailedTry| {
        let last = writes.iter().find(|write| write.record_id() == failed.id);
        last.is_none_or(|last| last.time < failed.time)
    };
    let open: Vec<&FailedTry> = failed.iter().filter(is_open).collect();
    let mut lines: Vec<Phrase> = open.iter().take(MOST).map(|failed| line(failed, clock).into()).collect();
    if open.len() > MOST {
        lines.push(format!("... {} older ones that failed as well", open.len() - MOST).into());
    }
    if !open.is_empty() {
        lines.push("further ones for the same reason are written down once an hour".into());
        lines.push(Phrase::from("why, and what mends it:  ").run(format_args!("explain {name}")));
    }
    lines.into_iter().flat_map(|line| screen.wrapped(line, 0)).try_for_each(|line| writeln!(out, "{line}"))
}

fn line(failed: &FailedTry, clock: &Clock) -> String {
    let kind = failed.id.record_type.inside(failed.id.zone.kind());
    let to = join_addresses(&failed.to);
    let what = if to.is_empty() { "the end of it".to_owned() } else { to };
    let code = if failed.code.is_empty() { String::new() } else { format!(" ({})", shown(&failed.code)) };
    let by =
        if failed.by.is_empty() { String::new() } else { format!(", by {}", one_line(&who(&failed.by))) };
    let time = clock.dated(failed.time);
    format!("a try failed {time}: {kind} {what} was not written{code}, run {}{by}", short_run(&failed.run))
}

/// What a program is told of it.
pub(super) fn as_json(failed: &FailedTry) -> Value {
    let some = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
    json!({
        "time": failed.time, "zone": failed.id.zone, "record_type": failed.id.record_type, "to": failed.to, "run": failed.run,
        "by": some(&failed.by), "code": some(&failed.code),
    })
}
