//! Workspaces with their tables, the data collection rule, and resources that are shown as the world has them:
//! looked at, one by one or as a list, and never written.

use axum::http::Method;
use serde_json::{Value, json};

use super::request::{Request, Scope, no_such_method, nothing_here};
use super::versions;
use crate::world::ResourceId;
use crate::{Reply, World, ingestion};

/// Whether a type is one of those that are served here.
pub(super) fn serves(namespace: &str, resource: &str) -> bool {
    matches!(
        (namespace, resource),
        ("microsoft.operationalinsights", "workspaces")
            | (
                "microsoft.insights",
                "scheduledqueryrules" | "actiongroups" | "datacollectionrules" | "datacollectionendpoints"
            )
    )
}

/// Answers below `…/providers/{namespace}/{type}`; `given` are the segments after the namespace.
pub(super) fn answer(
    request: &Request<'_>,
    scope: Scope<'_>,
    namespace: &str,
    given: &[String],
) -> Result<Reply, Reply> {
    let types: Vec<&str> = given.iter().step_by(2).map(String::as_str).collect();
    let kind = types.join("/");
    versions::check(request, namespace, &kind)?;
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    if given.len() > 2 {
        return tables(request, scope, given);
    }
    let kind = format!("{namespace}/{kind}");
    let all = all(&request.state.world(), &request.call.base);
    let mut found = all.into_iter().filter(|shown| {
        shown.id.kind.eq_ignore_ascii_case(&kind) && scope.holds(&shown.id.subscription, &shown.id.group)
    });
    let Some(name) = given.get(1) else {
        let value: Vec<Value> = found.map(|shown| shown.body).collect();
        return Ok(Reply::json(200, &json!({ "value": value })));
    };
    match found.find(|shown| shown.id.name.eq_ignore_ascii_case(name)) {
        Some(shown) => Ok(Reply::json(200, &shown.body)),
        None => {
            let group = scope.group.unwrap_or_default();
            let message = format!(
                "The Resource '{}/{name}' under resource group '{group}' was not found. For more details please go \
                 to https://aka.ms/ARMResourceNotFoundFix",
                versions::spelled(&kind)
            );
            Err(Reply::wrapped(404, "ResourceNotFound", &message))
        }
    }
}

/// A resource as its provider shows it.
pub(crate) struct Shown {
    pub(crate) id: ResourceId,
    pub(crate) body: Value,
}

/// All of them, the rule's own endpoint at `base`.
pub(crate) fn all(world: &World, base: &str) -> Vec<Shown> {
    let show = |id: &ResourceId, location: &str, more: Value| {
        let mut body = json!({
            "id": &*id.text, "name": &*id.name, "type": versions::spelled(&id.kind), "location": location,
        });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        Shown { id: id.clone(), body }
    };
    let plain = world.plain.values().map(|plain| {
        let mut more = json!({ "tags": plain.tags, "properties": plain.properties });
        // Azure leaves out what a resource has not.
        for (name, value) in
            [("kind", plain.kind.clone().map(Value::String)), ("identity", plain.identity.clone())]
        {
            if let Some(value) = value {
                more[name] = value;
            }
        }
        show(&plain.id, &plain.location, more)
    });
    let own = |id: Option<&Value>| id.and_then(Value::as_str).and_then(ResourceId::parse);
    let rule = own(world.rule.get("id"))
        .map(|id| show(&id, "westeurope", json!({ "kind": "Direct", "properties": of_rule(world, base) })));
    let workspace = own(world.workspace.get("id")).map(|id| {
        let properties = json!({
            "customerId": world.workspace_id(), "provisioningState": "Succeeded", "retentionInDays": 30,
            "sku": { "name": "PerGB2018" },
        });
        show(&id, "westeurope", json!({ "properties": properties }))
    });
    plain.chain(rule).chain(workspace).collect()
}

/// The data collection rule with all that it declares.
fn of_rule(world: &World, base: &str) -> Value {
    let mut declared = json!({});
    let mut flows = Vec::new();
    for (stream, table, columns) in ingestion::streams(world) {
        let column = |column: &kql::Column| json!({ "name": column.name, "type": spelled(column) });
        declared[&stream] = json!({ "columns": columns.iter().map(column).collect::<Vec<_>>() });
        flows.push(json!({
            "streams": [stream], "destinations": ["workspace"], "transformKql": "source",
            "outputStream": format!("Custom-{table}"),
        }));
    }
    json!({
        "immutableId": world.rule_id(), "provisioningState": "Succeeded", "streamDeclarations": declared,
        "endpoints": { "logsIngestion": base },
        "destinations": { "logAnalytics": [{
            "name": "workspace", "workspaceResourceId": world.workspace_resource_id(), "workspaceId": world.workspace_id(),
        }] },
        "dataFlows": flows,
    })
}

/// A column's type as a rule declares it.
fn spelled(column: &kql::Column) -> &'static str {
    match column.ty.name() {
        "bool" => "boolean",
        "datetime" => "datetime",
        "real" => "real",
        "long" => "long",
        "int" => "int",
        "dynamic" => "dynamic",
        _ => "string",
    }
}

/// The custom tables of the workspace: all of them, or one.
fn tables(request: &Request<'_>, scope: Scope<'_>, given: &[String]) -> Result<Reply, Reply> {
    let world = request.state.world();
    let id = ResourceId::parse(world.workspace_resource_id());
    let id = id.filter(|id| {
        scope.holds(&id.subscription, &id.group)
            && given.get(1).is_some_and(|name| id.name.eq_ignore_ascii_case(name))
    });
    let id = id.ok_or_else(|| nothing_here(request.call))?;
    let database = request.state.workspace().snapshot();
    let show = |(name, table): (&str, &kql::Table)| {
        let columns: Vec<Value> = table
            .columns()
            .iter()
            .filter(|column| !["Type", "TenantId", "_ResourceId"].contains(&column.name.as_str()))
            .map(|column| {
                // The Tables API writes this type with a capital.
                let kind = if spelled(column) == "datetime" { "dateTime" } else { spelled(column) };
                json!({ "name": column.name, "type": kind })
            })
            .collect();
        json!({
            "id": format!("{}/tables/{name}", id.text), "name": name,
            "properties": {
                "plan": "Analytics", "retentionInDays": 30, "totalRetentionInDays": 30, "provisioningState": "Succeeded",
                "schema": { "name": name, "tableType": "CustomLog", "tableSubType": "DataCollectionRuleBased", "columns": columns },
            },
        })
    };
    let mut custom = database.tables().filter(|(name, _)| name.ends_with("_CL"));
    match given.get(3) {
        None => Ok(Reply::json(200, &json!({ "value": custom.map(show).collect::<Vec<_>>() }))),
        Some(wanted) => match custom.find(|(name, _)| name.eq_ignore_ascii_case(wanted)) {
            Some(found) => Ok(Reply::json(200, &show(found))),
            None => {
                let message = format!("Table {wanted} does not exist in workspace {}.", id.name);
                Err(Reply::wrapped(404, "NotFound", &message))
            }
        },
    }
}
