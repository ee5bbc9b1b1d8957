//! An answer of Resource Graph, read in place: which machines are in it, and what follows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::machine::Machine;
use super::misspelt::{Likeness, Misspelt, OtherTag};
use crate::azure::error::line;
use crate::azure::ids::tidy;
use crate::azure::loose::{Loose, Pairs, Shaped};
use crate::azure::redact::Secrets;
use crate::config::MachineColumns;
use pure::domain::{HardwareId, ResourceId};

#[derive(Deserialize)]
pub(super) struct Answer<'a> {
    #[serde(borrow)]
    data: Vec<Shaped<Row<'a>>>,
    #[serde(default, rename = "totalRecords")]
    total_records: Option<u64>,
    #[serde(default, borrow, rename = "$skipToken")]
    skip_token: Loose<'a>,
    #[serde(default, rename = "resultTruncated")]
    result_truncated: Option<Value>,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(default, borrow)]
    id: Loose<'a>,
    #[serde(default, borrow)]
    name: Loose<'a>,
    #[serde(default, borrow, rename = "type")]
    resource_type: Loose<'a>,
    #[serde(default, borrow)]
    location: Loose<'a>,
    /// Null for a machine without tags; a row without the column says nothing of them.
    #[serde(default = "untold", borrow)]
    tags: Shaped<Pairs<'a>>,
    /// The UUID of the machine's firmware; there only where it was asked for.
    #[serde(default, borrow, rename = "vmUuid")]
    hardware: Loose<'a>,
    /// The chain of management groups above its subscription, the nearest first; there only where it was asked for.
    #[serde(default)]
    groups: Value,
}

/// What a column that is not there says.
fn untold<T>() -> Shaped<T> {
    Shaped::Other
}

/// What an answer comes to.
pub(super) struct Rows {
    pub(super) sent_at: Timestamp,
    /// Machines that were asked for.
    pub(super) machines: Vec<Machine>,
    /// Machines without the tag that carry one which was probably meant to be it.
    pub(super) misspelt: Vec<Misspelt>,
    /// Machines whose row does not say what their tags are, here without any.
    pub(super) untold: Vec<Machine>,
    /// Whether a row names no machine, or one whose id cannot be trusted: it is left out, and may be anybody's.
    pub(super) is_strange: bool,
    /// All rows, those of other machines included.
    pub(super) count: u64,
    pub(super) total: Option<u64>,
    pub(super) next: Option<String>,
    pub(super) is_truncated: bool,
}

impl Answer<'_> {
    /// Whether it says how many rows there are in all: without that, a list that was cut looks whole (contract
    /// azure-resource-manager, sections 4.2 and 4.3).
    pub(super) fn says_how_many(&self) -> bool {
        self.total_records.is_some()
    }
}

/// Which rows of an answer are wanted.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) tag: String,
    /// Whether machines without the tag are wanted as well.
    pub(super) untagged: bool,
    pub(super) columns: Arc<MachineColumns>,
}

/// `"true"` as the service writes it, or `true`; only what says no is a no, for a list that was cut must not look whole.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(truth)) => *truth,
        Some(Value::String(text)) => !text.trim().eq_ignore_ascii_case("false"),
        Some(_) => true,
    }
}

/// The values of a tag of the machine that was asked for. Words, when the answer is about anything else: a machine that
/// does not show has not lost its tag.
pub(super) fn tags_of_machine(answer: &Value, asked: &ResourceId, tag: &str) -> Result<Vec<String>, String> {
    let id = answer.get("id").and_then(Value::as_str).and_then(|id| ResourceId::parse(&tidy(id)).ok());
    if id.as_ref() != Some(asked) {
        return Err("the answer is not about the machine that was asked for".to_owned());
    }
    match answer.get("tags") {
        tags @ (None | Some(Value::Null | Value::Object(_))) => Ok(tag_values(pairs(tags), tag)),
        Some(_) => Err("the tags of the machine cannot be read".to_owned()),
    }
}

/// The members of a tree of tags.
fn pairs(tags: Option<&Value>) -> impl Iterator<Item = (&str, Option<&str>)> {
    let tags = tags.and_then(Value::as_object).into_iter().flatten();
    tags.map(|(name, value)| (name.as_str(), value.as_str()))
}

impl Wanted {
    /// The machines of an answer. A row that names none is told and left out, like one whose id cannot be trusted: it is some
    /// machine's, and what that machine's claims are is asked by its id wherever a name rests on them. The others go on.
    ///
    /// Words, when no row has an id, for then it is the answer of something else; or when what leads on cannot be read.
    pub(super) fn rows(&self, answer: &Answer<'_>, sent_at: Timestamp) -> Result<Rows, String> {
        let (mut strange, mut untold): (Vec<&str>, _) = (Vec::new(), Vec::new());
        let mut machines = Vec::with_capacity(answer.data.len());
        let mut misspelt = Vec::new();
        for row in &answer.data {
            let Shaped::There(row) = row else {
                strange.push("");
                continue;
            };
            match &row.tags {
                Shaped::There(tags) => match self.tagged(row, &tags.0, &mut strange) {
                    Some(machine) => machines.push(machine),
                    None => misspelt.extend(self.misspelt(row, &tags.0)),
                },
                Shaped::Nothing => machines.extend(self.tagged(row, &[], &mut strange)),
                Shaped::Other => untold.extend(machine(row, Vec::new(), BTreeMap::new(), &mut strange)),
            }
        }
        if !answer.data.is_empty()
            && strange.len() == answer.data.len()
            && strange.iter().all(|id| id.is_empty())
        {
            return Err("no row has an id".to_owned());
        }
        if let Some(first) = strange.first() {
            let first = line(first, &Secrets::default());
            tracing::warn!(
                "rows of Azure Resource Graph are left out: {} have an id that cannot be read, such as '{first}'",
                strange.len()
            );
        }
        Ok(Rows {
            sent_at,
            machines,
            misspelt,
            untold,
            is_strange: !strange.is_empty(),
            count: answer.data.len() as u64,
            total: answer.total_records,
            next: answer.skip_token.way_on()?.map(str::to_owned),
            is_truncated: is_true(answer.result_truncated.as_ref()),
        })
    }

