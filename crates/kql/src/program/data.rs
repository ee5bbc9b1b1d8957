//! Tables from files.

use std::collections::BTreeMap;
use std::path::Path;

use kql::{Column, Database, Type};
use serde_json::{Map, Value as Json};

use super::{csv, infer};

/// The rows of one table, and whether all their values are text.
struct Rows {
    rows: Vec<Map<String, Json>>,
    from_text: bool,
}

/// Columns by table, as a `schema.json` describes them.
type Schema = BTreeMap<String, Vec<Column>>;

/// The built-in tables and what the files add; the error is a sentence that names the file.
pub(super) fn load(path: Option<&Path>) -> Result<Database, String> {
    let mut database = Database::schema();
    let Some(path) = path else { return Ok(database) };
    let is_folder = path.is_dir();
    let folder = if is_folder { path } else { path.parent().unwrap_or(Path::new("")) };
    let schema_file = folder.join("schema.json");
    let schema = if schema_file.is_file() { read_schema(&schema_file)? } else { Schema::new() };
    let tables = if is_folder { read_folder(path)? } else { read_file(path)? };
    for (name, columns) in &schema {
        database.add_table(name, columns.clone());
    }
    let built_in = Database::schema();
    for (name, table) in tables {
        let columns = match (schema.get(&name), built_in.table(&name)) {
            (Some(columns), known) => {
                // Rows may have more columns than an older description names.
                let known = known.map(|known| known.columns().to_vec());
                let known = known.unwrap_or_else(|| infer::columns(&name, &table.rows, table.from_text));
                let has = |column: &Column| table.rows.iter().any(|row| row.contains_key(&column.name));
                let is_missing = |column: &Column| !columns.iter().any(|other| other.name == column.name);
                let more = known.into_iter().filter(|column| is_missing(column) && has(column));
                columns.iter().cloned().chain(more).collect()
            }
            (None, Some(known)) => known.columns().to_vec(),
            (None, None) => infer::columns(&name, &table.rows, table.from_text),
        };
        database.add_table(&name, columns);
        database.append(&name, &table.rows).map_err(|error| error.to_string())?;
    }
    Ok(database)
}

fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_json(path: &Path) -> Result<Json, String> {
    serde_json::from_str(&read_text(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_schema(path: &Path) -> Result<Schema, String> {
    let json = read_json(path)?;
    let fault = |what: &str| format!("{}: {what}", path.display());
    let tables = json["tables"].as_object().ok_or_else(|| fault("expected {\"tables\": {…}}"))?;
    let mut schema = Schema::new();
    for (table, columns) in tables {
        let columns = columns.as_object().ok_or_else(|| fault(&format!("'{table}' has no columns")))?;
        let mut list = Vec::new();
        for (name, ty) in columns {
            let shown = ty.as_str().unwrap_or_default();
            let ty = Type::parse(shown)
                .ok_or_else(|| fault(&format!("'{table}.{name}' has the unknown type '{shown}'")))?;
            list.push(Column::new(name, ty));
        }
        schema.insert(table.clone(), list);
    }
    Ok(schema)
}

fn read_folder(folder: &Path) -> Result<BTreeMap<String, Rows>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut tables = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        let (Some(name), Some(extension)) = (path.file_stem(), path.extension()) else { continue };
        let name = name.to_string_lossy().into_owned();
        let rows = match extension.to_string_lossy().as_ref() {
            "json" if name == "schema" => continue,
            "json" | "jsonl" | "ndjson" => Rows { rows: read_rows(&path)?, from_text: false },
            "csv" => {
                let rows = csv::rows(&read_text(&path)?);
                let rows = rows.map_err(|error| format!("{}: {error}", path.display()))?;
                Rows { rows, from_text: true }
            }
            _ => continue,
        };
        if tables.insert(name.clone(), rows).is_some() {
            return Err(format!("{}: the table '{name}' has two files", folder.display()));
        }
    }
    Ok(tables)
}

/// An array of objects, or one object a line.
fn read_rows(path: &Path) -> Result<Vec<Map<String, Json>>, String> {
    let text = read_text(path)?;
    let fault = |what: &str| format!("{}: {what}", path.display());
    let values = match serde_json::from_str::<Json>(&text) {
        Ok(Json::Array(values)) => values,
        Ok(object @ Json::Object(_)) => vec![object],
        _ => {
            let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
            let value = |(line, number): (&str, usize)| {
                serde_json::from_str(line).map_err(|error| {
                    fault(&format!("neither a JSON array nor lines of JSON: line {number}: {error}"))
                })
            };
            lines.map(value).collect::<Result<_, _>>()?
        }
    };
    objects(values).map_err(|number| fault(&format!("row {number} is not a JSON object")))
}

/// The rows; the error is the number of the first that is none.
fn objects(values: Vec<Json>) -> Result<Vec<Map<String, Json>>, usize> {
    let row = |(value, number)| if let Json::Object(row) = value { Ok(row) } else { Err(number) };
    values.into_iter().zip(1..).map(row).collect()
}

fn read_file(path: &Path) -> Result<BTreeMap<String, Rows>, String> {
    let fault = |what: &str| format!("{}: {what}", path.display());
    let Json::Object(tables) = read_json(path)? else {
        return Err(fault("expected an object: {\"TABLE\": [rows], …}"));
    };
    let mut result = BTreeMap::new();
    for (name, rows) in tables {
        let Json::Array(rows) = rows else { return Err(fault(&format!("'{name}' is not an array of rows"))) };
        let rows =
            objects(rows).map_err(|number| fault(&format!("row {number} of '{name}' is not an object")))?;
        result.insert(name, Rows { rows, from_text: false });
    }
    Ok(result)
}
