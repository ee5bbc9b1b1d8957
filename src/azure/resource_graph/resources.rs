//! Any resource through Azure Resource Manager: one by its id, and those that a query of Resource Graph finds. It looks,
//! and changes nothing.

use std::sync::Arc;

use azure_core::Bytes;
use azure_core::http::headers::CONTENT_TYPE;
use azure_core::http::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{API_VERSION, Call, EACH, Error, LARGEST_ANSWER, ResourceGraph};
use crate::azure::Caller;
use pure::domain::{ResourceId, Service};

#[derive(Deserialize)]
struct Found {
    data: Vec<Value>,
}

impl ResourceGraph {
    /// Who asks, or why there is no token for it.
    pub(in crate::azure) async fn identity(&self) -> Result<Option<Caller>, Error> {
        self.channel.identity(self.run.deadline).await
    }

    /// One resource, or the list of what lies below it, as its provider shows it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn resource(&self, id: &ResourceId, below: &str, version: &str) -> Result<Value, Error> {
        let path = format!("{}{below}", id.as_str());
        let url = self.channel.url(&path, &[("api-version", version)]);
        let call = self.plain_call(format!("read {}", id.name()), Method::Get, url, Bytes::new());
        self.channel.call(&self.run, &call, &[], |reply| reply.json()).await
    }

    /// The first page of what a query finds.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn find(&self, query: &str) -> Result<Vec<Value>, Error> {
        let url = self.channel.url("/providers/Microsoft.ResourceGraph/resources", &[API_VERSION]);
        let body = json!({ "query": query, "options": { "$top": 1000, "resultFormat": "objectArray" } });
        let mut call =
            self.plain_call("find resources".to_owned(), Method::Post, url, Bytes::from(body.to_string()));
        call.allowance = Some(Arc::clone(&self.allowance));
        call.headers.push((CONTENT_TYPE, "application/json".to_owned()));
        let found: Found = self.channel.call(&self.run, &call, &[], |reply| reply.json()).await?;
        Ok(found.data)
    }

    pub(super) fn plain_call(&self, operation: String, method: Method, url: Url, body: Bytes) -> Call {
        Call {
            service: Service::ResourceGraph,
            operation,
            method,
            url,
            headers: Vec::new(),
            body,
            each: EACH,
            largest: LARGEST_ANSWER,
            zone: None,
            allowance: None,
        }
    }
}