    /// The tag of a row that was probably meant to be the wanted one.
    fn misspelt(&self, row: &Row<'_>, tags: &[(Loose<'_>, Loose<'_>)]) -> Option<Misspelt> {
        let tag = self.other_tag(tags)?;
        Some(Misspelt { machine: ResourceId::parse(&tidy(row.id.text())).ok()?, tag })
    }

    /// The likeliest of the tags that were probably meant to be the wanted one.
    fn other_tag(&self, tags: &[(Loose<'_>, Loose<'_>)]) -> Option<OtherTag> {
        let alike = tags.iter().filter_map(|(key, value)| {
            let (key, value) = (key.text(), value.as_text()?);
            Some((Likeness::of((key, value), &self.tag, &self.columns.zones)?, key, value))
        });
        let (likeness, key, value) = alike.min_by_key(|(likeness, ..)| *likeness)?;
        Some(OtherTag { likeness, key: key.to_owned(), value: value.to_owned() })
    }

    /// A row as a machine; `None` for one that is not wanted, or has an id that cannot be trusted, which is then strange.
    fn tagged<'a>(
        &self,
        row: &'a Row<'_>,
        tags: &[(Loose<'_>, Loose<'_>)],
        strange: &mut Vec<&'a str>,
    ) -> Option<Machine> {
        let pairs = tags.iter().map(|(name, value)| (name.text(), value.as_text()));
        let tag_values = tag_values(pairs, &self.tag);
        if tag_values.is_empty() && !self.untagged && !row.id.text().is_empty() {
            return None;
        }
        let further = further_tags(tags, &self.columns);
        // Where a template names machines too, a missing tag is no slip.
        let other_tag = if tag_values.is_empty() && !self.columns.untagged {
            self.other_tag(tags).map(Box::new)
        } else {
            None
        };
        Some(Machine { other_tag, ..machine(row, tag_values, further, strange)? })
    }
}

/// A row as a machine; `None` for one that has an id that cannot be trusted, which is then strange.
fn machine<'a>(
    row: &'a Row<'_>,
    tag_values: Vec<String>,
    tags: BTreeMap<String, String>,
    strange: &mut Vec<&'a str>,
) -> Option<Machine> {
    let Ok(id) = ResourceId::parse(&tidy(row.id.text())) else {
        strange.push(row.id.text());
        return None;
    };
    Some(Machine {
        id,
        name: row.name.text().to_owned(),
        resource_type: row.resource_type.text().to_owned(),
        location: row.location.text().to_owned(),
        tag_values,
        tags,
        hardware: HardwareId::parse(row.hardware.text()),
        other_tag: None,
        groups: groups(&row.groups),
    })
}

/// The tags that were asked for. Of two spellings of one key neither can be told to be the one that was meant.
fn further_tags(tags: &[(Loose<'_>, Loose<'_>)], columns: &MachineColumns) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for key in &columns.tags {
        let pairs = tags.iter().map(|(name, value)| (name.text(), value.as_text()));
        if let [value] = tag_values(pairs, key).as_slice() {
            found.insert(key.clone(), value.clone());
        }
    }
    found
}

/// The names of a chain. One that is empty or has an element without a name was not told: there is always the tenant's own
/// group.
fn groups(chain: &Value) -> Option<Vec<String>> {
    let names = chain.as_array()?.iter().map(|group| group.get("name")?.as_str().map(str::to_owned));
    names.collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())
}

/// The values of a tag. Tags may be null, names come in any case (contract azure-resource-manager, section 4.4).
fn tag_values<'a>(tags: impl Iterator<Item = (&'a str, Option<&'a str>)>, tag: &str) -> Vec<String> {
    let is_same = |name: &str| {
        name.eq_ignore_ascii_case(tag)
            || !(name.is_ascii() && tag.is_ascii()) && name.to_lowercase() == tag.to_lowercase()
    };
    tags.filter(|(name, _)| is_same(name)).filter_map(|(_, value)| value).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_tag_is_found_in_any_case_and_null_tags_are_none() {
        let tags = json!({"dnshostname": "a", "DNSHostName": "b", "env": "prod", "DnsHostName": 1});
        assert_eq!(tag_values(pairs(Some(&tags)), "DNSHostName"), ["a", "b"]);
        assert_eq!(tag_values(pairs(Some(&Value::Null)), "DNSHostName"), Vec::<String>::new());
        assert_eq!(tag_values(pairs(None), "DNSHostName"), Vec::<String>::new());
    }

    #[test]
    fn truncation_is_a_text() {
        assert!(is_true(Some(&json!("true"))) && is_true(Some(&json!(true))));
        assert!(!is_true(Some(&json!("False"))) && !is_true(Some(&json!(false))) && !is_true(None));
        assert!(!is_true(Some(&Value::Null)));
        for odd in [json!(1), json!("yes"), json!({}), json!("")] {
            assert!(is_true(Some(&odd)), "{odd} does not say that the list is whole");
        }
    }
}
