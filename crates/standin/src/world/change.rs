//! What was changed through Resource Manager, and by whom.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{World, guid};

/// Changes that are kept.
const KEPT: usize = 1000;

/// How a resource was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    Create,
    /// It holds something else.
    Update,
    /// It is gone.
    Delete,
}

impl ChangeKind {
    /// As Resource Graph writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Delete => "Delete",
        }
    }
}

/// One change of one resource.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its own id.
    pub id: String,
    /// When it was made.
    pub at: Timestamp,
    /// What was changed, as its provider writes it.
    pub target: String,
    /// The type of that.
    pub target_type: String,
    /// How.
    pub kind: ChangeKind,
    /// The application whose token the call had.
    pub by: String,
    /// The action, such as `Microsoft.Network/dnszones/A/write`.
    pub operation: String,
    /// The properties of an update that differ, by their path.
    pub properties: Map<String, Value>,
}

impl World {
    /// Notes that a resource was one thing and is another; its JSON forms are those that its provider shows.
    pub(crate) fn note_change(&mut self, before: Option<&Value>, after: Option<&Value>, by: &str) {
        let (kind, shown) = match (before, after) {
            (None, Some(after)) => (ChangeKind::Create, after),
            (Some(before), Some(after)) if before != after => (ChangeKind::Update, after),
            (Some(before), None) => (ChangeKind::Delete, before),
            _ => return,
        };
        let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut properties = Map::new();
        if let (Some(before), Some(after)) = (before, after) {
            differences(before, after, "", &mut properties);
            // With nothing but a new etag nobody would see a change.
            if properties.is_empty() {
                return;
            }
        }
        let action = if kind == ChangeKind::Delete { "delete" } else { "write" };
        self.changes.push_back(Change {
            id: guid(),
            at: crate::clock::wall(),
            target: text("id"),
            target_type: text("type"),
            kind,
            by: by.to_owned(),
            operation: format!("{}/{action}", text("type")),
            properties,
        });
        if self.changes.len() > KEPT {
            self.changes.pop_front();
        }
    }
}

/// Collects what differs between two values, by path.
fn differences(before: &Value, after: &Value, path: &str, found: &mut Map<String, Value>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let further = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(further).filter(|name| *name != "etag") {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let of = |members: &Map<String, Value>| members.get(name).cloned().unwrap_or_default();
                differences(&of(old), &of(new), &path, found);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for place in 0..old.len().max(new.len()) {
                let of = |list: &[Value]| list.get(place).cloned().unwrap_or_default();
                differences(&of(old), &of(new), &format!("{path}[{place}]"), found);
            }
        }
        // What has parts is told part by part, also when it comes or goes.
        (Value::Null, Value::Object(_)) => differences(&json!({}), after, path, found),
        (Value::Object(_), Value::Null) => differences(before, &json!({}), path, found),
        (old, new) if old != new => {
            let kind = match (old, new) {
                (Value::Null, _) => "Insert",
                (_, Value::Null) => "Remove",
                _ => "Update",
            };
            let change = json!({
                "previousValue": old, "newValue": new, "changeCategory": "User", "propertyChangeType": kind,
            });
            found.insert(path.to_owned(), change);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_its_path() {
        let before =
            json!({ "etag": "1", "tags": null, "properties": { "TTL": 60, "a": [{ "ip": "x" }], "b": 1 } });
        let after =
            json!({ "etag": "2", "tags": { "k": "v" }, "properties": { "TTL": 60, "a": [{ "ip": "y" }] } });
        let mut found = Map::new();
        differences(&before, &after, "", &mut found);
        let mut kinds: Vec<(&str, &str)> = found
            .iter()
            .map(|(path, change)| (path.as_str(), change["propertyChangeType"].as_str().unwrap_or_default()))
            .collect();
        kinds.sort_unstable();
        assert_eq!(
            kinds,
            [("properties.a[0].ip", "Update"), ("properties.b", "Remove"), ("tags.k", "Insert")]
        );
    }
}
