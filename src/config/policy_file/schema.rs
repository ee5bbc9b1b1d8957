//! The JSON Schema of a policy file, for editors: `docs/policy.schema.json`, out of the keys, words and bounds by which the
//! file is read and the meanings that `docs/policy.md` gives them.
//!
//! It never refuses what is read. What takes arithmetic, the zones or a list of the world is left to the reader: how long a name and
//! a span may be, and which words are countries.

use serde_json::{Map, Value, json};

use crate::config::declared::POLICY_TTL;
use crate::config::setting::Form;
use crate::config::term::ADOPTS;
use pure::domain::RecordType;

use super::values::ZONE_KINDS;

/// The draft that TOML editors know.
const DRAFT: &str = "http://json-schema.org/draft-04/schema#";

/// What the schema holds of the values of one key; none of a key that it does not know.
fn form(key: &str) -> Option<Value> {
    Some(match key {
        "names" => texts(&name()),
        "kind" => text(&any_word(&ZONE_KINDS.map(|(word, _)| word.to_owned()))),
        "scope" => text(&scope()),
        "types" => texts(&any_word(&[RecordType::A, RecordType::Aaaa].map(|kind| kind.to_string()))),
        "prefixes" | "deny_prefixes" => texts(RANGE),
        "ttl" => {
            let (least, most) = bounds(POLICY_TTL.form)?;
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        "adopt" => text(&any_word(&ADOPTS.map(|(word, _)| word.to_owned()))),
        "min_span" => text(SPAN),
        "countries" => texts(COUNTRY),
        "shared" | "hold" => json!({ "type": "boolean" }),
        _ => return None,
    })
}

/// The schema, with these keys of a claim and what each means.
pub(super) fn schema(keys: &[(String, String)]) -> Value {
    let mut properties = Map::new();
    for (key, meaning) in keys {
        if let Some(mut form) = form(key) {
            form["description"] = json!(meaning);
            properties.insert(key.clone(), form);
        }
    }
    json!({
        "$schema": DRAFT,
        "title": "A policy file of heartbeat-dns: which machines may claim which names",
        "type": "object",
        "properties": { "claim": {
            "description": "a rule; the first whose names and scope fit decides alone",
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": properties,
                "required": ["names"],
                "additionalProperties": false,
            },
        } },
        "required": ["claim"],
        "additionalProperties": false,
    })
}

fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

/// One text, or a list of some.
fn texts(pattern: &str) -> Value {
    json!({ "anyOf": [text(pattern), { "type": "array", "minItems": 1, "items": text(pattern) }] })
}

fn bounds(form: Form) -> Option<(u32, u32)> {
    match form {
        Form::Number(least, most) => Some((least, most)),
        _ => None,
    }
}

/// A range: IPv4 to the number, IPv6 by its characters.
const RANGE: &str = concat!(
    r"^(?:(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$|/)|(?=$|/))){4}(?:/(?:3[0-2]|[12]?[0-9]))?",
    r"|(?=[^/]*:)[0-9A-Fa-f:.]+(?:/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$"
);

/// A country: two letters at least, which is a code, and no digit. Spellings differ too much for a list of all names.
const COUNTRY: &str = r"^(?:[^0-9]*(?:[A-Za-z]|[^\x00-\x7F])){2}[^0-9]*$";

/// A span: with a digit and a unit, and not before zero.
const SPAN: &str = r"^(?=.*[A-Za-z:])[^-]*[0-9][^-]*$";

/// A name: labels between dots, with patterns and placeholders, or for private zones alone without these; a placeholder alone
/// is none.
fn name() -> String {
    let placeholder = r"\{(?:name|resourceGroup|location|tag:[^{}]*[^{}\s][^{}]*)\}";
    let label = format!(r"(?:[A-Za-z0-9*-]|[^\x00-\x7F]|{placeholder})+");
    format!(r"^\s*(?:private:\s*(?!.*\{{)|(?!\{{[^{{}}]*\}}\.?\s*$))(?:\\\*\.)?{label}(?:\.{label})*\.?\s*$")
}

/// An id of what machines are below.
fn scope() -> String {
    let segment = r"(?:[A-Za-z0-9_.()-]|[^\x00-\x7F])+";
    let words = |path: &str| {
        let segments =
            path.split('/').map(|word| if word == "*" { segment.to_owned() } else { any_case(word) });
        segments.collect::<Vec<_>>().join("/")
    };
    let of_machine = words("/resourceGroups/*/providers/*/*/*");
    let of_group = words("/resourceGroups/*");
    let (below, groups) =
        (words("/subscriptions/*"), words("/providers/Microsoft.Management/managementGroups/*"));
    format!(r"^\s*(?:{groups}|{below}(?:{of_group}|{of_machine})?)/?\s*$")
}

/// One of these words, in any case.
fn any_word(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| any_case(word)).collect();
    format!(r"^\s*(?:{})\s*$", words.join("|"))
}

fn any_case(word: &str) -> String {
    let letter = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' => format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase()),
        '.' => r"\.".to_owned(),
        other => other.to_string(),
    };
    word.chars().map(letter).collect()
}

mod tests;
