//! Template deployments into a resource group: checked, compared, applied in the background
//! (contract azure-resource-manager, section 6).

mod body;
mod entry;
mod expression;
mod held;
mod history;
mod limits;
mod order;
mod parameters;
mod refusal;
mod rights;
mod steps;
mod template;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::paging::Page;
use super::request::{Request, Scope, no_such_method};
use super::{operations, record_sets, versions};
use crate::clock::wall;
use crate::quotas::Operation;
use crate::world::{ZoneKind, guid};
use crate::{Reply, State};

pub(crate) use entry::Deployments;
pub(crate) use held::Held;

use entry::Deployment;
use steps::Step;
use template::{Resource, Target};

/// How long a deployment takes before its first resource is written.
const PREPARING: Duration = Duration::from_millis(200);

/// Answers below `…/providers/Microsoft.Resources/deployments`; `rest` is what follows, as given.
pub(super) fn answer(request: &Request<'_>, scope: &Scope<'_>, rest: &[String]) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "deployments")?;
    let group = scope.group.map(|group| format!("/resourceGroups/{group}")).unwrap_or_default();
    let base =
        format!("/subscriptions/{}{group}/providers/Microsoft.Resources/deployments", scope.subscription);
    let lower: Vec<String> = rest.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let method = &request.call.method;
    let id = rest.first().map(|name| format!("{base}/{name}")).unwrap_or_default();
    match (method, lower.as_slice()) {
        (&Method::GET, []) => list(request, &base),
        (&Method::GET, [_]) => Ok(Reply::json(200, &find(request, &id)?.show())),
        (&Method::HEAD, [_]) => {
            let known = request.state.deployments.all().contains_key(&id.to_ascii_lowercase());
            Ok(Reply::empty(if known { 204 } else { 404 }))
        }
        (&Method::DELETE, [_]) => {
            let gone = request.state.deployments.all().remove(&id.to_ascii_lowercase());
            let folder = format!("/subscriptions/{}/operationresults", scope.subscription);
            let operations = &request.state.operations;
            Ok(match gone {
                Some(_) => {
                    let done = operations::Outcome::Done(Reply::empty(204));
                    operations.begin(request.call, &request.version, &[("Location", folder)], done)
                }
                None => Reply::empty(204),
            })
        }
        (&Method::POST, [_, "exporttemplate"]) => {
            Ok(Reply::json(200, &json!({ "template": find(request, &id)?.template })))
        }
        (&Method::POST, [_, "cancel"]) => cancel(request, &id),
        (&Method::PUT, [_]) => create(request, scope, &id, &rest[0]),
        (&Method::POST, [_, "validate"]) => {
            let asked = body::read(request, scope, &rest[0])?;
            rights::check(request, &asked.resources)?;
            let mut deployment = fresh(&id, &rest[0], &asked);
            deployment.state = "Succeeded";
            deployment.ended = Some(deployment.started);
            let mut shown = deployment.show();
            let ids: Vec<Value> =
                asked.resources.iter().map(|resource| json!({ "id": resource.wire_id() })).collect();
            shown["properties"]["validatedResources"] = Value::Array(ids);
            Ok(Reply::json(200, &shown))
        }
        (&Method::POST, [_, "whatif"]) => {
            let asked = body::read(request, scope, &rest[0])?;
            let world = request.state.world();
            let changes: Vec<Value> =
                asked.resources.iter().map(|resource| resource.compare(&world)).collect();
            let compared = json!({
                "status": "Succeeded", "properties": { "correlationId": guid(), "changes": changes },
            });
            let folder = format!("/subscriptions/{}/operationresults", scope.subscription);
            let (operations, done) =
                (&request.state.operations, operations::Outcome::Done(Reply::json(200, &compared)));
            Ok(operations.begin(request.call, &request.version, &[("Location", folder)], done))
        }
        (&Method::GET, [_, "operationstatuses", operation]) => {
            let deployment = look(request, &id)?;
            if deployment.operation != *operation {
                return Err(super::request::nothing_here(request.call));
            }
            let mut status = json!({ "status": deployment.state });
            if deployment.state == "Accepted" || !deployment.was_looked_at {
                status["status"] = json!("Running");
            } else if let Some(error) = deployment.error() {
                status["error"] = error;
            }
            Ok(Reply::json(200, &status))
        }
        (&Method::GET, [_, "operations"]) => {
            let mut page = Page::wanted(request.call)?;
            let shown = find(request, &id)?.operations();
            let key = |shown: &Value| shown["operationId"].as_str().unwrap_or_default().to_owned();
            let start = shown.iter().position(|shown| key(shown) == page.after).map_or(0, |last| last + 1);
            for shown in shown.into_iter().skip(start) {
                if !page.push(key(&shown), shown) {
                    break;
                }
            }
            Ok(page.close(request))
        }
        (&Method::GET, [_, "operations", operation]) => {
            let found =
                find(request, &id)?.operations().into_iter().find(|shown| shown["operationId"] == *operation);
            found.map(|shown| Reply::json(200, &shown)).ok_or_else(|| {
                let message = format!("The deployment operation '{operation}' could not be found.");
                Reply::wrapped(404, "DeploymentOperationNotFound", &message)
            })
        }
        (_, [] | [_] | [_, _] | [_, _, _]) => Err(no_such_method(method)),
        _ => Err(super::request::nothing_here(request.call)),
    }
}

