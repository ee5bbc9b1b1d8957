//! The resources of a template: zones and record sets.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::refusal::invalid;
use crate::arm::request::Scope;
use crate::arm::versions;
use crate::world::{RecordType, ResourceId, ZoneKind};
use crate::{Reply, World};

/// One resource with all expressions evaluated.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// Its type as the template writes it.
    pub(super) kind: String,
    version: String,
    /// The zone that it is or stands in.
    pub(super) zone: ResourceId,
    pub(super) target: Target,
    /// The resources that it waits for, as the template names them.
    waits_for: Vec<String>,
    /// The ids of those of them that are deployed with it, in lower case.
    pub(super) awaited: Vec<String>,
    /// Its name as the template writes it.
    pub(super) name: String,
    /// Whether its condition lets it be deployed.
    pub(super) is_wanted: bool,
}

/// What the resource is.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// A zone, with all members of the resource.
    Zone(Map<String, Value>),
    RecordSet {
        record_type: RecordType,
        name: String,
        properties: Map<String, Value>,
    },
}

/// Reads one resource.
///
/// # Errors
/// `InvalidTemplate` for what cannot be deployed here, by name.
pub(super) fn read(resource: &Value, scope: &Scope<'_>) -> Result<Resource, Reply> {
    let text = |member: &str| {
        let value = resource.get(member).and_then(Value::as_str);
        value.ok_or_else(|| invalid(format!("the property '{member}' of a resource is missing")))
    };
    let members = resource.as_object().ok_or_else(|| invalid("a resource must be an object"))?;
    let (kind, name, version) = (text("type")?, text("name")?, text("apiVersion")?);
    for (member, what) in [("copy", "the copy loop"), ("resources", "what is nested inside")] {
        if members.contains_key(member) {
            return Err(invalid(format!("{what} of the resource '{name}' is not played here")));
        }
    }
    let is_wanted = match members.get("condition") {
        None => true,
        Some(condition) => condition
            .as_bool()
            .ok_or_else(|| invalid(format!("the condition of the resource '{name}' must be a boolean")))?,
    };
    let properties = match members.get("properties") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(properties)) => properties.clone(),
        Some(_) => {
            return Err(invalid(format!("the properties of the resource '{name}' must be an object")));
        }
    };
    let (of_zone, record_type) = kind
        .rsplit_once('/')
        .filter(|(before, _)| before.contains('/'))
        .map_or((kind, None), |(before, last)| (before, Some(last)));
    let zone_kind = ZoneKind::of(of_zone)
        .ok_or_else(|| invalid(format!("the resource type '{kind}' is not played here; DNS zones are")))?;
    let (zone, set) = name.split_once('/').map_or((name, None), |(zone, set)| (zone, Some(set)));
    let zone = crate::arm::zones::id_of(scope, zone_kind, zone)?;
    let target = match (record_type, set) {
        (None, None) => Target::Zone(members.clone()),
        (Some(record_type), Some(set)) => {
            let record_type =
                RecordType::parse(record_type).filter(|record_type| record_type.exists_in(zone_kind));
            Target::RecordSet {
                record_type: record_type
                    .ok_or_else(|| invalid(format!("the resource type '{kind}' is not known")))?,
                name: set.to_owned(),
                properties,
            }
        }
        _ => {
            let message = format!(
                "the name '{name}' must have as many segments as the type '{kind}', less the provider"
            );
            return Err(invalid(message));
        }
    };
    versions::check_resource(kind, version)?;
    let waits_for = match members.get("dependsOn") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(|name| name.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    };
    let waits_for = waits_for
        .ok_or_else(|| invalid(format!("'dependsOn' of the resource '{name}' must be an array of texts")))?;
    let (kind, version, name) = (kind.to_owned(), version.to_owned(), name.to_owned());
    Ok(Resource { kind, version, zone, target, waits_for, awaited: Vec::new(), name, is_wanted })
}

impl Resource {
    /// What it waits for, as the template names it.
    pub(super) fn waits_for(&self) -> &[String] {
        &self.waits_for
    }

    /// Whether it waits for one of these, by their ids in lower case.
    pub(super) fn waits_for_any(&self, ids: &BTreeSet<String>) -> bool {
        self.awaited.iter().any(|id| ids.contains(id))
    }

