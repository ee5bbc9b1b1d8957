//! Rows as JSON: an array, one after the other, or in the tables of an answer. Nothing is kept but the row at hand.

use std::fmt::{self, Formatter};
use std::io::BufRead;

use anyhow::{Context, Result};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{NO_OBJECT, Sink, TIME, row};

/// Hands on the elements of an array.
pub(super) fn array(reader: &mut impl BufRead, sink: &mut Sink<'_>) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    json.deserialize_seq(Rows(sink))?;
    json.end()
}

/// Rows one after the other, or answers that hold tables.
pub(super) fn documents(reader: &mut impl BufRead, sink: &mut Sink<'_>) -> Result<()> {
    if is_of_lines(reader.fill_buf().context("it cannot be read")?) {
        return lines(reader, sink);
    }
    let mut json = serde_json::Deserializer::from_reader(reader);
    loop {
        // An array or a number between the documents is no row, and no reason to stop.
        Document(sink).deserialize(&mut json).context("it is neither an array nor lines of rows")?;
        if json.end().is_ok() {
            return Ok(());
        }
    }
}

/// Whether each line is a document: one of the first two is whole.
fn is_of_lines(head: &[u8]) -> bool {
    let lines = head.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).take(2);
    lines.into_iter().any(|line| line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok())
}

/// One broken line shall not hide the others.
fn lines(reader: &mut impl BufRead, sink: &mut Sink<'_>) -> Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).context("it cannot be read")? == 0 {
            return Ok(());
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let mut json = serde_json::Deserializer::from_slice(&line);
        if Document(sink).deserialize(&mut json).and_then(|()| json.end()).is_err() {
            sink.push(Err("no JSON"));
        }
    }
}

/// The elements of an array, each a row.
struct Rows<'s, 't>(&'s mut Sink<'t>);

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(value) = rows.next_element::<Value>()? {
            self.0.push(row(value));
        }
        Ok(())
    }
}

/// A row, or an answer with tables.
struct Document<'s, 't>(&'s mut Sink<'t>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a row or an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let sink = self.0;
        let mut rest = Map::new();
        let mut is_answer = false;
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "tables" => {
                    is_answer = true;
                    members.next_value_seed(Tables(sink))?;
                }
                "rows" if rest.contains_key("columns") => {
                    is_answer = true;
                    members.next_value_seed(TableRows { names: &names(&rest), sink })?;
                }
                _ => drop(rest.insert(name, members.next_value()?)),
            }
        }
        if let Some(message) = rest.get("error").and_then(|error| error["message"].as_str()) {
            sink.incomplete = Some(message.to_owned());
        }
        // A maker may put the rows before their columns.
        match rest.get("rows") {
            Some(Value::Array(rows)) if rest.contains_key("columns") => {
                let names = names(&rest);
                rows.iter().for_each(|values| push(&names, values.clone(), sink));
            }
            _ if is_answer => {}
            _ => sink.push(row(Value::Object(rest))),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        self.0.push(Err(NO_OBJECT));
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.no_object()
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.no_object()
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.no_object()
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.no_object()
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.no_object()
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.no_object()
    }
}

impl Document<'_, '_> {
    fn no_object<E>(self) -> Result<(), E> {
        self.0.push(Err(NO_OBJECT));
        Ok(())
    }
}

/// The tables of an answer.
struct Tables<'s, 't>(&'s mut Sink<'t>);

impl<'de> DeserializeSeed<'de> for Tables<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Tables<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of tables")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut tables: A) -> Result<(), A::Error> {
        while tables.next_element_seed(Document(self.0))?.is_some() {}
        Ok(())
    }
}

/// The rows of a table, each an array of values.
struct TableRows<'n, 's, 't> {
    names: &'n [String],
    sink: &'s mut Sink<'t>,
}

impl<'de> DeserializeSeed<'de> for TableRows<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for TableRows<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(values) = rows.next_element::<Value>()? {
            push(self.names, values, self.sink);
        }
        Ok(())
    }
}

/// Hands on a row of a table; of one without times, such as statistics, none.
fn push(names: &[String], values: Value, sink: &mut Sink<'_>) {
    if names.iter().any(|name| name == TIME) {
        sink.push(match values {
            Value::Array(values) => Ok(names.iter().cloned().zip(values).collect()),
            _ => Err("no array of values"),
        });
    }
}

/// The names of `"columns": [{"name"}]`.
fn names(members: &Map<String, Value>) -> Vec<String> {
    let columns = members.get("columns").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    columns.iter().map(|column| column["name"].as_str().unwrap_or_default().to_owned()).collect()
}
