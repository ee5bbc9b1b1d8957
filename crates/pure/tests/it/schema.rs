//! The JSON Schema of the report is made of what the page and the code say: `UPDATE_DOCUMENTS=1 cargo test -p pure` writes it.

#![expect(
    clippy::disallowed_methods,
    reason = "the test holds a document of the repository; the core reads none"
)]

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::documented::{PAGE, documented};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/report.schema.json");

/// What a member is; all others are texts. A mark before it says that it may be `null`, or that it may be left out.
const KINDS: [(&str, &str); 61] = [
    ("because", "may be left out: string"),
    ("changes[].adopted", "boolean"),
    ("changes[].adopted_by", "may be null: string"),
    ("changes[].approved", "boolean"),
    ("changes[].beats", "integer"),
    ("changes[].detail", "may be null: string"),
    ("changes[].differing[].addresses[]", "may be null: string"),
    ("changes[].differing[].failed", "may be null: string"),
    ("changes[].first_beat", "may be null: time"),
    ("changes[].heartbeat_time", "may be null: time"),
    ("changes[].hold_by", "may be null: string"),
    ("changes[].hold_until", "may be null: string"),
    ("changes[].hold_why", "may be null: string"),
    ("changes[].proved_by", "may be null: string"),
    ("changes[].taken_over_from", "may be null: string"),
    ("changes[].time_to_truth_ms", "may be null: integer"),
    ("changes[].ttl", "integer"),
    ("changes[].ttl_before", "may be null: integer"),
    ("changes[].undoes", "may be null: string"),
    ("changes[].undone_at", "may be null: time"),
    ("changes[].written_at", "may be null: time"),
    ("skips[].from[]", "may be null: string"),
    ("skips[].to[]", "may be null: string"),
    ("skips[].zone", "may be null: string"),
    ("brakes[].digest", "may be null: string"),
    ("brakes[].limit", "integer"),
    ("brakes[].seen", "may be null: integer"),
    ("brakes[].zone", "may be null: string"),
    ("right[]", "may be left out: object"),
    ("right[].ttl", "may be null: integer"),
    ("right[].heartbeat_time", "time"),
    ("right[].first_beat", "may be null: time"),
    ("right[].written_at", "may be null: time"),
    ("right[].written_by", "may be null: string"),
    ("unclaimed[]", "may be left out: object"),
    ("orphans[]", "may be left out: object"),
    ("orphans[].dangles_at", "may be null: string"),
    ("silent_names[]", "may be left out: object"),
    ("silent_names[].days", "integer"),
    ("warnings[]", "may be left out: object"),
    ("moves.left[]", "object"),
    ("moves.left[].resources[]", "object"),
    ("moves.left[].resources[].because", "may be null: string"),
    ("moves.not_shown[]", "object"),
    ("moves.because", "may be null: string"),
    ("summary.changes", "integer"),
    ("summary.skips", "counts"),
    ("summary.in_sync", "may be null: integer"),
    ("summary.silent", "may be null: integer"),
    ("summary.unknown", "may be null: integer"),
    ("summary.orphans", "may be null: integer"),
    ("summary.silent_names", "may be null: integer"),
    ("calls.logs_query", "integer"),
    ("calls.resource_graph", "integer"),
    ("calls.dns_read", "integer"),
    ("calls.dns_write", "integer"),
    ("calls.logs_ingest", "integer"),
    ("calls.deployments", "may be left out: integer"),
    ("duration_ms", "integer"),
    ("brakes[].opens", "word or time"),
    ("skips[].reason", "reason"),
];

/// Objects that are left out where there is nothing to say.
const OPTIONAL_OBJECTS: [&str; 1] = ["moves"];

/// The meaning of each member, as the page has it.
fn meanings() -> BTreeMap<String, String> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let plain = |text: &str| text.replace('`', "").replace("[table](reference/reasons.md)", "table");
    cells.map(|cells| (cells[1].trim_matches('`').to_owned(), plain(cells[3]))).collect()
}

/// The schema of one value, and whether its member may be left out.
fn leaf(path: &str, words: &[String]) -> (Value, bool) {
    let kind = KINDS.iter().find(|(member, _)| *member == path).map_or("string", |(_, kind)| *kind);
    let (mark, kind) = kind.split_once(": ").unwrap_or(("", kind));
    let is_list = path.ends_with("[]");
    let mut schema = match kind {
        "time" => json!({ "type": "string", "format": "date-time" }),
        "counts" => json!({ "type": "object", "additionalProperties": { "type": "integer", "minimum": 0 } }),
        "word or time" => {
            json!({ "anyOf": [{ "enum": words }, { "type": "string", "format": "date-time" }] })
        }
        "reason" => json!({ "enum": pure::plan::Reason::ALL.map(pure::plan::Reason::as_str).as_slice() }),
        "integer" => json!({ "type": "integer", "minimum": 0 }),
        "string" if !words.is_empty() => json!({ "enum": words }),
        kind => json!({ "type": kind }),
    };
    if is_list {
        schema = json!({ "type": "array", "items": schema });
    }
    if mark == "may be null" {
        match schema.get_mut("enum") {
            Some(words) => words.as_array_mut().unwrap().push(Value::Null),
            None => schema["type"] = json!([schema["type"], "null"]),
        }
    }
    (schema, mark == "may be left out")
}

/// The object whose members have this prefix.
fn object(
    prefix: &str,
    members: &BTreeMap<String, Vec<String>>,
    meanings: &BTreeMap<String, String>,
) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for path in members.keys() {
        let Some(rest) = path.strip_prefix(prefix) else { continue };
        let end = rest.find('.').unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches("[]");
        if name.is_empty() || properties.contains_key(name) {
            continue;
        }
        let whole = format!("{prefix}{}", &rest[..end]);
        let below = format!("{whole}.");
        let no_words = Vec::new();
        let (mut schema, may_be_absent) = leaf(&whole, members.get(&whole).unwrap_or(&no_words));
        if members.keys().any(|path| path.starts_with(&below)) {
            let inner = object(&below, members, meanings);
            schema = if whole.ends_with("[]") { json!({ "type": "array", "items": inner }) } else { inner };
        }
        if let Some(meaning) = meanings.get(&whole) {
            schema["description"] = json!(meaning);
        }
        properties.insert(name.to_owned(), schema);
        if !may_be_absent && !OPTIONAL_OBJECTS.contains(&whole.as_str()) {
            required.push(name.to_owned());
        }
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

#[test]
fn the_schema_is_what_the_page_says() {
    let (members, meanings) = (documented(), meanings());
    for (member, _) in KINDS {
        assert!(members.contains_key(member), "the page has no {member}");
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The report of a run of heartbeat-dns, heartbeat-dns/1",
    });
    let Value::Object(object) = object("", &members, &meanings) else { panic!() };
    schema.as_object_mut().unwrap().extend(object);
    let wanted = format!("{schema:#}\n");
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(FILE, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/report.schema.json is old: UPDATE_DOCUMENTS=1 cargo test -p pure schema writes it"
    );
}
