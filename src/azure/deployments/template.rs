//! The template of record sets: valid for `az deployment group create --template-file` as well.

use serde_json::{Map, Value, json};

use crate::azure::dns;
use pure::deployment::MOST;
use pure::domain::{RecordSet, Zone};

/// Octets of a template at most: Resource Manager takes 4 MB with everything around it (contract azure-resource-manager, section
/// 6.4).
const LARGEST: usize = 3 * 1024 * 1024;

/// One template for these record sets, which all stand in one resource group.
#[must_use]
pub fn template(sets: &[RecordSet]) -> Value {
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": sets.iter().map(resource).collect::<Vec<_>>(),
    })
}

/// How many of these record sets go into each template, one after the other.
#[must_use]
pub fn batches(sets: &[RecordSet]) -> Vec<usize> {
    let mut all = Vec::new();
    let (mut count, mut octets) = (0, 0);
    for set in sets {
        let size = resource(set).to_string().len();
        if count == MOST || (count > 0 && octets + size > LARGEST) {
            all.push(count);
            (count, octets) = (0, 0);
        }
        count += 1;
        octets += size;
    }
    all.extend((count > 0).then_some(count));
    all
}

fn resource(set: &RecordSet) -> Value {
    let of = Zone { id: set.zone.clone() };
    let relative = of.relative(&set.name).unwrap_or_else(|| set.name.as_str());
    json!({
        "type": format!("{}/{}", dns::resource_type(set.zone.kind()), set.record_type),
        "apiVersion": dns::version(set.zone.kind()),
        "name": format!("{}/{relative}", set.zone.zone_name()),
        "properties": literal(&dns::properties(set)),
    })
}

/// The same value, with no text in it that a template would evaluate, names of members among them: other people's metadata are no
/// expressions.
fn literal(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(unevaluated(text)),
        Value::Array(list) => list.iter().map(literal).collect(),
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (unevaluated(name), literal(value))).collect::<Map<_, _>>(),
        ),
        other => other.clone(),
    }
}

fn unevaluated(text: &str) -> String {
    let is_expression = text.starts_with('[') && text.ends_with(']');
    if is_expression { format!("[{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use pure::domain::{HostName, RecordType, ZoneId};

    fn set(metadata: &[(&str, &str)]) -> RecordSet {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/Example.com";
        RecordSet {
            id: String::new(),
            zone: ZoneId::parse(id).unwrap(),
            name: HostName::parse("x.y.example.com").unwrap(),
            record_type: RecordType::Aaaa,
            etag: "e".to_owned(),
            ttl: 60,
            addresses: BTreeSet::from(["2001:db8::7".parse().unwrap()]),
            alias: None,
            auto_registered: false,
            metadata: metadata
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
            other: Map::new(),
        }
    }

    #[test]
    fn a_resource_is_the_whole_set_and_nothing_in_it_is_evaluated() {
        let foreign =
            [("a", "[resourceGroup().id]"), ("b", "[open"), ("c", "plain"), ("d", "[[x]"), ("[e]", "x")];
        let template = template(&[set(&foreign)]);
        assert_eq!(
            template["resources"],
            json!([{
                "type": "Microsoft.Network/dnsZones/AAAA", "apiVersion": "2018-05-01", "name": "example.com/x.y",
                "properties": {
                    "TTL": 60, "AAAARecords": [{ "ipv6Address": "2001:db8::7" }],
                    "metadata": { "a": "[[resourceGroup().id]", "b": "[open", "c": "plain", "d": "[[[x]", "[[e]": "x" },
                },
            }])
        );
    }

    #[test]
    fn a_template_holds_eight_hundred_sets_and_no_more_octets_than_are_taken() {
        let counts = |many: usize, metadata: &str| batches(&vec![set(&[("k", metadata)]); many]);
        assert_eq!(counts(0, ""), [0; 0]);
        assert_eq!(counts(800, ""), [800]);
        assert_eq!(counts(2000, ""), [800, 800, 400]);
        let large = counts(5, &"m".repeat(1024 * 1024));
        assert_eq!(large, [2, 2, 1]);
        assert_eq!(
            counts(1, &"m".repeat(8 * 1024 * 1024)),
            [1],
            "what no template takes is refused, not left out"
        );
    }
}
