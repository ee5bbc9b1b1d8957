//! One table, four forms: for people, for scripts, for spreadsheets, for documents.

use std::fmt::Display;
use std::io::{self, BufWriter, Write};

use comfy_table::{CellAlignment, ContentArrangement, TableStyle};
use serde::Serialize;
use serde_json::{Value, json};

use super::screen::Screen;
use pure::shown::{is_hidden, json_shown, shown};

/// Columns alone, and no line across the screen.
const COLUMNS: TableStyle = TableStyle::new();

/// The form in which results go to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Tables and sentences for people
    #[default]
    Text,
    /// JSON for programs
    Json,
    /// Comma-separated values, one header line
    Csv,
    /// A Markdown table, for issues and documents
    Markdown,
    /// A template of Azure Resource Manager; `plan` alone prints one
    Arm,
}

/// Writes results to standard output. A reader that has seen enough, such as `head`, is no failure.
///
/// # Errors
/// Those of writing, but for a pipe that was closed.
pub fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes words to standard error, broken where its screen ends. Whoever has closed it, as `2>&1 | head` does, wants no more
/// of them: that is no failure, and no reason to end.
pub fn to_stderr(words: impl Display) {
    let screen = Screen::of_stderr(None);
    let mut out = io::stderr().lock();
    for line in words.to_string().lines() {
        // What fits stands as it was put: blanks may say where in a query something is wrong.
        let lines = if screen.fits(line.chars().count()) {
            vec![line.to_owned()]
        } else {
            let words = line.trim_start();
            screen.wrapped(words, line.chars().count() - words.chars().count())
        };
        for line in lines {
            let _ = writeln!(out, "{line}");
        }
    }
}

/// Writes lines that are broken for the screen already: a command has one of its own, however wide its ids are.
pub fn lines_to_stderr(lines: &[String]) {
    let mut out = io::stderr().lock();
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
}

/// Writes a value as JSON over several lines.
///
/// # Errors
/// Those of the writer.
pub fn write_json(value: &impl Serialize, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    writeln!(out, "{}", json_shown(&serde_json::to_string_pretty(value)?))
}

/// Named columns and rows of values.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    kind: String,
}

