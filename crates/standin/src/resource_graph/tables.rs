//! The tables, kept until the part of the world that they show changes.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use kql::{Cell, Column, Database, Dynamic, Loader, Type};
use serde_json::{Map, Value, json};

use super::scope::Scope;
use super::{changes, containers};
use crate::World;
use crate::world::{Machine, RecordType, Zone, ZoneKind};

/// Makes the rows of a table that a scope shows.
type RowsOf = fn(&World, &Scope) -> Vec<Map<String, Value>>;

/// The tables beside resources and record sets.
const FURTHER: [(&str, RowsOf); 2] =
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
const COLUMNS: [(&str, Type); 16] = [
    ("id", Type::String),
    ("name", Type::String),
    ("type", Type::String),
    ("tenantId", Type::String),
    ("kind", Type::String),
    ("location", Type::String),
    ("resourceGroup", Type::String),
    ("subscriptionId", Type::String),
    ("managedBy", Type::String),
    ("sku", Type::Dynamic),
    ("plan", Type::Dynamic),
    ("properties", Type::Dynamic),
    ("tags", Type::Dynamic),
    ("identity", Type::Dynamic),
    ("zones", Type::Dynamic),
    ("extendedLocation", Type::Dynamic),
];

fn columns() -> Vec<Column> {
    COLUMNS.iter().map(|(name, ty)| Column::new(*name, *ty)).collect()
}

fn make(
    world: &World,
    scope: &Scope,
    with_sets: bool,
    further: &[(&str, Vec<Map<String, Value>>)],
) -> Database {
    let mut database = Database::new();
    FURTHER.iter().for_each(|(name, _)| database.add_table(*name, columns()));
    let inside = |subscription: &str| scope.subscriptions.contains(&subscription.to_ascii_lowercase());
    let machines = world.machines.values().filter(|machine| inside(&machine.id.subscription));
    let zones: Vec<&Zone> = world.zones.values().filter(|zone| inside(&zone.id.subscription)).collect();
    let mut resources = Rows::new(&database, world);
    machines.for_each(|machine| machine_row(&mut resources, machine));
    zones.iter().for_each(|zone| zone_row(&mut resources, zone));
    let mut sets = Rows::new(&database, world);
    if with_sets {
        zones.iter().for_each(|zone| set_rows(&mut sets, zone));
    }
    database.put("resources", resources.loader);
    database.put("dnsresources", sets.loader);
    for (name, rows) in further {
        let appended = database.append(name, rows);
        debug_assert!(appended.is_ok(), "the tables exist");
    }
    database
}

/// Rows of a table, cell by cell: a million machines make no million objects on the way.
struct Rows<'a> {
    loader: Loader,
    world: &'a World,
}

impl<'a> Rows<'a> {
    fn new(database: &Database, world: &'a World) -> Self {
        Self { loader: database.loader(columns()), world }
    }

    fn set(&mut self, column: &str, cell: &Cell<'_>) {
        if let Some(place) = COLUMNS.iter().position(|(name, _)| *name == column) {
            self.loader.set(place, cell);
        }
    }

    /// The columns that every row has. Types and groups come in lower case, ids as the provider writes them.
    fn set_common(&mut self, id: &str, name: &str, kind: &str, subscription: &str, group: &str) {
        let world = self.world;
        for (column, value) in [
            ("id", id),
            ("name", name),
            ("type", &kind.to_ascii_lowercase()),
            ("tenantId", &world.tenant),
            ("resourceGroup", &group.to_ascii_lowercase()),
            ("subscriptionId", subscription),
        ] {
            self.set(column, &Cell::Text(value));
        }
    }
}

fn machine_row(rows: &mut Rows<'_>, machine: &Machine) {
    let id = &machine.id;
    rows.set_common(&id.text, &machine.name, &machine.kind, &id.subscription, &id.group);
    rows.set("location", &Cell::Text(&machine.location));
    if let Some(tags) = &machine.tags {
        // Hardly two machines share their tags, so they are not looked for among those of others.
        let members = tags.shared().iter().map(|(name, value)| (Arc::clone(name), Dynamic::String(Arc::clone(value))));
        rows.set("tags", &Cell::Made(Dynamic::Bag(members.collect())));
    }
    match &machine.properties {
        Some(properties) => rows.set("properties", &Cell::from(&**properties)),
        None => rows.set("properties", &Cell::Raw(r#"{"status":"Connected"}"#)),
    }
    rows.loader.end_row();
}

fn zone_row(rows: &mut Rows<'_>, zone: &Zone) {
    let shown = zone.to_json();
    let kind = zone.kind.wire_type();
    rows.set_common(&zone.wire_id(), &zone.name, kind, &zone.id.subscription, &zone.id.group);
    rows.set("location", &Cell::Text("global"));
    rows.set("tags", &Cell::from(&json!(zone.tags)));
    rows.set("properties", &Cell::from(&shown["properties"]));
    rows.loader.end_row();
}

/// The record sets of a zone; public NS and CAA sets are not in Resource Graph (section 4.6).
fn set_rows(rows: &mut Rows<'_>, zone: &Zone) {
    let listed = |record_type: RecordType| {
        let missing = matches!(record_type, RecordType::Ns | RecordType::Caa) || record_type.is_of_preview();
        zone.kind == ZoneKind::Private || !missing
    };
    for set in zone.record_sets.values().filter(|set| listed(set.record_type)) {
        let shown = set.to_json(zone);
        let text = |name: &str| shown[name].as_str().unwrap_or_default();
        rows.set_common(text("id"), &set.name, text("type"), &zone.id.subscription, &zone.id.group);
        rows.set("location", &Cell::Text("global"));
        rows.set("properties", &Cell::from(&shown["properties"]));
        rows.loader.end_row();
    }
}
