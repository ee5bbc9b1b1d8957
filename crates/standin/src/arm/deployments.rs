//! Template deployments into a resource group: checked, compared, applied in the background
//! (contract azure-resource-manager, section 6).

mod body;
mod expression;
mod template;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Request, Scope, no_such_method, record_sets, versions};
use crate::clock::wall;
use crate::quotas::Operation;
use crate::world::{ZoneKind, guid};
use crate::{Reply, State};

use template::{Resource, Target};

/// How long a deployment takes before its first resource is written.
const PREPARING: Duration = Duration::from_millis(200);
/// Entries of a group's history at which the oldest are removed, and how many stay (section 6.4).
const HISTORY: (usize, usize) = (775, 750);

/// One deployment as its history shows it.
#[derive(Debug, Clone)]
struct Deployment {
    id: String,
    name: String,
    number: u64,
    state: &'static str,
    started: Timestamp,
    ended: Option<Timestamp>,
    correlation: String,
    operation: String,
    parameters: Value,
    types: Vec<String>,
    outputs: Vec<String>,
    failures: Vec<Value>,
}

/// All deployments by id in lower case.
#[derive(Debug, Default)]
pub(crate) struct Deployments(Mutex<BTreeMap<String, Deployment>>);

impl Deployments {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Deployment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers below `…/providers/Microsoft.Resources/deployments`; `rest` is what follows, as given.
pub(super) fn answer(request: &Request<'_>, scope: &Scope<'_>, rest: &[String]) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "deployments")?;
    let group = scope.group.ok_or_else(|| super::nothing_here(request.call))?;
    let base = format!(
        "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.Resources/deployments",
        scope.subscription
    );
    let lower: Vec<String> = rest.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let method = &request.call.method;
    let id = rest.first().map(|name| format!("{base}/{name}")).unwrap_or_default();
    match (method, lower.as_slice()) {
        (&Method::GET, []) => {
            let prefix = format!("{}/", base.to_ascii_lowercase());
            let all = request.state.deployments.all();
            let entries = all.iter().filter(|(key, _)| key.starts_with(&prefix));
            let value: Vec<Value> = entries.map(|(_, deployment)| show(deployment)).collect();
            Ok(Reply::json(200, &json!({ "value": value })))
        }
        (&Method::GET, [_]) => Ok(Reply::json(200, &show(&find(request, &id)?))),
        (&Method::DELETE, [_]) => {
            let gone = request.state.deployments.all().remove(&id.to_ascii_lowercase());
            Ok(Reply::empty(if gone.is_some() { 202 } else { 204 }))
        }
        (&Method::PUT, [_]) => create(request, scope, &id, &rest[0]),
        (&Method::POST, [_, "validate"]) => {
            let asked = body::read(request, scope)?;
            let mut deployment = fresh(&id, &rest[0], &asked);
            deployment.state = "Succeeded";
            deployment.ended = Some(deployment.started);
            let mut shown = show(&deployment);
            let ids: Vec<Value> =
                asked.resources.iter().map(|resource| json!({ "id": resource.wire_id() })).collect();
            shown["properties"]["validatedResources"] = Value::Array(ids);
            Ok(Reply::json(200, &shown))
        }
        (&Method::POST, [_, "whatif"]) => {
            let asked = body::read(request, scope)?;
            let world = request.state.world();
            let changes: Vec<Value> =
                asked.resources.iter().map(|resource| resource.compare(&world)).collect();
            Ok(Reply::json(200, &json!({ "status": "Succeeded", "properties": { "changes": changes } })))
        }
        (&Method::GET, [_, "operationstatuses", operation]) => {
            let deployment = find(request, &id)?;
            if deployment.operation != *operation {
                return Err(super::nothing_here(request.call));
            }
            let mut status = json!({ "status": deployment.state });
            if deployment.state == "Accepted" {
                status["status"] = json!("Running");
            }
            if let Some(error) = error_of(&deployment) {
                status["error"] = error;
            }
            Ok(Reply::json(200, &status))
        }
        (&Method::GET, [_, "operations"]) => {
            let deployment = find(request, &id)?;
            let operation = |output: &String| {
                json!({ "id": format!("{id}/operations/{}", guid()), "properties": {
                    "provisioningOperation": "Create", "provisioningState": "Succeeded",
                    "targetResource": { "id": output },
                } })
            };
            let value: Vec<Value> = deployment.outputs.iter().map(operation).collect();
            Ok(Reply::json(200, &json!({ "value": value })))
        }
        (_, [] | [_] | [_, _] | [_, _, _]) => Err(no_such_method(method)),
        _ => Err(super::nothing_here(request.call)),
    }
}

fn find(request: &Request<'_>, id: &str) -> Result<Deployment, Reply> {
    let all = request.state.deployments.all();
    all.get(&id.to_ascii_lowercase()).cloned().ok_or_else(|| {
        let message =
            format!("Deployment '{}' could not be found.", id.rsplit('/').next().unwrap_or_default());
        Reply::wrapped(404, "DeploymentNotFound", &message)
    })
}

fn fresh(id: &str, name: &str, asked: &body::Asked) -> Deployment {
    Deployment {
        id: id.to_owned(),
        name: name.to_owned(),
        number: 0,
        state: "Accepted",
        started: wall(),
        ended: None,
        correlation: guid(),
        operation: guid(),
        parameters: asked.parameters.clone(),
        types: asked.resources.iter().map(|resource| resource.kind.clone()).collect(),
        outputs: Vec::new(),
        failures: Vec::new(),
    }
}