impl Listing {
    /// A table of text columns.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        Self::typed(columns.iter().map(|name| ((*name).to_owned(), "string".to_owned())))
    }

    /// A table whose columns have a name and a type.
    #[must_use]
    pub fn typed(columns: impl IntoIterator<Item = (String, String)>) -> Self {
        let columns = columns.into_iter().map(|(name, kind)| Column { name, kind }).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; values beyond the columns are left out, missing ones are empty.
    pub fn push(&mut self, mut row: Vec<Value>) {
        row.resize(self.columns.len(), Value::Null);
        self.rows.push(row);
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Leaves out the columns in which no row holds anything.
    pub fn leave_out_what_is_empty(&mut self) {
        let holds =
            |at: usize| self.rows.iter().any(|row| row.get(at).is_some_and(|value| !plain(value).is_empty()));
        let kept: Vec<bool> = (0..self.columns.len()).map(holds).collect();
        let is_kept = |at: &mut usize| {
            let kept = kept.get(*at).copied().unwrap_or(true);
            *at += 1;
            kept
        };
        let mut at = 0;
        self.columns.retain(|_| is_kept(&mut at));
        for row in &mut self.rows {
            let mut at = 0;
            row.retain(|_| is_kept(&mut at));
        }
    }

    /// Writes the table in one of the forms; JSON is `{"columns":[{"name","type"}],"rows":[[…]]}`.
    ///
    /// # Errors
    /// Those of the writer.
    pub(super) fn write(
        &self,
        format: Format,
        screen: &Screen,
        out: &mut (impl Write + ?Sized),
    ) -> io::Result<()> {
        match format {
            Format::Text => self.for_people(screen, out),
            Format::Json | Format::Arm => writeln!(out, "{}", json_shown(&self.json().to_string())),
            Format::Csv => self.csv(out),
            Format::Markdown => self.markdown(out),
        }
    }

    fn json(&self) -> Value {
        let columns: Vec<_> =
            self.columns.iter().map(|column| json!({ "name": column.name, "type": column.kind })).collect();
        json!({ "columns": columns, "rows": self.rows })
    }

    /// A table, or a row a paragraph where the table is wider than the terminal.
    fn for_people(&self, screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let table = self.table().to_string();
        if table.lines().all(|line| screen.fits(line.trim_end().chars().count())) {
            return table.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()));
        }
        let names: Vec<String> = self.columns.iter().map(|column| shown(&column.name)).collect();
        let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            let cells = names.iter().zip(row).map(|(name, value)| (name, shown(&plain(value))));
            for (name, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
                let mut lines = screen.wrapped(&cell, widest + 2).into_iter();
                let first = lines.next().unwrap_or_default();
                writeln!(out, "{name:widest$}  {}", first.trim_start())?;
                lines.try_for_each(|line| writeln!(out, "{line}"))?;
            }
        }
        Ok(())
    }

    fn table(&self) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.load_style(COLUMNS).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.columns.iter().map(|column| shown(&column.name)));
        for row in &self.rows {
            table.add_row(row.iter().map(|value| shown(&plain(value))));
        }
        for (index, column) in self.columns.iter().enumerate() {
            let numeric = matches!(column.kind.as_str(), "int" | "long" | "real" | "decimal");
            if let Some(column) = table.column_mut(index).filter(|_| numeric) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    fn csv(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let line = |cells: Vec<String>| cells.join(",");
        writeln!(out, "{}", line(self.columns.iter().map(|column| csv_text(&column.name)).collect()))?;
        for row in &self.rows {
            writeln!(out, "{}", line(row.iter().map(csv_cell).collect()))?;
        }
        Ok(())
    }

    fn markdown(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let line = |cells: Vec<String>| {
            let cells: Vec<_> = cells.iter().map(|cell| markdown_cell(cell)).collect();
            format!("| {} |", cells.join(" | "))
        };
        writeln!(out, "{}", line(self.columns.iter().map(|column| column.name.clone()).collect()))?;
        writeln!(out, "|{}", "---|".repeat(self.columns.len()))?;
        for row in &self.rows {
            writeln!(out, "{}", line(row.iter().map(plain).collect()))?;
        }
        Ok(())
    }
}

/// A value as one cell's text: text as it is, null empty, the rest as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value as a cell of a spreadsheet. Numbers and the like are ours, text may be anybody's.
fn csv_cell(value: &Value) -> String {
    match value {
        Value::String(text) => csv_text(text),
        other => csv_quoted(&json_shown(&plain(other))),
    }
}

/// Text as a cell of a spreadsheet, never a formula: programs look past what hides before its first character.
fn csv_text(text: &str) -> String {
    let seen = text.trim_start_matches(|c: char| c.is_whitespace() || is_hidden(c));
    let quote = if seen.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    csv_quoted(&format!("{quote}{}", shown(text)))
}