/// The deployments of a group or a subscription, perhaps of one state alone.
fn list(request: &Request<'_>, base: &str) -> Result<Reply, Reply> {
    let state = match request.call.parameter("$filter").filter(|filter| !filter.trim().is_empty()) {
        None => None,
        Some(filter) => Some(wanted_state(&filter).ok_or_else(|| {
            let message = format!("Invalid $filter '{filter}' specified in the query string.");
            Reply::wrapped(400, "InvalidFilterInQueryString", &message)
        })?),
    };
    let mut page = Page::wanted(request.call)?;
    let prefix = format!("{}/", base.to_ascii_lowercase());
    let all = request.state.deployments.all();
    for (key, deployment) in all.range(page.after.clone().max(prefix.clone())..) {
        if !key.starts_with(&prefix) {
            break;
        }
        let wanted = *key != page.after
            && state.as_ref().is_none_or(|state| state.eq_ignore_ascii_case(deployment.state));
        if wanted && !page.push(key.clone(), deployment.show()) {
            break;
        }
    }
    Ok(page.close(request))
}

/// The state of a filter `provisioningState eq '{state}'`, the only one there is.
fn wanted_state(filter: &str) -> Option<String> {
    let mut words = filter.split_whitespace();
    let (property, sign, state) = (words.next()?, words.next()?, words.next()?);
    let state = state.strip_prefix('\'')?.strip_suffix('\'')?;
    let fits = property.eq_ignore_ascii_case("provisioningState") && sign == "eq" && words.next().is_none();
    fits.then(|| state.to_owned())
}

/// Ends a deployment that goes on; what was written stays.
fn cancel(request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    find(request, id)?;
    let mut all = request.state.deployments.all();
    match all.get_mut(&id.to_ascii_lowercase()).filter(|deployment| deployment.ended.is_none()) {
        Some(deployment) => {
            // Its background goes no further once it has ended.
            deployment.state = "Canceled";
            deployment.ended = Some(wall());
            Ok(Reply::empty(204))
        }
        None => {
            let message = "The deployment cannot be cancelled, because it is not running.";
            Err(Reply::wrapped(409, "DeploymentCannotBeCancelled", message))
        }
    }
}

