//! What the program shows: results on standard output, words on standard error.

use std::fmt::Write as _;
use std::io::Write as _;

use kql::{Answer, Cause, Error, Unknown};
use serde_json::json;

/// About how many characters of a line are shown on each side of an error.
const SHOWN: usize = 100;

/// Prints to the standard output; a reader that has gone away is no error.
pub(super) fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Prints to the standard error.
pub(super) fn complain(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

pub(super) fn print_json(answer: &Answer) {
    let mut object = json!({"columns": answer.columns_json(), "rows": answer.rows_json()});
    if let Some(partial) = &answer.partial {
        object["partial"] = json!(partial.message);
    }
    print(&format!("{object}\n"));
}

pub(super) fn print_json_error(error: &Error) {
    let object = json!({"message": error.message, "line": error.line, "column": error.column});
    print(&format!("{}\n", json!({"error": object})));
}

/// The line of the error with a caret below its place.
pub(super) fn explain(error: &Error, file: &str, text: &str) -> String {
    let shown = if file == "-" { "standard input" } else { file };
    let line = text.split('\n').nth(error.line.saturating_sub(1)).unwrap_or("").trim_end_matches('\r');
    let number = error.line.to_string();
    let margin = " ".repeat(number.len());
    let (line, before) = around(line, error.column.saturating_sub(1));
    // Tabs stay tabs, so that the caret stands under its character.
    let indent: String = line.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!(
        "error: {}\n{margin}--> {shown}:{}:{}\n{margin} |\n{number} | {line}\n{margin} | {indent}^\n{}",
        error.message,
        error.line,
        error.column,
        hint(&error.cause)
    )
}

/// What to do about a table or a column that the data lacks.
fn hint(cause: &Cause) -> String {
    match cause {
        Cause::Unknown { what: Unknown::Table, name, .. } => format!(
            "hint: `--data DIR` reads the rows of a table from DIR/{name}.json or DIR/{name}.csv; \
             one without rows needs its columns in DIR/schema.json\n"
        ),
        Cause::Unknown { what: Unknown::Value, name, .. } => format!(
            "hint: if '{name}' is a column that no row of the data has, name it in a schema.json beside the data\n"
        ),
        Cause::Unknown { .. } | Cause::Syntax { .. } | Cause::OutOfMemory { .. } | Cause::Refused => {
            String::new()
        }
    }
}

/// The part of a line that is shown, and how many of its characters stand before the place: a line that fits no
/// screen is cut on both sides.
fn around(line: &str, place: usize) -> (String, usize) {
    let from = if place < SHOWN { 0 } else { place - SHOWN / 2 };
    let mut part: String = line.chars().skip(from).take(2 * SHOWN).collect();
    if line.chars().nth(from + 2 * SHOWN).is_some() {
        part.push('\u{2026}');
    }
    if from == 0 { (part, place) } else { (format!("\u{2026}{part}"), place - from + 1) }
}

/// A cell as it is shown: on one line, and nothing in it moves the cursor, turns the direction of what follows, or takes no room.
fn seen(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}')
    };
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => cell.push(' '),
            hidden if is_hidden(hidden) => cell.extend(hidden.escape_default()),
            c => cell.push(c),
        }
    }
    cell
}

/// A table for people: names, a rule, the rows, and their number.
pub(super) fn print_table(answer: &Answer) {
    let cells: Vec<Vec<String>> =
        answer.rows.iter().map(|row| row.iter().map(|value| seen(&value.to_text())).collect()).collect();
    let width = |column: usize| {
        let name = answer.columns[column].name.chars().count();
        cells.iter().map(|row| row[column].chars().count()).fold(name, usize::max)
    };
    let widths: Vec<usize> = (0..answer.columns.len()).map(width).collect();
    let mut out = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, width) in cells.zip(&widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line(&mut answer.columns.iter().map(|column| column.name.as_str()));
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(&mut rules.iter().map(String::as_str));
    for row in &cells {
        line(&mut row.iter().map(String::as_str));
    }
    let count = cells.len();
    let _ = writeln!(out, "({count} row{})", if count == 1 { "" } else { "s" });
    print(&out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_moves_no_cursor() {
        assert_eq!(
            seen("a\tb\u{1b}[2J\u{202e}c\u{200b}\u{fc}"),
            r"a b\u{1b}[2J\u{202e}c\u{200b}\u{fc}".replace(r"\u{fc}", "\u{fc}")
        );
    }

    #[test]
    fn a_hint_says_where_a_missing_table_or_column_comes_from() {
        for (query, wanted) in [
            ("Syslog | take 1", Some("DIR/Syslog.json or DIR/Syslog.csv")),
            ("search in (Syslog) 'x'", Some("DIR/Syslog.json")),
            ("Heartbeat | join (Syslog) on Computer", Some("DIR/Syslog.json")),
            ("Heartbeat | where Rack == 1", Some("if 'Rack' is a column")),
            ("Heartbeat | project-away Rack", Some("if 'Rack' is a column")),
            ("Heartbeat | take 'x'", None),
            ("print nope(1)", None),
            ("print (", None),
        ] {
            let options = kql::Options::new(kql::DateTime::parse("2026-05-04T10:00:00Z").unwrap());
            let error = kql::run(query, &kql::Database::schema(), &options).unwrap_err();
            let shown = explain(&error, "-", query);
            let hint = shown.lines().find(|line| line.starts_with("hint: "));
            match wanted {
                Some(words) => assert!(hint.unwrap_or_default().contains(words), "{shown}"),
                None => assert_eq!(hint, None, "{shown}"),
            }
        }
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_caret() {
        let text = format!("print {}nope{}", "1 + ".repeat(5_000), " + 1".repeat(5_000));
        let error = Error { message: "no".to_owned(), line: 1, column: 20_007, cause: kql::Cause::Refused };
        let shown = explain(&error, "-", &text);
        assert!(shown.len() < 1_000, "{}", shown.len());
        let lines: Vec<Vec<char>> = shown.lines().map(|line| line.chars().collect()).collect();
        let caret = lines[4].iter().position(|c| *c == '^').unwrap();
        assert_eq!(lines[3][caret..caret + 4], ['n', 'o', 'p', 'e']);
    }
}