fn csv_quoted(text: &str) -> String {
    if text.contains(['"', ',']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Text as a cell of a document: it is no markup, and no link, not even where a renderer makes links of bare addresses.
/// What a site makes of plain words once they are rendered, such as a name after `@`, no escape can hinder.
fn markdown_cell(text: &str) -> String {
    let text = shown(text);
    let mut cell = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_link = match c {
            ':' => text[at..].starts_with("://"),
            '.' => {
                let begin = at.checked_sub(3).and_then(|begin| text.get(begin..at));
                begin.is_some_and(|begin| begin.eq_ignore_ascii_case("www"))
            }
            _ => false,
        };
        match c {
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '&' => cell.push_str("&amp;"),
            _ => {
                let is_markup = matches!(c, '\\' | '|' | '[' | ']' | '`' | '!' | '*' | '_' | '~' | '@' | '$');
                if is_link || is_markup {
                    cell.push('\\');
                }
                cell.push(c);
            }
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format) -> String {
        let mut table =
            Listing::typed([("Name".to_owned(), "string".to_owned()), ("n".to_owned(), "long".to_owned())]);
        table.push(vec![json!("a,\"b\"|\u{1b}[31m\nc"), json!(7)]);
        table.push(vec![json!("short")]);
        let mut out = Vec::new();
        table.write(format, &Screen::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        assert_eq!(written(Format::Csv), "Name,n\n\"a,\"\"b\"\"|\\u{1b}[31m\\nc\",7\nshort,\n");
    }

    #[test]
    fn markdown_stays_one_line_a_row() {
        let text = written(Format::Markdown);
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.contains("\\|"), "{text}");
    }

    #[test]
    fn json_keeps_types_and_values() {
        let value: Value = serde_json::from_str(&written(Format::Json)).unwrap();
        assert_eq!(value["columns"][1], json!({ "name": "n", "type": "long" }));
        assert_eq!(value["rows"][1], json!(["short", null]));
    }

    fn of_a_tag(tag: &str, format: Format) -> String {
        let mut table = Listing::new(&["name"]);
        table.push(vec![json!(tag)]);
        let mut out = Vec::new();
        table.write(format, &Screen::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_form_shows_what_hides() {
        let tag = "a\u{1b}[31m\u{202e}b\u{2066}\u{200b}\u{feff}c\nd";
        assert!(of_a_tag(tag, Format::Text).contains(r"a\u{1b}[31m\u{202e}b\u{2066}\u{200b}\u{feff}c\nd"));
        let csv = r"a\u{1b}[31m\u{202e}b\u{2066}\u{200b}\u{feff}c\nd";
        assert_eq!(of_a_tag(tag, Format::Csv), format!("name\n{csv}\n"));
        let json = of_a_tag(tag, Format::Json);
        assert!(!json.trim_end().contains(is_hidden), "{json}");
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["rows"][0][0], tag);
        let twice = r"| a\\u{1b}\[31m\\u{202e}b\\u{2066}\\u{200b}\\u{feff}c\\nd |";
        assert!(of_a_tag(tag, Format::Markdown).ends_with(&format!("{twice}\n")));
    }

    #[test]
    fn a_tag_is_no_markup_of_a_document() {
        for (tag, cell) in [
            ("[l](http://e)", r"\[l\](http\://e)"),
            ("![i](ftp://e)", r"\!\[i\](ftp\://e)"),
            ("www.e.net WWW.e", r"www\.e.net WWW\.e"),
            ("<b>|`x`&lt;", r"&lt;b&gt;\|\`x\`&amp;lt;"),
            ("<http://e>", r"&lt;http\://e&gt;"),
            (r"\[l\]", r"\\\[l\\\]"),
            ("/subscriptions/s fd40::1 a.example.com-x", "/subscriptions/s fd40::1 a.example.com-x"),
            ("*a* **b** _c_ __d__ ~e~ ~~f~~", r"\*a\* \*\*b\*\* \_c\_ \_\_d\_\_ \~e\~ \~\~f\~\~"),
            ("a@example.com $x$", r"a\@example.com \$x\$"),
            ("\u{fc}w.e", "\u{fc}w.e"),
        ] {
            assert_eq!(of_a_tag(tag, Format::Markdown), format!("| name |\n|---|\n| {cell} |\n"), "{tag}");
        }
    }

    #[test]
    fn no_cell_of_a_spreadsheet_is_a_formula() {
        let cells = [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", r"'\t=1"),
            ("\r=1", r"'\r=1"),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            (" \u{200b}=1", r"' \u{200b}=1"),
            ("a=1", "a=1"),
            ("", ""),
        ];
        for (tag, cell) in cells {
            assert_eq!(of_a_tag(tag, Format::Csv), format!("name\n{cell}\n"), "{tag:?}");
        }
        let mut table = Listing::typed([("n".to_owned(), "long".to_owned())]);
        table.push(vec![json!(-7)]);
        let mut out = Vec::new();
        table.write(Format::Csv, &Screen::default(), &mut out).unwrap();
        assert_eq!(out, b"n\n-7\n", "a number is no text of others");
    }
}
