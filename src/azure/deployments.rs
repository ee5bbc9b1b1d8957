//! Template deployments of Azure Resource Manager: one is begun, asked after, and heard about its end
//! (contract azure-resource-manager, sections 1.6 and 6).

mod said;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use azure_core::Bytes;
use azure_core::http::headers::CONTENT_TYPE;
use azure_core::http::{Method, Url};
use azure_core::time::OffsetDateTime;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answered, Flaw};
use super::call::{Call, Handle, LARGEST_ANSWER, Waits};
use super::error::Error;
use super::network::same_origin;
use super::pipeline::Channel;
use super::quota::Quota;
use super::retry_after::retry_after;
pub use said::Said;
pub use template::{batches, template};

use pure::deployment::{State, name};
use pure::domain::{Service, ZoneId};

/// The version of the contract (section 1.1).
const API_VERSION: (&str, &str) = ("api-version", "2021-04-01");
/// How long one try may take: of a template with eight hundred resources too.
const EACH: Duration = Duration::from_secs(30);
/// The tag of a deployment that says which run began it.
const RUN_TAG: &str = "heartbeat-dns-run";
/// How long is waited between two looks where the service does not say.
const REST: Duration = Duration::from_secs(5);
/// The shortest and the longest wait that is believed.
const WAITS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));
/// Pages of operations that are read at most: eight hundred and a few are not more, however short the pages are.
const MOST_PAGES: usize = 100;

/// Template deployments.
#[derive(Clone, Debug)]
pub struct Deployments {
    channel: Channel,
    pub(super) run: Handle,
    quota: Arc<Quota>,
}

/// A deployment as Resource Manager has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Whether it goes on.
    pub state: State,
    /// When it last came to another state; while it goes on, when it was begun.
    pub since: Option<Timestamp>,
    /// What whoever began it called it beside its name; none of somebody else's.
    pub label: Option<String>,
    /// What it says went wrong.
    pub said: Option<Said>,
}

/// A deployment that was begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Where to ask how far it is; none: the deployment itself is asked.
    status: Option<Url>,
    /// How long to wait before.
    pub wait: Duration,
}

impl Begun {
    /// One of which only the name is known.
    #[must_use]
    pub fn unanswered() -> Self {
        Self { status: None, wait: WAITS.0 }
    }
}

impl Deployments {
    pub(super) fn new(channel: Channel, run: Handle, quota: Arc<Quota>) -> Self {
        Self { channel, run, quota }
    }

