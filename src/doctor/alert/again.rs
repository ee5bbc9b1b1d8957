//! The command that makes an alert rule and its group as the template does, with all that is known of those that are there.

use serde_json::Value;

use super::call;
use super::duration::iso;
use crate::doctor::az::{self, Drift};
use crate::doctor::found::Resource;
use crate::doctor::function_apps::FunctionApp;
use crate::doctor::visit::Visit;
use pure::domain::ResourceId;

/// The command, after those that show what of it is not known.
pub(super) async fn deployed_again(visit: &Visit<'_>, rule: &Resource) -> Vec<String> {
    let Ok(id) = ResourceId::parse(&rule.id) else { return Vec::new() };
    let found = visit.found().await.ok();
    let own = found.and_then(|found| call::function_app(rule, found));
    // A rule of the template carries the identity of its function.
    let apps = match (&own, &rule.identity) {
        (Some(_), Some(_)) => &[],
        _ => visit.function_apps().await,
    };
    let is_own = |app: &&FunctionApp| {
        own.as_ref().is_some_and(|own| own.as_str().eq_ignore_ascii_case(app.id.as_str()))
    };
    let called = || {
        let hosts = found.map(|found| call::hosts(rule, found)).unwrap_or_default();
        apps.iter().find(|app| hosts.iter().any(|host| host.eq_ignore_ascii_case(&app.host)))
    };
    let seen = apps.iter().find(is_own).or_else(|| if own.is_none() { called() } else { None });
    let app = own.as_ref().or(seen.map(|seen| &seen.id));
    let identity = rule.identity.as_deref().or_else(|| seen.and_then(|seen| seen.identity.as_deref()));
    let workspaces: Vec<Option<String>> = match found {
        Some(found) => {
            found.workspaces.iter().map(|known| known.as_ref().map(|known| known.id.clone())).collect()
        }
        None => vec![None],
    };
    let mut commands = Vec::new();
    if app.is_none() {
        commands.push(az::APPS.to_owned());
    }
    if identity.is_none() {
        commands.push(app.map_or_else(|| az::IDENTITIES.to_owned(), az::identity_of_app));
    }
    if workspaces.iter().any(Option::is_none) || rule.location.is_none() {
        commands.push(az::WORKSPACES.to_owned());
    }
    let drift = Drift {
        rule: &id,
        function_app: app.map(ResourceId::name),
        identity,
        location: rule.location.as_deref(),
        workspaces,
        frequency: rule.text("evaluationFrequency"),
        timespan: &iso(visit.settings.run.query_timespan),
        owner: &visit.settings.run.owner_id,
        tags: &rule.tags,
    };
    commands.push(drift.deploy());
    commands
}

/// The same for a rule that is not there.
pub(super) async fn deployed_anew(visit: &Visit<'_>, id: &ResourceId) -> Vec<String> {
    let found = visit.found().await.ok();
    let location = found.and_then(|found| found.workspaces.first()?.as_ref()?.location.clone());
    let nothing = Resource {
        id: id.as_str().to_owned(),
        location,
        kind: String::new(),
        tags: Value::Null,
        identity: None,
        properties: Value::Null,
    };
    deployed_again(visit, &nothing).await
}
