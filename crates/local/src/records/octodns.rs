//! A zone as octoDNS keeps it: YAML, in a file of the zone's name.

use anyhow::{Context, Result, anyhow, bail};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value, json};

use super::{Records, zone_name};

/// What octoDNS takes where a record names none.
const TTL: u64 = 3600;
/// A text of a TXT record holds so many bytes at most; longer ones stand in several.
const TEXT: usize = 255;
/// Deeper than any record.
const DEPTH: usize = 16;

/// Reads the file; its name without the extension is the zone.
pub(super) fn read(text: &str, stem: &str) -> Result<Records> {
    let mut records = Records::new(&zone_name(stem).context("the zone is the file's name")?);
    let mut documents = Yaml::load_from_str(text).map_err(|fault| anyhow!("it is no YAML: {fault}"))?;
    let zone = match documents.pop() {
        None => return Ok(records),
        Some(_) if !documents.is_empty() => bail!("it holds several documents"),
        Some(document) => value_of(&document, DEPTH)?,
    };
    let Value::Object(zone) = zone else { bail!("it is no mapping of names to records") };
    for (name, entry) in zone {
        let entries = match entry {
            Value::Array(entries) => entries,
            entry => vec![entry],
        };
        let name = if name.is_empty() { "@" } else { &name };
        for entry in entries {
            let set = record_set(name, &entry).with_context(|| format!("its record '{name}' is none"))?;
            records.put(set);
        }
    }
    Ok(records)
}

/// A set of a world document; of a type that none of ours is, with its type alone.
fn record_set(name: &str, entry: &Value) -> Result<Value> {
    let kind = entry["type"].as_str().context("no type")?.to_ascii_uppercase();
    let ttl = match &entry["ttl"] {
        Value::Null => TTL,
        ttl => ttl.as_u64().context("its ttl is no number")?,
    };
    let values = match (&entry["values"], &entry["value"]) {
        (Value::Array(values), _) => values.clone(),
        (Value::Null, Value::Null) => Vec::new(),
        (Value::Null, value) | (value, _) => vec![value.clone()],
    };
    let mut set = json!({ "name": name, "type": kind, "TTL": ttl.max(1) });
    let texts = || values.iter().map(|value| value.as_str().context("a value is no text"));
    let of = |value: &Value, members: &[&str]| members.iter().find_map(|member| value.get(*member).cloned());
    let list = |one: &dyn Fn(&Value) -> Option<Value>| -> Result<Value> {
        values.iter().map(|value| one(value).with_context(|| format!("{value} lacks a member"))).collect()
    };
    match kind.as_str() {
        "A" => {
            set["ARecords"] =
                texts().map(|text| Ok(json!({ "ipv4Address": text? }))).collect::<Result<_>>()?;
        }
        "AAAA" => {
            set["AAAARecords"] =
                texts().map(|text| Ok(json!({ "ipv6Address": text? }))).collect::<Result<_>>()?;
        }
        "NS" => {
            set["NSRecords"] = texts().map(|text| Ok(json!({ "nsdname": text? }))).collect::<Result<_>>()?;
        }
        "PTR" => {
            set["PTRRecords"] =
                texts().map(|text| Ok(json!({ "ptrdname": text? }))).collect::<Result<_>>()?;
        }
        "CNAME" => set["CNAMERecord"] = json!({ "cname": texts().next().context("no value")?? }),
        "TXT" => {
            // A semicolon is escaped in octoDNS's files.
            let text = |text: &str| json!({ "value": cut(&text.replace("\\;", ";")) });
            set["TXTRecords"] = texts().map(|value| Ok(text(value?))).collect::<Result<_>>()?;
        }
        "MX" => {
            set["MXRecords"] = list(&|value| {
                Some(
                    json!({ "preference": of(value, &["preference", "priority"])?, "exchange": of(value, &["exchange", "value"])? }),
                )
            })?;
        }
        "SRV" => {
            set["SRVRecords"] = list(&|value| {
                Some(json!({ "priority": of(value, &["priority"])?, "weight": of(value, &["weight"])?,
                    "port": of(value, &["port"])?, "target": of(value, &["target"])? }))
            })?;
        }
        "CAA" => {
            set["caaRecords"] = list(&|value| {
                let flags = of(value, &["flags"]).unwrap_or_else(|| 0.into());
                Some(json!({ "flags": flags, "tag": of(value, &["tag"])?, "value": of(value, &["value"])? }))
            })?;
        }
        _ => {}
    }
    Ok(set)
}

