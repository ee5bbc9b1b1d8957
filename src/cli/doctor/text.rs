//! The lines for people.

use std::collections::BTreeSet;
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
    let mut given = BTreeSet::new();
    for line in &report.lines {
        one(line, &mut given, screen, out)?;
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

/// A line and its commands; one that was given above mends this as well, and would fail the second time: a role that is there.
fn one<'l>(
    line: &'l Line,
    given: &mut BTreeSet<&'l str>,
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let (word, colour) = match line.verdict {
        Verdict::Ok => ("ok", Some(Colour::Green)),
        Verdict::Warn => ("warn", Some(Colour::Yellow)),
        Verdict::Fail => ("FAIL", Some(Colour::Red)),
        Verdict::Skip => ("skip", None),
    };
    let of = if line.of.is_empty() { String::new() } else { format!("{}: ", shown(&line.of)) };
    // Services name clients and scopes by long ids; who needs one finds it in the JSON.
    let commands: Vec<&str> = line.az.iter().map(String::as_str).filter(|az| given.insert(az)).collect();
    let is_given = commands.is_empty() && !line.az.is_empty();
    let above = if is_given { "; the commands above mend it" } else { "" };
    let said = format!("{of}{}{above}", brief(&one_line(&line.said)));
    let painted = screen.paint(colour, &format!("{word:4}"));
    let mut begin = Some(format!("  {painted}  {:12}  ", shown(&line.topic)));
    for text in screen.wrapped(&said, INDENT) {
        match begin.take() {
            Some(begin) => writeln!(out, "{begin}{}", text.trim_start())?,
            None => writeln!(out, "{text}")?,
        }
    }
    for command in commands {
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
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_that_mends_two_lines_is_given_once() {
        let zone = |of: &str, az: &[&str]| -> Line {
            let line =
                json!({ "verdict": "fail", "topic": "deployments", "of": of, "said": "403", "az": az });
            serde_json::from_value(line).unwrap()
        };
        let lines =
            [zone("a", &["az one", "az two"]), zone("b", &["az one", "az two"]), zone("c", &["az three"])];
        let (mut given, mut shown) = (BTreeSet::new(), Vec::new());
        for line in &lines {
            one(line, &mut given, &Screen::default(), &mut shown).unwrap();
        }
        let shown = String::from_utf8(shown).unwrap();
        let told: Vec<&str> = shown.lines().map(str::trim).collect();
        let b = "FAIL  deployments   b: 403; the commands above mend it";
        let wanted =
            ["FAIL  deployments   a: 403", "az one", "az two", b, "FAIL  deployments   c: 403", "az three"];
        assert_eq!(told, wanted);
    }

    #[test]
    fn what_is_nothing_is_not_counted_aloud() {
        let some = Totals { ok: 6, warn: 1, fail: 2, skip: 0 };
        assert_eq!(totals(some, true), "6 ok, 1 warning, 2 failures; nothing was changed but one probe row");
        let none = Totals { ok: 6, skip: 1, ..Totals::default() };
        assert_eq!(totals(none, false), "6 ok, 1 not asked; nothing was changed");
    }
}