    /// The deployment of a zone; none where there never was one.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get(&self, zone: &ZoneId) -> Result<Option<Deployment>, Error> {
        let call = self.call(zone, Method::Get, self.url(zone, ""), "read");
        self.channel
            .call(&self.run, &call, &[404], |reply| match reply.status {
                404 if says_no_deployment(reply) => Ok(None),
                404 => Err(Flaw::Refused),
                _ => Ok(Some(read(&reply.json()?, reply))),
            })
            .await
    }

    /// Begins the deployment of a zone, under its one name. Its label tells it from that of another run.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_deployment_active`] while one of that name goes on, which with an unknown certainty may be this
    /// very one.
    pub async fn begin(&self, zone: &ZoneId, template: &Value, label: &str) -> Result<Begun, Error> {
        let body = json!({
            "tags": { RUN_TAG: label },
            "properties": { "mode": "Incremental", "template": template, "parameters": {} },
        });
        let call = Call {
            headers: vec![(CONTENT_TYPE, "application/json".to_owned())],
            body: Bytes::from(body.to_string()),
            ..self.call(zone, Method::Put, self.url(zone, ""), "begin")
        };
        self.channel
            .call(&self.run, &call, &[], |reply| {
                reply.json::<Value>()?;
                // A token goes to the configured endpoint alone; where the address leads elsewhere the deployment is asked.
                let status = reply.header("azure-asyncoperation").and_then(|link| Url::parse(link).ok());
                let status = status.filter(|url| same_origin(url, self.channel.home()));
                Ok(Begun { status, wait: wait(reply) })
            })
            .await
    }

    /// How a deployment that was begun stands, and how long to wait before it is asked again.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn state(&self, zone: &ZoneId, begun: &Begun) -> Result<(State, Duration), Error> {
        let url = begun.status.clone().unwrap_or_else(|| self.url(zone, ""));
        let call = self.call(zone, Method::Get, url, "ask after");
        let pointer = if begun.status.is_some() { "/status" } else { "/properties/provisioningState" };
        self.channel
            .call(&self.run, &call, &[], |reply| {
                let body: Value = reply.json()?;
                Ok((State::of(body.pointer(pointer).and_then(Value::as_str)), wait(reply)))
            })
            .await
    }

    /// What went wrong with each resource of the newest deployment of a zone, by its id in lower case. It is only words: what was
    /// written, a read tells.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn failures(&self, zone: &ZoneId) -> Result<BTreeMap<String, Said>, Error> {
        let mut all = BTreeMap::new();
        let mut next = Some(self.url(zone, "/operations"));
        for _ in 0..MOST_PAGES {
            let Some(url) = next.take() else { break };
            let call = self.call(zone, Method::Get, url, "read the operations of");
            let (page, link) = self
                .channel
                .call(&self.run, &call, &[], |reply| {
                    let body: Value = reply.json()?;
                    let link =
                        body.get("nextLink").and_then(Value::as_str).and_then(|link| Url::parse(link).ok());
                    Ok((said::failures(&body, reply.secrets()), link))
                })
                .await?;
            all.extend(page);
            next = link.filter(|url| same_origin(url, self.channel.home()));
        }
        Ok(all)
    }

    /// Has a template without resources checked, which changes nothing: whether this identity may deploy into the group of a zone.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] when it may not.
    pub async fn try_to_validate(&self, zone: &ZoneId) -> Result<(), Error> {
        let body =
            json!({ "properties": { "mode": "Incremental", "template": template(&[]), "parameters": {} } });
        let call = Call {
            headers: vec![(CONTENT_TYPE, "application/json".to_owned())],
            body: Bytes::from(body.to_string()),
            ..self.call(zone, Method::Post, self.url(zone, "/validate"), "have a template checked for")
        };
        self.channel.call(&self.run, &call, &[], |_| Ok(())).await
    }

    fn url(&self, zone: &ZoneId, below: &str) -> Url {
        let id = zone.resource_id();
        let path = format!(
            "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.Resources/deployments/{}{below}",
            id.subscription(),
            id.resource_group(),
            name(zone)
        );
        self.channel.url(&path, &[API_VERSION])
    }

    fn call(&self, zone: &ZoneId, method: Method, url: Url, verb: &str) -> Call {
        Call {
            service: Service::Deployments,
            operation: format!("{verb} the deployment {}", name(zone)),
            method,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            each: EACH,
            largest: LARGEST_ANSWER,
            zone: Some(Waits { quota: Arc::clone(&self.quota), zone: zone.clone(), write: None }),
            allowance: None,
        }
    }
}

/// How long the service asks to wait, within what is believed.
fn wait(reply: &Answered) -> Duration {
    believed(retry_after(&reply.headers, OffsetDateTime::now_utc()))
}

fn believed(asked: Option<Duration>) -> Duration {
    asked.unwrap_or(REST).clamp(WAITS.0, WAITS.1)
}

/// Whether a 404 says that there is no such deployment; one of a group that is not there is trouble.
fn says_no_deployment(reply: &Answered) -> bool {
    super::error::code_of_body(&reply.body).is_some_and(|code| code == "DeploymentNotFound")
}

fn read(body: &Value, reply: &Answered) -> Deployment {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let label = body.get("tags").and_then(|tags| tags.get(RUN_TAG)).and_then(Value::as_str);
    Deployment {
        state: State::of(text("/properties/provisioningState")),
        since: text("/properties/timestamp").and_then(|time| time.parse().ok()),
        label: label.map(str::to_owned),
        said: body.pointer("/properties/error").and_then(|error| said::said(error, reply.secrets())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_wait_is_so_short_that_it_floods_nor_so_long_that_a_run_sleeps_over_its_end() {
        let seconds = Duration::from_secs;
        for (asked, waited) in [
            (None, REST),
            (Some(seconds(0)), WAITS.0),
            (Some(seconds(15)), seconds(15)),
            (Some(seconds(3600)), WAITS.1),
        ] {
            assert_eq!(believed(asked), waited, "{asked:?}");
        }
    }
}
