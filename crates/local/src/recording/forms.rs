//! The forms in which people have rows of `Heartbeat`: JSON of several makers, and CSV of the portal. A file may be larger
//! than memory, so each row is handed on as soon as it is read.

mod csv_rows;
mod json_rows;

use std::io::BufRead;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

/// A row, or why it is none.
pub(super) type Row = Result<Map<String, Value>, &'static str>;

/// The column without which a row is no row.
const TIME: &str = "TimeGenerated";
/// What `az` puts into every row beside the columns.
const AZ: &str = "TableName";
/// Columns that are no text where a file has them as text.
const NUMBERS: [&str; 2] = ["RemoteIPLatitude", "RemoteIPLongitude"];
const NO_OBJECT: &str = "no object";

/// Where rows go, and what their file says of itself.
pub(super) struct Sink<'t> {
    take: &'t mut dyn FnMut(Row),
    count: usize,
    /// Why the rows may not be all.
    incomplete: Option<String>,
}

impl Sink<'_> {
    fn push(&mut self, row: Row) {
        self.count += 1;
        (self.take)(row.map(tidy));
    }
}

/// Reads a file of any of the forms, row by row. Returns why the rows may not be all, if the file says so itself.
///
/// # Errors
/// A file of another form, or with times of another zone than UTC.
pub(super) fn read(reader: &mut impl BufRead, take: &mut dyn FnMut(Row)) -> Result<Option<String>> {
    let mut sink = Sink { take, count: 0, incomplete: None };
    match first_letter(reader)? {
        None => bail!("it has no rows"),
        Some(b'[') => json_rows::array(reader, &mut sink).context("it is no array of rows")?,
        Some(b'{') => json_rows::documents(reader, &mut sink)?,
        Some(_) => csv_rows::read(reader, &mut sink)?,
    }
    ensure!(sink.count > 0, "it has no rows");
    Ok(sink.incomplete)
}

/// The first byte that is no blank; the blanks are passed over.
fn first_letter(reader: &mut impl BufRead) -> Result<Option<u8>> {
    loop {
        let head = reader.fill_buf().context("it cannot be read")?;
        if head.is_empty() {
            return Ok(None);
        }
        let blanks = head.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if let Some(first) = head.get(blanks).copied() {
            reader.consume(blanks);
            return Ok(Some(first));
        }
        reader.consume(blanks);
    }
}

fn row(value: Value) -> Row {
    let Value::Object(mut row) = value else { return Err(NO_OBJECT) };
    if row.remove(AZ).is_some() {
        // `az` prints every value as Python writes it.
        row.retain(|_, value| value != "None");
    }
    Ok(row)
}

/// Values as the table has them, whatever the file made of them.
fn tidy(mut row: Map<String, Value>) -> Map<String, Value> {
    for name in NUMBERS {
        if let Some(value) = row.get_mut(name)
            && let Some(number) = value.as_str().and_then(|text| text.trim().parse::<f64>().ok())
        {
            *value = number.into();
        }
    }
    if let Some(addresses) = row.get_mut("ComputerPrivateIPs")
        && let Value::String(text) = addresses
    {
        let parsed = serde_json::from_str(text).ok().filter(Value::is_array);
        *addresses = parsed.unwrap_or_else(|| {
            text.split([',', ';', ' ']).filter(|part| !part.is_empty()).map(Value::from).collect()
        });
    }
    row
}

#[cfg(test)]
mod tests;
