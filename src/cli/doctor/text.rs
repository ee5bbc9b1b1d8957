//! The lines for people.

use std::io::{self, Write};

use super::Screen;
use crate::cli::lacking;
use crate::cli::screen::Colour;
use crate::doctor::{Examination, Line, Totals, Verdict};
use pure::shown::{brief, one_line, shown};

/// Columns before what was seen: two blanks, the verdict, two blanks, the topic, two blanks.
const INDENT: usize = 22;
/// Blanks before a command.
const COMMAND: usize = 10;

pub(super) fn write(
    report: &Examination,
    is_function: bool,
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    for line in &report.lines {
        one(line, screen, out)?;
    }
    writeln!(out, "{}", totals(report.totals, report.probe))?;
    let by = report.by.as_ref().map(|by| one_line(&by.to_string()));
    let whose = match (by, is_function) {
        (Some(by), true) => format!("seen with the rights of the function: {by}").into(),
        (Some(by), false) => {
            lacking::of_the_function(&format!("seen with the rights of {by}; with those of the function:  "))
        }
        (None, _) => "whose rights were seen, no token says".into(),
    };
    screen.wrapped(whose, 0).iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn one(line: &Line, screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let (word, colour) = match line.verdict {
        Verdict::Ok => ("ok", Some(Colour::Green)),
        Verdict::Warn => ("warn", Some(Colour::Yellow)),
        Verdict::Fail => ("FAIL", Some(Colour::Red)),
        Verdict::Skip => ("skip", None),
    };
    let of = if line.of.is_empty() { String::new() } else { format!("{}: ", shown(&line.of)) };
    // Services name clients and scopes by long ids; who needs one finds it in the JSON.
    let said = format!("{of}{}", brief(&one_line(&line.said)));
    let painted = screen.paint(colour, &format!("{word:4}"));
    let mut begin = Some(format!("  {painted}  {:12}  ", shown(&line.topic)));
    for text in screen.wrapped(&said, INDENT) {
        match begin.take() {
            Some(begin) => writeln!(out, "{begin}{}", text.trim_start())?,
            None => writeln!(out, "{text}")?,
        }
    }
    for command in &line.az {
        for text in screen.whole(&one_line(command), COMMAND) {
            writeln!(out, "{text}")?;
        }
    }
    Ok(())
}

fn totals(totals: Totals, probe: bool) -> String {
    let Totals { ok, warn, fail, skip } = totals;
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => String::new(),
        1 => format!(", 1 {one}"),
        count => format!(", {count} {many}"),
    };
    let changed = if probe { "nothing was changed but one probe row" } else { "nothing was changed" };
    format!(
        "{ok} ok{}{}{}; {changed}",
        counted(warn, "warning", "warnings"),
        counted(fail, "failure", "failures"),
        counted(skip, "not asked", "not asked")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nothing_is_not_counted_aloud() {
        let some = Totals { ok: 6, warn: 1, fail: 2, skip: 0 };
        assert_eq!(totals(some, true), "6 ok, 1 warning, 2 failures; nothing was changed but one probe row");
        let none = Totals { ok: 6, skip: 1, ..Totals::default() };
        assert_eq!(totals(none, false), "6 ok, 1 not asked; nothing was changed");
    }
}
