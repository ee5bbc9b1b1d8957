//! What a deployment did, step by step: its `operations`.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::world::ResourceId;

/// One resource that was written, or that could not be.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The id of the operation.
    pub(super) operation: String,
    pub(super) resource_id: String,
    pub(super) resource_type: String,
    pub(super) ended: Timestamp,
    /// The status that it was answered with.
    pub(super) status: StatusCode,
    /// Why it failed; none when it did not.
    pub(super) failure: Option<Value>,
}

impl Step {
    /// The operation below the deployment of this id.
    pub(super) fn show(&self, deployment: &str) -> Value {
        let name = ResourceId::parse(&self.resource_id).map(|id| id.name).unwrap_or_default();
        let state = if self.failure.is_some() { "Failed" } else { "Succeeded" };
        // The name of a status has no blanks here.
        let status = self.status.canonical_reason().unwrap_or_default().replace(' ', "");
        let mut properties = json!({
            "provisioningOperation": "Create", "provisioningState": state, "timestamp": format!("{:.7}", self.ended),
            "duration": "PT0.2S", "trackingId": self.operation, "serviceRequestId": self.operation,
            "statusCode": status,
            "targetResource": {
                "id": self.resource_id, "resourceType": &*self.resource_type, "resourceName": &*name,
            },
        });
        if let Some(failure) = &self.failure {
            properties["statusMessage"] = json!({ "error": failure });
        }
        operation(deployment, &self.operation, &properties)
    }
}

/// The last operation of a deployment that came to its end.
pub(super) fn evaluation(deployment: &str, id: &str, ended: Timestamp) -> Value {
    let properties = json!({
        "provisioningOperation": "EvaluateDeploymentOutput", "provisioningState": "Succeeded",
        "timestamp": format!("{ended:.7}"), "duration": "PT0.1S", "trackingId": id, "statusCode": "OK",
    });
    operation(deployment, id, &properties)
}

fn operation(deployment: &str, id: &str, properties: &Value) -> Value {
    json!({ "id": format!("{deployment}/operations/{id}"), "operationId": id, "properties": properties })
}
