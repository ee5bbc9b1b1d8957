//! One deployment of the history, and how it is shown.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::steps::{self, Step};

/// One deployment as its history shows it.
#[derive(Debug, Clone)]
pub(super) struct Deployment {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) number: u64,
    pub(super) state: &'static str,
    pub(super) started: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) correlation: String,
    pub(super) operation: String,
    /// Whether somebody asked how far it is: the first who does hears that it goes on.
    pub(super) was_looked_at: bool,
    /// The region of a deployment at a subscription.
    pub(super) location: Option<String>,
    /// Its own labels.
    pub(super) tags: Option<Value>,
    pub(super) template: Value,
    pub(super) parameters: Value,
    /// What its template gives away at the end.
    pub(super) outputs: Value,
    pub(super) types: Vec<String>,
    /// Which resources wait for which.
    pub(super) dependencies: Vec<Value>,
    pub(super) steps: Vec<Step>,
    /// The ids of what was written.
    pub(super) written: Vec<String>,
    pub(super) failures: Vec<Value>,
}

/// All deployments by id in lower case.
#[derive(Debug, Default)]
pub(crate) struct Deployments(Mutex<BTreeMap<String, Deployment>>);

impl Deployments {
    pub(super) fn all(&self) -> MutexGuard<'_, BTreeMap<String, Deployment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deployment {
    /// What a deployment did, and at its end the evaluation of its outputs.
    pub(super) fn operations(&self) -> Vec<Value> {
        let mut all: Vec<Value> = self.steps.iter().map(|step| step.show(&self.id)).collect();
        if let Some(ended) = self.ended.filter(|_| self.state == "Succeeded") {
            all.push(steps::evaluation(&self.id, &self.operation, ended));
        }
        all
    }

    /// Why it failed; none when it did not.
    pub(super) fn error(&self) -> Option<Value> {
        (self.state == "Failed").then(|| {
        json!({
            "code": "DeploymentFailed", "target": self.id,
            "message": "At least one resource deployment operation failed. Please list deployment operations for \
                        details.",
            "details": self.failures,
        })
    })
    }

    /// The body of a GET.
    pub(super) fn show(&self) -> Value {
        let until = self.ended.unwrap_or_else(crate::clock::wall);
        let seconds = until.duration_since(self.started).as_secs_f64();
        let mut types = self.types.clone();
        types.sort_unstable();
        types.dedup();
        let types: Vec<Value> = types
            .iter()
            .map(|kind| {
                let kind = kind.split_once('/').map_or(kind.as_str(), |(_, kind)| kind);
                json!({ "resourceType": kind, "locations": [null] })
            })
            .collect();
        let providers = if types.is_empty() {
            Vec::new()
        } else {
            vec![json!({ "namespace": "Microsoft.Network", "resourceTypes": types })]
        };
        let mut properties = Map::new();
        for (name, value) in [
            ("templateHash", json!(self.operation.bytes().map(u64::from).sum::<u64>().to_string())),
            ("parameters", self.parameters.clone()),
            ("mode", json!("Incremental")),
            ("provisioningState", json!(self.state)),
            ("timestamp", json!(format!("{:.7}", self.ended.unwrap_or(self.started)))),
            ("duration", json!(format!("PT{seconds:.7}S"))),
            ("correlationId", json!(self.correlation)),
            ("providers", json!(providers)),
            ("dependencies", json!(self.dependencies)),
        ] {
            properties.insert(name.to_owned(), value);
        }
        let is_done = self.state == "Succeeded";
        if is_done {
            properties.insert("outputs".to_owned(), self.outputs.clone());
        }
        if is_done || !self.written.is_empty() {
            let written: Vec<Value> = self.written.iter().map(|id| json!({ "id": id })).collect();
            properties.insert("outputResources".to_owned(), Value::Array(written));
        }
        if let Some(error) = self.error() {
            properties.insert("error".to_owned(), error);
        }
        let mut shown = json!({
            "id": self.id, "name": self.name, "type": "Microsoft.Resources/deployments",
            "properties": properties,
        });
        if let Some(location) = &self.location {
            shown["location"] = json!(location);
        }
        if let Some(tags) = &self.tags {
            shown["tags"] = tags.clone();
        }
        shown
    }
}