    /// Whether a `dependsOn` means this resource: by its id, with or without what stands before the provider, by its
    /// type and name, or by its name alone.
    pub(super) fn is_named(&self, by: &str) -> bool {
        let id = self.wire_id();
        let after_provider = id.split_once("/providers/").map_or("", |(_, after)| after);
        let (by, typed) = (by.trim_start_matches('/'), format!("{}/{}", self.kind, self.name));
        [id.trim_start_matches('/'), after_provider, &typed, &self.name]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(by))
    }

    /// The id that the resource has once it exists.
    pub(super) fn wire_id(&self) -> String {
        let kind = ZoneKind::of(&self.zone.kind).unwrap_or(ZoneKind::Public);
        let zone = format!(
            "/subscriptions/{}/resourceGroups/{}/providers/{}/{}",
            self.zone.subscription,
            self.zone.group,
            kind.wire_type(),
            self.zone.name
        );
        match &self.target {
            Target::Zone(_) => zone,
            Target::RecordSet { record_type, name, .. } => format!("{zone}/{record_type}/{name}"),
        }
    }

    /// What it waits for, as a deployment shows it; none: nothing. What the template names without an id is the zone,
    /// the only thing that a record set here can wait for.
    pub(super) fn dependency(&self) -> Option<Value> {
        let shown = |id: &str| {
            let parsed = ResourceId::parse(id);
            let (kind, name) = parsed.map(|parsed| (parsed.kind, parsed.name)).unwrap_or_default();
            json!({ "id": id, "resourceType": &*kind, "resourceName": &*name })
        };
        let ids = self.waits_for.iter();
        let ids = ids.map(|name| shown(if name.starts_with('/') { name } else { &self.zone.text }));
        let ids: Vec<Value> = ids.collect();
        let own = match &self.target {
            Target::Zone(_) => self.zone.text.to_string(),
            Target::RecordSet { record_type, name, .. } => format!("{}/{record_type}/{name}", self.zone.text),
        };
        (!ids.is_empty()).then(|| {
            let mut dependency = shown(&own);
            dependency["dependsOn"] = Value::Array(ids);
            dependency
        })
    }

    /// What the deployment would change (contract azure-resource-manager, section 6.3).
    pub(super) fn compare(&self, world: &World) -> Value {
        let zone = world.zones.get(&self.zone.key());
        let (name, present, wanted) = match &self.target {
            Target::Zone(_) => (&*self.zone.name, zone.map(|_| Map::new()), Map::new()),
            Target::RecordSet { record_type, name, properties } => {
                let set = zone.and_then(|zone| Some(zone.record_set(name, *record_type)?.to_json(zone)));
                let present = set.map(|set| set["properties"].as_object().cloned().unwrap_or_default());
                // Only what the template speaks of is compared; the rest is the service's.
                let present = present.map(|present| {
                    present
                        .into_iter()
                        .filter(|(member, _)| properties.contains_key(member))
                        .collect::<Map<_, _>>()
                });
                (name.as_str(), present, properties.clone())
            }
        };
        let state = |properties: &Map<String, Value>| {
            json!({
                "apiVersion": self.version, "id": self.wire_id(), "name": name, "type": self.kind,
                "properties": properties,
            })
        };
        let Some(present) = present else {
            return json!({ "resourceId": self.wire_id(), "changeType": "Create", "after": state(&wanted) });
        };
        let delta: Vec<Value> = wanted
            .iter()
            .filter(|(member, value)| present.get(*member) != Some(*value))
            .map(|(member, value)| {
                let kind = match (present.get(member), value) {
                    (None, _) => "Create",
                    (Some(_), Value::Array(_)) => "Array",
                    (Some(_), _) => "Modify",
                };
                json!({
                    "path": format!("properties.{member}"), "propertyChangeType": kind,
                    "before": present.get(member), "after": value,
                })
            })
            .collect();
        let change = if delta.is_empty() { "NoChange" } else { "Modify" };
        json!({
            "resourceId": self.wire_id(), "changeType": change, "before": state(&present), "after": state(&wanted),
            "delta": delta,
        })
    }
}
