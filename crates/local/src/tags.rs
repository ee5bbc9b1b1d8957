//! `--tags FILE`: which name is whose, as `az resource list` or `az graph query` print it, or as CSV `machine,name`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use crate::given::{self, Meant};
use crate::host_name;

/// The types of resources that send heartbeats.
const MACHINES: [&str; 2] = ["/microsoft.hybridcompute/machines/", "/microsoft.compute/virtualmachines/"];

/// A machine with its tags.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tagged {
    /// Its Resource Manager id, where the file has ids.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its tags, or the one tag that the file knows.
    pub tags: Map<String, Value>,
}

/// Reads the file; `tag` is the tag that names a machine in DNS.
///
/// # Errors
/// A file that cannot be read, or of another form.
pub(crate) fn read(file: &Path, tag: &str) -> Result<Vec<Tagged>> {
    parse(&given::text(file)?, tag)
        .with_context(|| format!("cannot take the tags of {}", file.display()))
        .map_err(|fault| given::swapped(fault, file, Meant::Tags))
}

fn parse(text: &str, tag: &str) -> Result<Vec<Tagged>> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if !text.starts_with(['[', '{']) {
        return csv(text, tag);
    }
    let document: Value = serde_json::from_str(text).context("it is no JSON")?;
    let resources = match &document {
        Value::Array(resources) => resources,
        Value::Object(answer) => {
            let list = ["data", "value"].iter().find_map(|member| answer.get(*member)?.as_array());
            list.context("it holds no array of resources")?
        }
        _ => bail!("it holds no array of resources"),
    };
    let tagged = resources.iter().enumerate().filter_map(|(index, resource)| {
        let text =
            |member: &str| resource[member].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let id = text("id");
        let kind = id.clone().or_else(|| text("type").map(|kind| format!("/{kind}/")));
        let is_machine =
            kind.is_none_or(|kind| MACHINES.iter().any(|machines| kind.to_lowercase().contains(machines)));
        if resource.is_object() && !is_machine {
            return None;
        }
        let name = text("name").or_else(|| id.as_deref()?.rsplit('/').next().map(str::to_owned));
        let Some(name) = name else {
            return Some(Err(anyhow::anyhow!("its element {} names no machine", index + 1)));
        };
        let tags = match &resource["tags"] {
            Value::Object(tags) => tags.clone(),
            // A column of Resource Graph may come as text.
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            _ => text(tag).map(|value| one(tag, &value)).unwrap_or_default(),
        };
        Some(Ok(Tagged { id, name, tags }))
    });
    let tagged = tagged.collect::<Result<Vec<_>>>()?;
    ensure!(!tagged.is_empty(), "it holds no machine");
    Ok(tagged)
}

/// Two fields a line, the machine and its name; a machine may stand in several lines.
fn csv(text: &str, tag: &str) -> Result<Vec<Tagged>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    for (index, record) in reader.records().enumerate() {
        let record = record.context("it is neither JSON nor CSV")?;
        let is_of_rows = index == 0 && record.iter().any(|field| field.starts_with("TimeGenerated"));
        ensure!(!is_of_rows, "its first line names TimeGenerated, and not machine,name");
        let (Some(machine), Some(name), 2) = (record.get(0), record.get(1), record.len()) else {
            bail!("its line {} is not of the form machine,name", index + 1);
        };
        let is_header =
            index == 0 && machine.eq_ignore_ascii_case("machine") && name.eq_ignore_ascii_case("name");
        if !is_header && !machine.is_empty() {
            names.entry(machine.to_owned()).or_default().push(name.to_owned());
        }
    }
    ensure!(!names.is_empty(), "it holds no machine");
    let tagged = names.into_iter().map(|(machine, names)| {
        let id = machine.starts_with('/').then(|| machine.clone());
        let name = machine.rsplit('/').next().unwrap_or(&machine).to_owned();
        Tagged { id, name, tags: one(tag, &names.join(",")) }
    });
    Ok(tagged.collect())
}

fn one(tag: &str, value: &str) -> Map<String, Value> {
    let mut tags = Map::new();
    tags.insert(tag.to_owned(), json!(value));
    tags
}

/// The names that a machine's tags claim, as reports have them, each once.
pub(crate) fn names(tags: &Map<String, Value>, tag: &str) -> Vec<String> {
    let value =
        tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(tag)).and_then(|(_, value)| value.as_str());
    let is_between = |letter: char| matches!(letter, ',' | ';') || letter.is_whitespace();
    let names = value.unwrap_or_default().split(is_between).filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.map(host_name::stored).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/NAS";

    #[test]
    fn each_form_says_which_name_is_whose() {
        let list = json!([
            { "id": ID, "name": "NAS", "type": "Microsoft.HybridCompute/machines", "tags": { "dnshostname": "nas.example.com" } },
            { "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/x", "name": "x", "tags": null },
        ]);
        let graph = json!({ "count": 1, "data": [{ "id": ID, "name": "NAS", "tags": "{\"DNSHostName\":\"nas.example.com\"}" }] });
        let projected = json!({ "data": [{ "name": "NAS", "DNSHostName": "nas.example.com" }] });
        let csv = "machine,name\nNAS, nas.example.com\n";
        for text in [list.to_string(), graph.to_string(), projected.to_string(), csv.to_owned()] {
            let tagged = parse(&text, "DNSHostName").unwrap();
            assert_eq!((tagged.len(), tagged[0].name.as_str()), (1, "NAS"), "{text}");
            assert_eq!(names(&tagged[0].tags, "DNSHostName"), ["nas.example.com"], "{text}");
        }
        let two = parse("nas,a.example.com\nnas,B.example.com.\n", "DNSHostName").unwrap();
        assert_eq!(names(&two[0].tags, "DNSHostName"), ["a.example.com", "b.example.com"]);
        for bad in ["", "[]", "{}", "[1]", "nas\n", "machine,name\n", "a,b,c\n"] {
            assert!(parse(bad, "DNSHostName").is_err(), "{bad}");
        }
    }
}
