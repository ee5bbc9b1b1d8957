//! The tables, kept until the part of the world that they show changes.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use kql::{Column, Database, Type};
use serde_json::{Map, Value, json};

use super::scope::Scope;
use super::{changes, containers};
use crate::World;
use crate::world::{Machine, RecordType, Zone, ZoneKind};

/// Makes the rows of a table that a scope shows.
type Rows = fn(&World, &Scope) -> Vec<Map<String, Value>>;

/// The tables beside resources and record sets.
const FURTHER: [(&str, Rows); 2] =
    [("resourcecontainers", containers::rows), ("resourcechanges", changes::rows)];

/// How many variants (scopes, with and without record sets) are kept.
const KEPT: usize = 8;

/// One snapshot of the tables.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// Which state of the world it shows, and how much of it.
    pub(super) revision: String,
    pub(super) tables: Arc<Database>,
}

/// The snapshots that were made last.
#[derive(Debug, Default)]
pub(super) struct Tables(Mutex<Vec<Snapshot>>);

impl Tables {
    /// The tables that a scope shows, as far as a query needs them.
    pub(super) fn of(&self, world: &World, scope: &Scope, query: &str) -> Snapshot {
        let query = query.to_ascii_lowercase();
        let with_sets = query.contains("dnsresources");
        let sets = if with_sets { format!("sets {}", world.zones_revision) } else { String::new() };
        // These are few, and have no revision: they are told apart by what stands in them.
        let further = FURTHER.iter().filter(|(name, _)| query.contains(name));
        let further: Vec<(&str, Vec<Map<String, Value>>)> =
            further.map(|(name, rows)| (*name, rows(world, scope))).collect();
        let mut hasher = DefaultHasher::new();
        json!(further).to_string().hash(&mut hasher);
        let revision = format!(
            "{} {} {sets} {} {:x}",
            world.machines_revision,
            world.zone_list_revision,
            scope.text(),
            hasher.finish()
        );
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(snapshot) = kept.iter().find(|snapshot| snapshot.revision == revision) {
            return snapshot.clone();
        }
        let tables = Arc::new(make(world, scope, with_sets, &further));
        let snapshot = Snapshot { revision, tables };
        kept.insert(0, snapshot.clone());
        kept.truncate(KEPT);
        snapshot
    }
}

/// The columns of all tables (contract azure-resource-manager, section 4.4).
fn columns() -> Vec<Column> {
    let text = [
        "id",
        "name",
        "type",
        "tenantId",
        "kind",
        "location",
        "resourceGroup",
        "subscriptionId",
        "managedBy",
    ];
    let dynamic = ["sku", "plan", "properties", "tags", "identity", "zones", "extendedLocation"];
    let column = |ty: Type| move |name: &&str| Column::new(*name, ty);
    text.iter().map(column(Type::String)).chain(dynamic.iter().map(column(Type::Dynamic))).collect()
}

fn make(
    world: &World,
    scope: &Scope,
    with_sets: bool,
    further: &[(&str, Vec<Map<String, Value>>)],
) -> Database {
    let mut database = Database::new();
    database.add_table("resources", columns());
    database.add_table("dnsresources", columns());
    FURTHER.iter().for_each(|(name, _)| database.add_table(*name, columns()));
    let inside = |subscription: &str| scope.subscriptions.contains(&subscription.to_ascii_lowercase());
    let machines = world.machines.values().filter(|machine| inside(&machine.id.subscription));
    let zones: Vec<&Zone> = world.zones.values().filter(|zone| inside(&zone.id.subscription)).collect();
    let mut rows: Vec<Map<String, Value>> = machines.map(|machine| machine_row(machine, world)).collect();
    rows.extend(zones.iter().map(|zone| zone_row(zone, world)));
    let mut appended = database.append("resources", &rows).is_ok();
    if with_sets {
        for zone in zones {
            let rows: Vec<Map<String, Value>> = set_rows(zone, world);
            appended &= database.append("dnsresources", &rows).is_ok();
        }
    }
    for (name, rows) in further {
        appended &= database.append(name, rows).is_ok();
    }
    debug_assert!(appended, "the tables exist");
    database
}

/// The columns that every row has. Types and groups come in lower case, ids as the provider writes them.
fn row(
    world: &World,
    id: &str,
    name: &str,
    kind: &str,
    subscription: &str,
    group: &str,
) -> Map<String, Value> {
    let mut row = Map::new();
    for (column, value) in [
        ("id", id.to_owned()),
        ("name", name.to_owned()),
        ("type", kind.to_ascii_lowercase()),
        ("tenantId", world.tenant.clone()),
        ("resourceGroup", group.to_ascii_lowercase()),
        ("subscriptionId", subscription.to_owned()),
    ] {
        row.insert(column.to_owned(), Value::String(value));
    }
    row
}

fn machine_row(machine: &Machine, world: &World) -> Map<String, Value> {
    let id = &machine.id;
    let mut row = row(world, &id.text, &machine.name, &machine.kind, &id.subscription, &id.group);
    row.insert("location".to_owned(), json!(machine.location));
    row.insert("tags".to_owned(), json!(machine.tags));
    let properties = machine.properties.clone().unwrap_or_else(|| json!({ "status": "Connected" }));
    row.insert("properties".to_owned(), properties);
    row
}

fn zone_row(zone: &Zone, world: &World) -> Map<String, Value> {
    let shown = zone.to_json();
    let kind = zone.kind.wire_type();
    let mut row = row(world, &zone.wire_id(), &zone.name, kind, &zone.id.subscription, &zone.id.group);
    row.insert("location".to_owned(), json!("global"));
    row.insert("tags".to_owned(), json!(zone.tags));
    row.insert("properties".to_owned(), shown["properties"].clone());
    row
}

/// The record sets of a zone; public NS and CAA sets are not in Resource Graph (section 4.6).
fn set_rows(zone: &Zone, world: &World) -> Vec<Map<String, Value>> {
    let listed = |record_type: RecordType| {
        let missing = matches!(record_type, RecordType::Ns | RecordType::Caa) || record_type.is_of_preview();
        zone.kind == ZoneKind::Private || !missing
    };
    zone.record_sets
        .values()
        .filter(|set| listed(set.record_type))
        .map(|set| {
            let shown = set.to_json(zone);
            let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
            let id = &zone.id;
            let mut row = row(world, &text("id"), &set.name, &text("type"), &id.subscription, &id.group);
            row.insert("location".to_owned(), json!("global"));
            row.insert("properties".to_owned(), shown["properties"].clone());
            row
        })
        .collect()
}