fn create(request: &Request<'_>, scope: &Scope<'_>, id: &str, name: &str) -> Result<Reply, Reply> {
    let asked = body::read(request, scope)?;
    let mut deployment = fresh(id, name, &asked);
    let key = id.to_ascii_lowercase();
    let mut all = request.state.deployments.all();
    deployment.number = all.values().map(|present| present.number).max().unwrap_or(0) + 1;
    let status = if all.insert(key.clone(), deployment.clone()).is_some() { 200 } else { 201 };
    prune(&mut all, &key);
    drop(all);
    let reply = Reply::json(status, &show(&deployment));
    let address = format!(
        "{}{id}/operationStatuses/{}?api-version={}",
        request.call.base, deployment.operation, request.version
    );
    tokio::spawn(run(Arc::clone(request.state), key, deployment.operation, asked.resources));
    Ok(reply.with_header("Azure-AsyncOperation", address).with_header("Retry-After", "1"))
}

/// Removes a group's oldest entries when there are too many.
fn prune(all: &mut BTreeMap<String, Deployment>, key: &str) {
    let prefix = key.rsplit_once('/').map(|(prefix, _)| format!("{prefix}/")).unwrap_or_default();
    let mut numbers: Vec<(u64, String)> = all
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix))
        .map(|(key, deployment)| (deployment.number, key.clone()))
        .collect();
    if numbers.len() > HISTORY.0 {
        numbers.sort_unstable();
        for (_, key) in numbers.iter().take(numbers.len() - HISTORY.1) {
            all.remove(key);
        }
    }
}

/// Writes the resources one after the other. A failure does not undo what was written before it (section 6.2).
/// A deployment whose name was used again stops: of several only the last completes (section 6.4).
async fn run(state: Arc<State>, key: String, operation: String, resources: Vec<Resource>) {
    tokio::time::sleep(PREPARING + state.options.latency).await;
    let change = |change: &mut dyn FnMut(&mut Deployment)| {
        let mut all = state.deployments.all();
        let current = all.get_mut(&key).filter(|deployment| deployment.operation == operation);
        let is_current = current.is_some();
        current.into_iter().for_each(change);
        is_current
    };
    for resource in &resources {
        if !change(&mut |deployment| deployment.state = "Running") {
            return;
        }
        let written = loop {
            match write(&state, resource) {
                // A deployment waits for the provider by itself.
                Err(reply) if reply.status == 429 => tokio::time::sleep(Duration::from_secs(1)).await,
                other => break other,
            }
        };
        change(&mut |deployment| match &written {
            Ok(()) => deployment.outputs.push(resource.wire_id()),
            Err(reply) => {
                let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
                let error = body.get("error").cloned().unwrap_or(body);
                // The inner message is a JSON document in a text, as the service nests it.
                let message = json!({ "error": error }).to_string();
                deployment.failures.push(json!({ "code": error["code"], "message": message }));
            }
        });
    }
    change(&mut |deployment| {
        deployment.state = if deployment.failures.is_empty() { "Succeeded" } else { "Failed" };
        deployment.ended = Some(wall());
    });
}

fn write(state: &State, resource: &Resource) -> Result<(), Reply> {
    let zone = &resource.zone;
    let mut world = state.world_mut();
    super::locks::refuse(&world, &Method::PUT, &resource.wire_id())?;
    match &resource.target {
        Target::Zone => super::zones::ensure(&mut world, zone),
        Target::RecordSet { record_type, name, properties } => {
            let kind = ZoneKind::of(&zone.kind).unwrap_or(ZoneKind::Public);
            let exists = world
                .zones
                .get(&zone.key())
                .is_some_and(|zone| zone.record_set(name, *record_type).is_some());
            let operation = if exists { Operation::Update } else { Operation::Create };
            state.quotas.dns(&zone.text, kind, operation, &format!("/{record_type}"))?;
            record_sets::write(&mut world, zone, *record_type, name, properties, false, None).map(drop)
        }
    }
}

fn error_of(deployment: &Deployment) -> Option<Value> {
    (deployment.state == "Failed").then(|| {
        json!({
            "code": "DeploymentFailed", "target": deployment.id,
            "message": "At least one resource deployment operation failed. Please list deployment operations for \
                        details.",
            "details": deployment.failures,
        })
    })
}

fn show(deployment: &Deployment) -> Value {
    let until = deployment.ended.unwrap_or_else(wall);
    let seconds = until.duration_since(deployment.started).as_secs_f64();
    let mut types = deployment.types.clone();
    types.sort_unstable();
    types.dedup();
    let types: Vec<Value> = types
        .iter()
        .map(|kind| {
            let kind = kind.split_once('/').map_or(kind.as_str(), |(_, kind)| kind);
            json!({ "resourceType": kind, "locations": [null] })
        })
        .collect();
    let mut properties = Map::new();
    for (name, value) in [
        ("templateHash", json!(deployment.operation.bytes().map(u64::from).sum::<u64>().to_string())),
        ("parameters", deployment.parameters.clone()),
        ("mode", json!("Incremental")),
        ("provisioningState", json!(deployment.state)),
        ("timestamp", json!(format!("{:.7}", deployment.started))),
        ("duration", json!(format!("PT{seconds:.7}S"))),
        ("correlationId", json!(deployment.correlation)),
        ("providers", json!([{ "namespace": "Microsoft.Network", "resourceTypes": types }])),
        ("dependencies", json!([])),
    ] {
        properties.insert(name.to_owned(), value);
    }
    if !deployment.outputs.is_empty() {
        let outputs: Vec<Value> = deployment.outputs.iter().map(|id| json!({ "id": id })).collect();
        properties.insert("outputResources".to_owned(), Value::Array(outputs));
    }
    if let Some(error) = error_of(deployment) {
        properties.insert("error".to_owned(), error);
    }
    json!({
        "id": deployment.id, "name": deployment.name, "type": "Microsoft.Resources/deployments",
        "properties": properties,
    })
}
