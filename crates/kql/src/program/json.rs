//! Rows of JSON files, read one after another into sheets.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use kql::Cell;
use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::sheet::Sheet;
use super::stream::{Fault, Stream};

/// Where the rows of a table go; none: nobody wants them.
pub(super) type Open<'a> = dyn FnMut(&str) -> Option<Sheet> + 'a;

/// Why a list of rows could not be read on.
enum RowFault {
    Stream(Fault),
    /// The row of that number is none.
    NoObject(usize),
}

impl From<Fault> for RowFault {
    fn from(fault: Fault) -> RowFault {
        RowFault::Stream(fault)
    }
}

/// Reads `{"TABLE": [rows], …}`; the error is a sentence that names the file.
pub(super) fn read_tables(path: &Path, open: &mut Open<'_>) -> Result<Vec<Sheet>, String> {
    let words = |what: &str| format!("{}: {what}", path.display());
    let fault = |fault: Fault| explain(path, fault);
    let mut stream = Stream::open(path).map_err(fault)?;
    if stream.peek().map_err(fault)? != Some(b'{') {
        stream.skip().map_err(fault)?;
        return Err(words("expected an object: {\"TABLE\": [rows], …}"));
    }
    stream.take();
    let mut sheets = Vec::new();
    let mut is_first = true;
    loop {
        match (stream.peek().map_err(fault)?, is_first) {
            (Some(b'}'), _) => break,
            (Some(b','), false) => stream.take(),
            (_, true) => {}
            _ => return Err(malformed(path)),
        }
        is_first = false;
        stream.peek().map_err(fault)?;
        let name = stream.value(|json| String::deserialize(json)).map_err(fault)?;
        if stream.peek().map_err(fault)? != Some(b':') {
            return Err(malformed(path));
        }
        stream.take();
        if stream.peek().map_err(fault)? != Some(b'[') {
            stream.skip().map_err(fault)?;
            return Err(words(&format!("'{name}' is not an array of rows")));
        }
        let mut sheet = open(&name);
        read_array(&mut stream, sheet.as_mut()).map_err(|error| match error {
            RowFault::Stream(error) => fault(error),
            RowFault::NoObject(number) => words(&format!("row {number} of '{name}' is not an object")),
        })?;
        sheets.extend(sheet);
    }
    stream.take();
    if stream.peek().map_err(fault)?.is_some() {
        return Err(malformed(path));
    }
    Ok(sheets)
}

/// Reads an array of objects, or objects one after another, such as one a line.
pub(super) fn read_rows(path: &Path, sheet: &mut Sheet) -> Result<(), String> {
    let words = |what: &str| format!("{}: {what}", path.display());
    let no_object = |number: usize| words(&format!("row {number} is not a JSON object"));
    let fault = |fault: Fault| explain(path, fault);
    let mut stream = Stream::open(path).map_err(fault)?;
    if stream.peek().map_err(fault)? == Some(b'[') {
        read_array(&mut stream, Some(sheet)).map_err(|error| match error {
            RowFault::Stream(error) => fault(error),
            RowFault::NoObject(number) => no_object(number),
        })?;
        return if stream.peek().map_err(fault)?.is_some() { Err(malformed(path)) } else { Ok(()) };
    }
    let mut number = 0;
    while stream.peek().map_err(fault)?.is_some() {
        number += 1;
        let line = stream.line();
        read_row(&mut stream, Some(sheet), number).map_err(|error| match error {
            RowFault::Stream(Fault::Json(error)) => {
                words(&format!("neither a JSON array nor lines of JSON: line {line}: {error}"))
            }
            RowFault::Stream(error) => fault(error),
            RowFault::NoObject(number) => no_object(number),
        })?;
    }
    Ok(())
}

fn read_array(stream: &mut Stream, mut sheet: Option<&mut Sheet>) -> Result<(), RowFault> {
    stream.take();
    let mut number = 0;
    loop {
        match (stream.peek()?, number) {
            (Some(b']'), _) => break,
            (Some(b','), 1..) => {
                stream.take();
                stream.peek()?;
            }
            (_, 0) => {}
            // What follows is no array: the reader that knows lines and columns says so.
            _ => return Err(Fault::Json(serde::de::Error::custom("expected `,` or `]`")).into()),
        }
        number += 1;
        read_row(stream, sheet.as_deref_mut(), number)?;
    }
    stream.take();
    Ok(())
}

fn read_row(stream: &mut Stream, sheet: Option<&mut Sheet>, number: usize) -> Result<(), RowFault> {
    if stream.peek()? != Some(b'{') {
        stream.skip()?;
        return Err(RowFault::NoObject(number));
    }
    let Some(sheet) = sheet else {
        stream.skip()?;
        return Ok(());
    };
    stream.value(|json| {
        sheet.drop_row();
        json.deserialize_map(Row(sheet))
    })?;
    sheet.end_row();
    Ok(())
}

/// The place in a file where its JSON is wrong, by the reader that counts lines and columns.
fn explain(path: &Path, fault: Fault) -> String {
    match fault {
        Fault::File(error) => format!("{}: {error}", path.display()),
        Fault::Json(error) => match whole(path) {
            Err(error) => format!("{}: {error}", path.display()),
            Ok(()) => format!("{}: {error}", path.display()),
        },
    }
}

fn malformed(path: &Path) -> String {
    explain(path, Fault::Json(serde::de::Error::custom("this is no JSON")))
}

fn whole(path: &Path) -> Result<(), serde_json::Error> {
    let file = File::open(path).map_err(serde_json::Error::io)?;
    serde_json::from_reader::<_, IgnoredAny>(BufReader::new(file)).map(|_| ())
}

/// The members of one object go into a sheet.
struct Row<'a>(&'a mut Sheet);

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(member) = map.next_key_seed(Member(&mut *self.0))? {
            let raw: &RawValue = map.next_value()?;
            with_cell(raw.get(), |cell| self.0.set(member, cell)).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

/// The name of a member, as its number in the sheet.
struct Member<'a>(&'a mut Sheet);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Member<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<usize, E> {
        Ok(self.0.member(name))
    }
}

/// A value that was found to be JSON, as a cell.
fn with_cell(raw: &str, set: impl FnOnce(&Cell<'_>)) -> Result<(), serde_json::Error> {
    let cell = match raw.as_bytes() {
        [b'"', text @ .., b'"'] if !text.contains(&b'\\') => Cell::Text(&raw[1..raw.len() - 1]),
        [b'"', ..] => {
            let text: Cow<'_, str> = serde_json::from_str::<String>(raw)?.into();
            set(&Cell::Text(&text));
            return Ok(());
        }
        [b'n', ..] => Cell::Null,
        [b't' | b'f', ..] => Cell::Bool(raw == "true"),
        [b'[' | b'{', ..] => Cell::Raw(raw),
        _ => Cell::Number(serde_json::from_str(raw)?),
    };
    set(&cell);
    Ok(())
}
