//! Tables from files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kql::{Column, Database, Type};
use serde_json::Value as Json;

use super::sheet::{Filled, Others, Sheet};
use super::{bounded, csv, json};

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
    let files = if is_folder { tables_of(path)? } else { Vec::new() };
    if is_folder && files.is_empty() && schema.is_empty() {
        let folder = path.display();
        return Err(format!(
            "{folder}: there is no table in this folder: no TABLE.json, TABLE.csv or schema.json"
        ));
    }
    for (name, columns) in &schema {
        database.add_table(name, columns.clone());
    }
    for file in &files {
        let from_text = file.is_csv;
        read(&mut database, &schema, from_text, &mut |open| match open(&file.table) {
            Some(mut sheet) if file.is_csv => csv::read_rows(&file.path, &mut sheet).map(|()| vec![sheet]),
            Some(mut sheet) => json::read_rows(&file.path, &mut sheet).map(|()| vec![sheet]),
            None => Ok(Vec::new()),
        })?;
    }
    if !is_folder {
        read(&mut database, &schema, false, &mut |open| json::read_tables(path, open))?;
    }
    Ok(database)
}

/// Takes the tables of a file into the database; reads it again where a column's type was not what it seemed.
fn read(
    database: &mut Database,
    schema: &Schema,
    from_text: bool,
    sheets: &mut dyn FnMut(&mut json::Open<'_>) -> Result<Vec<Sheet>, String>,
) -> Result<(), String> {
    let built_in = Database::schema();
    let known = |name: &str| built_in.table(name).map(|table| table.columns().to_vec());
    let first = sheets(&mut |name| {
        // Rows may have more columns than an older description names.
        let (columns, others) = match (schema.get(name), known(name)) {
            (Some(columns), Some(known)) => (columns.clone(), Others::Known(known)),
            (None, Some(known)) => (known, Others::Dropped),
            (described, None) => (described.cloned().unwrap_or_default(), Others::Guessed { from_text }),
        };
        Some(Sheet::new(database, name, columns, others))
    })?;
    let again = put(database, first);
    if !again.is_empty() {
        let second = sheets(&mut |name| {
            let columns = again.get(name)?.clone();
            Some(Sheet::new(database, name, columns, Others::Dropped))
        })?;
        put(database, second);
    }
    Ok(())
}

/// Takes the tables; those whose rows must be read again are given back, with their columns.
fn put(database: &mut Database, sheets: Vec<Sheet>) -> Schema {
    let mut again = Schema::new();
    for sheet in sheets {
        let name = sheet.table().to_owned();
        match sheet.finish() {
            Filled::Table(loader) => {
                // The last table of a name counts.
                again.remove(&name);
                database.put(name, loader);
            }
            Filled::Again(columns) => {
                again.insert(name, columns);
            }
        }
    }
    again
}

fn read_json(path: &Path) -> Result<Json, String> {
    let text = bounded::file(path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
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

/// A file of one table.
struct TableFile {
    table: String,
    path: PathBuf,
    is_csv: bool,
}

/// The files of a folder, by the names of their tables.
fn tables_of(folder: &Path) -> Result<Vec<TableFile>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut tables: Vec<TableFile> = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        let (Some(name), Some(extension)) = (path.file_stem(), path.extension()) else { continue };
        let table = name.to_string_lossy().into_owned();
        let is_csv = match extension.to_string_lossy().as_ref() {
            "json" if table == "schema" => continue,
            "json" | "jsonl" | "ndjson" => false,
            "csv" => true,
            _ => continue,
        };
        // To open a pipe is to wait for whoever writes to it, and a device has no end.
        if !path.is_file() {
            return Err(format!("{}: it is no regular file", path.display()));
        }
        tables.push(TableFile { table, path, is_csv });
    }
    tables.sort_by(|a, b| a.table.cmp(&b.table));
    match tables.windows(2).find(|pair| pair[0].table == pair[1].table) {
        Some(pair) => Err(format!("{}: the table '{}' has two files", folder.display(), pair[0].table)),
        None => Ok(tables),
    }
}