/// The deployment as it was before this look.
fn look(request: &Request<'_>, id: &str) -> Result<Deployment, Reply> {
    let found = find(request, id)?;
    if let Some(deployment) = request.state.deployments.all().get_mut(&id.to_ascii_lowercase()) {
        deployment.was_looked_at = true;
    }
    Ok(found)
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
        was_looked_at: false,
        location: asked.location.clone(),
        tags: asked.tags.clone(),
        template: asked.template.clone(),
        parameters: asked.parameters.clone(),
        outputs: asked.outputs.clone(),
        types: asked.resources.iter().map(|resource| resource.kind.clone()).collect(),
        dependencies: asked.resources.iter().filter_map(Resource::dependency).collect(),
        steps: Vec::new(),
        written: Vec::new(),
        failures: Vec::new(),
    }
}

fn create(request: &Request<'_>, scope: &Scope<'_>, id: &str, name: &str) -> Result<Reply, Reply> {
    let asked = body::read(request, scope, name)?;
    rights::check(request, &asked.resources)?;
    let mut deployment = fresh(id, name, &asked);
    let key = id.to_ascii_lowercase();
    let may_prune = rights::may_prune(request, id);
    let mut all = request.state.deployments.all();
    history::make_room(&mut all, &key, name, may_prune)?;
    deployment.number = all.values().map(|present| present.number).max().unwrap_or(0) + 1;
    let status = if all.insert(key.clone(), deployment.clone()).is_some() { 200 } else { 201 };
    if may_prune {
        history::prune(&mut all, &key);
    }
    drop(all);
    let reply = Reply::json(status, &deployment.show());
    let address = format!(
        "{}{id}/operationStatuses/{}?{}",
        request.call.base,
        deployment.operation,
        operations::signed(&request.version)
    );
    tokio::spawn(run(Arc::clone(request.state), key, deployment.operation, asked.resources));
    Ok(reply
        .with_header("Azure-AsyncOperation", address)
        .with_header("Retry-After", request.state.options.retry_after.to_string()))
}

/// Writes the resources one after the other. A failure does not undo what was written before it (section 6.2).
/// A deployment that was cancelled or deleted stops. No client keeps it going, and none that dies stops it.
async fn run(state: Arc<State>, key: String, operation: String, resources: Vec<Resource>) {
    tokio::time::sleep(PREPARING + state.options.latency).await;
    let change = |change: &mut dyn FnMut(&mut Deployment)| {
        let mut all = state.deployments.all();
        let is_current =
            |deployment: &&mut Deployment| deployment.operation == operation && deployment.ended.is_none();
        let current = all.get_mut(&key).filter(is_current);
        let is_current = current.is_some();
        current.into_iter().for_each(change);
        is_current
    };
    let mut failed = BTreeSet::new();
    for (done, resource) in resources.iter().enumerate() {
        state.held.pass(done).await;
        // What waits for something that failed is not begun.
        if resource.waits_for_any(&failed) {
            failed.insert(resource.wire_id().to_ascii_lowercase());
            continue;
        }
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
        let mut step = Step {
            operation: guid(),
            resource_id: resource.wire_id(),
            resource_type: resource.kind.clone(),
            ended: wall(),
            status: StatusCode::OK,
            failure: None,
        };
        if written.is_err() {
            failed.insert(resource.wire_id().to_ascii_lowercase());
        }
        change(&mut |deployment| match &written {
            Ok(()) => {
                deployment.written.push(resource.wire_id());
                deployment.steps.push(step.clone());
            }
            Err(reply) => {
                let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
                let error = body.get("error").cloned().unwrap_or(body);
                // The inner message is a JSON document in a text, as the service nests it.
                let message = json!({ "error": error }).to_string();
                step.status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_REQUEST);
                step.failure = Some(error.clone());
                deployment.steps.push(step.clone());
                deployment.failures.push(json!({ "code": error["code"], "message": message }));
            }
        });
    }
    state.held.pass(resources.len()).await;
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
        Target::Zone(members) => super::zones::deploy(&mut world, zone, members),
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