/// A text in parts that a record can hold, cut between letters.
fn cut(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for letter in text.chars() {
        match parts.last_mut() {
            Some(part) if part.len() + letter.len_utf8() <= TEXT => part.push(letter),
            _ => parts.push(letter.to_string()),
        }
    }
    parts
}

/// YAML as JSON. Keys are texts here: octoDNS's names may look like numbers.
fn value_of(yaml: &Yaml<'_>, depth: usize) -> Result<Value> {
    let below = depth.checked_sub(1).context("it is nested too deeply")?;
    Ok(match yaml {
        Yaml::Value(scalar) => of_scalar(scalar),
        Yaml::Sequence(values) => values.iter().map(|value| value_of(value, below)).collect::<Result<_>>()?,
        Yaml::Mapping(members) => {
            let mut object = Map::new();
            for (name, value) in members {
                let name = match value_of(name, below)? {
                    Value::String(name) => name,
                    Value::Null => String::new(),
                    name @ (Value::Number(_) | Value::Bool(_)) => name.to_string(),
                    _ => bail!("a name is a list or a mapping"),
                };
                object.insert(name, value_of(value, below)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(_, value) => value_of(value, below)?,
        Yaml::Representation(text, ..) => Value::from(text.as_ref()),
        Yaml::Alias(_) | Yaml::BadValue => bail!("it holds what YAML does not explain"),
    })
}

fn of_scalar(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::from(*value),
        Scalar::Integer(value) => Value::from(*value),
        Scalar::FloatingPoint(value) => {
            Number::from_f64(value.into_inner()).map_or(Value::Null, Value::Number)
        }
        Scalar::String(text) => Value::from(text.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: &str = "\
---
? ''
: - type: MX
    values:
    - exchange: mail.example.net.
      preference: 10
  - type: TXT
    value: v=spf1 -all\\; x
nas:
  octodns:
    azuredns: {}
  ttl: 60
  type: A
  values: [198.51.100.7, 198.51.100.8]
www:
  type: CNAME
  value: nas.home.example.org.
10:
  type: AAAA
  value: 2001:db8::7
loc: {type: LOC, value: {}}
";

    #[test]
    fn a_zone_is_read_and_its_name_is_the_files() {
        let records = read(ZONE, "home.example.org").unwrap();
        assert_eq!(records.zone, "home.example.org");
        assert_eq!(
            Value::from(records.sets.clone()),
            json!([
                { "name": "@", "type": "MX", "TTL": 3600, "MXRecords": [{ "preference": 10, "exchange": "mail.example.net." }] },
                { "name": "@", "type": "TXT", "TTL": 3600, "TXTRecords": [{ "value": ["v=spf1 -all; x"] }] },
                { "name": "nas", "type": "A", "TTL": 60, "ARecords": [{ "ipv4Address": "198.51.100.7" }, { "ipv4Address": "198.51.100.8" }] },
                { "name": "www", "type": "CNAME", "TTL": 3600, "CNAMERecord": { "cname": "nas.home.example.org." } },
                { "name": "10", "type": "AAAA", "TTL": 3600, "AAAARecords": [{ "ipv6Address": "2001:db8::7" }] },
            ])
        );
        assert_eq!(records.left_out, ["LOC loc"]);
        assert_eq!(cut(&"é".repeat(130)).iter().map(String::len).collect::<Vec<_>>(), [254, 6]);
    }

    #[test]
    fn what_is_no_zone_is_refused_in_words() {
        for (text, stem) in [
            ("a: 1", "home.example.org"),
            ("- a", "home.example.org"),
            ("a: [", "home.example.org"),
            ("a: {type: A, ttl: soon}", "home.example.org"),
            ("a: {type: A, value: 1}", "home.example.org"),
            ("", "config"),
        ] {
            assert!(read(text, stem).is_err(), "{text} {stem}");
        }
    }
}
