//! Who changed the tag of a machine, and when, as Resource Graph's change records tell: of the last fourteen days, and of what
//! went through Resource Manager.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{Answered, Flaw, service_waits};
use super::error::Error;
use super::ids::tidy;
use super::resource_graph::{API_VERSION, ResourceGraph, query_call};
use super::retry_after::THROTTLED;
use crate::queries::quoted_list;
use pure::domain::ResourceId;

/// Records that are asked for; the newest come first.
const MOST: u32 = 100;

/// One change of the tag of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagChange {
    /// The machine, in lower case.
    pub machine: String,
    /// When.
    pub time: Timestamp,
    /// Who: the name of a person, or the id of an application; empty where it is not told.
    pub by: String,
    /// What it said before; none where it was not there.
    pub from: Option<String>,
    /// What it says since; none where it was taken off.
    pub to: Option<String>,
}

impl ResourceGraph {
    /// The changes of a tag of these machines, the newest first.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn tag_changes(
        &self,
        machines: &BTreeSet<ResourceId>,
        tag: &str,
    ) -> Result<Vec<TagChange>, Error> {
        if machines.is_empty() {
            return Ok(Vec::new());
        }
        // Which tag it was is seen here: nothing but ids enters a query.
        let query = format!(
            "resourcechanges | extend machine = tolower(tostring(properties.targetResourceId)), \
             changedAt = todatetime(properties.changeAttributes.timestamp), \
             changedBy = tostring(properties.changeAttributes.changedBy), whatChanged = properties.changes \
             | where machine in~ ({}) and tostring(whatChanged) contains 'tags' \
             | project machine, changedAt, changedBy, whatChanged | order by changedAt desc | limit {MOST}",
            quoted_list(machines)
        );
        let body = json!({ "query": query, "options": { "resultFormat": "objectArray" } });
        let url = self.channel.url("/providers/Microsoft.ResourceGraph/resources", &[API_VERSION]);
        let call = query_call("list changes of tags", url, body.to_string(), &self.allowance);
        self.allowance.wait(self.run.deadline).await.map_err(|next| service_waits(&call, next))?;
        let decode = |reply: &Answered| {
            self.allowance.learn(reply.status, &reply.headers);
            if reply.status == THROTTLED {
                return Err(Flaw::Refused);
            }
            let answer: Value = reply.json()?;
            let rows = answer["data"].as_array().ok_or_else(|| Flaw::from("the answer holds no rows"))?;
            Ok(rows.iter().filter_map(|row| change(row, tag)).collect())
        };
        self.channel.call(&self.run, &call, &[THROTTLED], decode).await
    }
}

/// What a record says of the tag; none where it speaks of others, or cannot be read.
fn change(row: &Value, tag: &str) -> Option<TagChange> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let key = format!("tags.{tag}").to_lowercase();
    let changes = row["whatChanged"].as_object()?;
    let (_, change) = changes.iter().find(|(name, _)| name.to_lowercase() == key)?;
    Some(TagChange {
        machine: tidy(row["machine"].as_str()?).to_lowercase(),
        time: row["changedAt"].as_str()?.parse().ok()?,
        by: text(&row["changedBy"]).unwrap_or_default(),
        from: text(&change["previousValue"]),
        to: text(&change["newValue"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_found_in_any_case_and_other_changes_are_none() {
        let row = |changes: Value| json!({ "machine": "/s/m", "changedAt": "2026-11-20T09:14:00Z", "changedBy": "a@b.c", "whatChanged": changes });
        let said = json!({ "previousValue": "a.example.com", "newValue": "b.example.com" });
        let found = change(&row(json!({ "tags.env": {}, "tags.dnshostname": said })), "DNSHostName").unwrap();
        assert_eq!(
            (found.from.as_deref(), found.to.as_deref()),
            (Some("a.example.com"), Some("b.example.com"))
        );
        assert_eq!((found.by.as_str(), found.machine.as_str()), ("a@b.c", "/s/m"));
        let taken = change(
            &row(json!({ "tags.DNSHostName": { "previousValue": "x", "newValue": null } })),
            "DNSHostName",
        );
        assert_eq!(taken.unwrap().to, None);
        for other in [json!({ "tags.DNSHostName2": said }), json!({ "properties.x": said }), json!(null)] {
            assert_eq!(change(&row(other), "DNSHostName"), None);
        }
    }
}
