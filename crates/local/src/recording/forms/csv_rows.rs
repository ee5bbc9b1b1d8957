//! Rows as CSV: of the portal, or of any program.

use std::io::BufRead;

use anyhow::{Context, Result, ensure};
use csv::{ReaderBuilder, StringRecord};
use kql::portal;
use serde_json::Value;

use super::{Sink, TIME};

/// What stands between fields; a spreadsheet may write another than the comma.
const BETWEEN: [u8; 3] = [b',', b';', b'\t'];

/// Hands on each row.
pub(super) fn read(reader: &mut impl BufRead, sink: &mut Sink<'_>) -> Result<()> {
    let between = between(reader.fill_buf().context("it cannot be read")?);
    let mut reader = ReaderBuilder::new().flexible(true).delimiter(between).from_reader(reader);
    let header = reader.headers().context("it is neither JSON nor CSV")?;
    let names = header.iter().map(column).collect::<Result<Vec<String>>>()?;
    ensure!(
        names.iter().any(|name| name == TIME),
        "it is neither JSON nor CSV whose first line names TimeGenerated"
    );
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) if record.len() == names.len() => {
                let fields = names.iter().cloned().zip(record.iter());
                let fields = fields.filter(|(_, text)| !text.is_empty());
                sink.push(Ok(fields.map(|(name, text)| (name, Value::from(text))).collect()));
            }
            Ok(true) => sink.push(Err("another number of fields than the header")),
            Err(fault) if fault.is_io_error() => return Err(fault).context("it cannot be read"),
            Err(_) => sink.push(Err("no UTF-8")),
        }
    }
}

/// The separator that the first line has next to its time, or at all.
fn between(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| line.iter().filter(|byte| **byte == separator).count();
    // Of as many the first: the comma.
    BETWEEN.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// A column's name; the portal puts the zone of its times behind it.
fn column(header: &str) -> Result<String> {
    let (name, zone) = portal::column(header);
    if let Some(zone) = zone {
        ensure!(
            name != TIME || zone.eq_ignore_ascii_case("UTC"),
            "its times are told in the zone '{zone}', which does not say what was when: set the portal's results to UTC \
             and export them again"
        );
    }
    Ok(name.to_owned())
}
