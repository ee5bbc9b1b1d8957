//! `POST …/resourceGroups/G/exportTemplate`: the zones of a group with their record sets, and its machines, as a
//! template that [deployments](super::deployments) take back.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::request::{Request, Scope, no_such_method};
use super::versions;
use crate::world::{Machine, RecordSet, Zone, ZoneKind};
use crate::{Reply, World};

const SCHEMA: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

/// Names become parameters unless the caller says that they shall not.
const LITERAL: [&str; 2] = ["SkipAllParameterization", "SkipResourceNameParameterization"];

struct Template {
    literal: bool,
    parameters: Map<String, Value>,
    resources: Vec<Value>,
}

/// Answers with the template at once.
pub(super) fn answer(request: &Request<'_>, scope: Scope<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "resourcegroups")?;
    if request.call.method != Method::POST {
        return Err(no_such_method(&request.call.method));
    }
    let body = request.call.json()?;
    let asked = body.get("resources").and_then(Value::as_array);
    let asked: Vec<&str> = asked.into_iter().flatten().filter_map(Value::as_str).collect();
    let wanted =
        |id: &str| asked.iter().any(|one| *one == "*" || one.trim_end_matches('/').eq_ignore_ascii_case(id));
    let options = body.get("options").and_then(Value::as_str).unwrap_or_default();
    let literal = options.split(',').any(|option| LITERAL.contains(&option.trim()));
    let mut template = Template { literal, parameters: Map::new(), resources: Vec::new() };
    let world = request.state.world();
    template.fill(&world, scope, &wanted);
    let Template { parameters, resources, .. } = template;
    Ok(Reply::json(
        200,
        &json!({ "template": {
        "$schema": SCHEMA, "contentVersion": "1.0.0.0", "parameters": parameters, "variables": {},
        "resources": resources,
    } }),
    ))
}

impl Template {
    fn fill(&mut self, world: &World, scope: Scope<'_>, wanted: &dyn Fn(&str) -> bool) {
        let machines = world.machines.values().filter(|machine| {
            scope.holds(&machine.id.subscription, &machine.id.group) && wanted(&machine.id.text)
        });
        machines.for_each(|machine| self.add_machine(machine));
        let zones = world
            .zones
            .values()
            .filter(|zone| scope.holds(&zone.id.subscription, &zone.id.group) && wanted(&zone.id.text));
        zones.for_each(|zone| self.add_zone(zone));
    }

    /// A name as an expression, or as it is.
    fn named(&mut self, kind: &str, name: &str) -> String {
        if self.literal {
            return name.to_owned();
        }
        let mut parameter = String::new();
        for letter in kind.rsplit('/').next().unwrap_or(kind).chars().chain("_".chars()).chain(name.chars()) {
            parameter.push(if letter.is_ascii_alphanumeric() { letter } else { '_' });
        }
        parameter.push_str("_name");
        self.parameters.insert(parameter.clone(), json!({ "defaultValue": name, "type": "String" }));
        format!("[parameters('{parameter}')]")
    }

    fn add_machine(&mut self, machine: &Machine) {
        let name = self.named(&machine.kind, &machine.name);
        let version = versions::newest(&machine.kind);
        let mut resource = json!({
            "type": &*machine.kind, "apiVersion": version, "name": name, "location": &*machine.location,
            "properties": machine.properties.as_deref().cloned().unwrap_or_else(|| json!({})),
        });
        if let Some(tags) = &machine.tags {
            resource["tags"] = json!(tags);
        }
        self.resources.push(resource);
    }

    fn add_zone(&mut self, zone: &Zone) {
        let kind = zone.kind.wire_type();
        let version = versions::newest(kind);
        let name = self.named(kind, &zone.name);
        let properties =
            if zone.kind == ZoneKind::Public { json!({ "zoneType": "Public" }) } else { json!({}) };
        let mut resource = json!({
            "type": kind, "apiVersion": version, "name": name, "location": "global", "properties": properties,
        });
        if let Some(tags) = zone.tags.as_ref().filter(|tags| !tags.is_empty()) {
            resource["tags"] = json!(tags);
        }
        self.resources.push(resource);
        let inner = name.trim_matches(['[', ']']);
        let quoted = if self.literal { format!("'{inner}'") } else { inner.to_owned() };
        let needs = format!("[resourceId('{kind}', {quoted})]");
        for set in zone.record_sets.values().filter(|set| !set.record_type.is_of_preview()) {
            let full = if self.literal {
                format!("{inner}/{}", set.name)
            } else {
                format!("[concat({inner}, '/{}')]", set.name)
            };
            self.resources.push(json!({
                "type": format!("{kind}/{}", set.record_type), "apiVersion": version, "name": full,
                "dependsOn": [needs], "properties": properties_of(set, zone),
            }));
        }
    }
}

/// What a set shows, without what only the provider may say.
fn properties_of(set: &RecordSet, zone: &Zone) -> Value {
    let mut shown = set.to_json(zone)["properties"].take();
    if let Some(members) = shown.as_object_mut() {
        for read_only in ["fqdn", "provisioningState", "isAutoRegistered"] {
            members.remove(read_only);
        }
    }
    shown
}
