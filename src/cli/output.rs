//! One table, four forms: for people, for scripts, for spreadsheets, for documents.

use std::io::{self, BufWriter, Write};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, TableStyle};
use serde_json::{Value, json};

/// One line below the header and none between rows: a fleet has many rows.
const HEADER_LINE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

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

/// Named columns and rows of values.
#[derive(Debug, Clone, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    kind: String,
}

impl Table {
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

    /// Writes the table in one of the forms; JSON is `{"columns":[{"name","type"}],"rows":[[…]]}`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, format: Format, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        match format {
            Format::Text => writeln!(out, "{}", self.for_people()),
            Format::Json => writeln!(out, "{}", self.json()),
            Format::Csv => self.csv(out),
            Format::Markdown => self.markdown(out),
        }
    }

    fn json(&self) -> Value {
        let columns: Vec<_> =
            self.columns.iter().map(|column| json!({ "name": column.name, "type": column.kind })).collect();
        json!({ "columns": columns, "rows": self.rows })
    }

    fn for_people(&self) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.load_style(HEADER_LINE).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.columns.iter().map(|column| visible(&column.name)));
        for row in &self.rows {
            table.add_row(row.iter().map(|value| visible(&plain(value))));
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
        let line = |cells: Vec<String>| cells.iter().map(|cell| csv_cell(cell)).collect::<Vec<_>>().join(",");
        writeln!(out, "{}", line(self.columns.iter().map(|column| column.name.clone()).collect()))?;
        for row in &self.rows {
            writeln!(out, "{}", line(row.iter().map(plain).collect()))?;
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

/// Text without anything that moves a terminal's cursor: names, tags and answers are other people's text.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// A value as one cell's text: text as it is, null empty, the rest as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn csv_cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn markdown_cell(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format) -> String {
        let mut table =
            Table::typed([("Name".to_owned(), "string".to_owned()), ("n".to_owned(), "long".to_owned())]);
        table.push(vec![json!("a,\"b\"|\u{1b}[31m\nc"), json!(7)]);
        table.push(vec![json!("short")]);
        let mut out = Vec::new();
        table.write(format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        assert_eq!(written(Format::Csv), "Name,n\n\"a,\"\"b\"\"|\u{1b}[31m\nc\",7\nshort,\n");
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

    #[test]
    fn nothing_on_a_terminal_moves_its_cursor() {
        assert!(!written(Format::Text).contains('\u{1b}'));
        assert!(!written(Format::Markdown).contains('\u{1b}'));
    }
}
