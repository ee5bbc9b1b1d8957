//! The tables, kept until the part of the world that they show changes.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use kql::{Answer, Cell, Column, Database, Dynamic, Loader, Type};
use serde_json::{Map, Value, json};

use super::kept::{HasRows, Kept};
use super::scope::Scope;
use super::{changes, containers};
use crate::World;
use crate::arm::monitor::{self, Shown};
use crate::world::{Machine, RecordType, Zone, ZoneKind};

/// Makes the rows of a table that a scope shows.
type RowsOf = fn(&World, &Scope) -> Vec<Map<String, Value>>;

/// The tables beside resources and record sets.
const FURTHER: [(&str, RowsOf); 2] =
    [("resourcecontainers", containers::rows), ("resourcechanges", changes::rows)];

/// So many machines are made rows of at a time.
const BLOCK: usize = 64;

/// One snapshot of the tables, and what was found in it.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Which tables there are, what they show, and to which scope.
    variant: String,
    shows: Revisions,
    pub(super) tables: Database,
    /// Results of queries, for the pages after the first.
    results: Mutex<Kept<Found>>,
}

/// Which state of the world's parts a snapshot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Revisions {
    machines: u64,
    zone_list: u64,
    /// None: the snapshot has no record sets.
    sets: Option<u64>,
}

impl Revisions {
    fn of(world: &World, with_sets: bool) -> Self {
        Self {
            machines: world.machines_revision,
            zone_list: world.zone_list_revision,
            sets: with_sets.then_some(world.zones_revision),
        }
    }
}

/// The result of one query.
#[derive(Debug)]
struct Found {
    query: String,
    answer: Arc<Answer>,
}

impl HasRows for Found {
    fn rows(&self) -> usize {
        self.answer.rows.len()
    }
}

impl HasRows for Arc<Snapshot> {
    fn rows(&self) -> usize {
        self.tables.tables().map(|(_, table)| table.row_count()).sum()
    }
}

impl Snapshot {
    /// What a query found before, if it is still known.
    pub(super) fn result(&self, query: &str) -> Option<Arc<Answer>> {
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.find(|found| found.query == query).map(|found| Arc::clone(&found.answer))
    }

    /// Keeps what a query found.
    pub(super) fn keep(&self, query: &str, answer: &Arc<Answer>) {
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.forget(|found| found.query == query);
        results.put(Found { query: query.to_owned(), answer: Arc::clone(answer) });
    }
}

/// The snapshots that were made last: variants (scopes, with and without record sets) of what the world is now.
#[derive(Debug, Default)]
pub(super) struct Tables(Mutex<Kept<Arc<Snapshot>>>);

impl Tables {
    /// The tables that a scope shows, as far as a query needs them.
    pub(super) fn of(&self, world: &World, scope: &Scope, query: &str) -> Arc<Snapshot> {
        let query = query.to_ascii_lowercase();
        let with_sets = query.contains("dnsresources");
        // These are few, and have no revision: they are told apart by what stands in them.
        let further = FURTHER.iter().filter(|(name, _)| query.contains(name));
        let further: Vec<(&str, Vec<Map<String, Value>>)> =
            further.map(|(name, rows)| (*name, rows(world, scope))).collect();
        let mut hasher = DefaultHasher::new();
        json!(further).to_string().hash(&mut hasher);
        let shows = Revisions::of(world, with_sets);
        let variant = format!("{} {:x}", scope.text(), hasher.finish());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget(|old| old.shows != Revisions::of(world, old.shows.sets.is_some()));
        if let Some(snapshot) = kept.find(|old| old.shows == shows && old.variant == variant) {
            return Arc::clone(snapshot);
        }
        let tables = make(world, scope, with_sets, &further);
        let snapshot = Arc::new(Snapshot { variant, shows, tables, results: Mutex::default() });
        kept.put(Arc::clone(&snapshot));
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
    let machines = world.machines.values().filter(|machine| {
        inside(&machine.id.subscription) && scope.shows(world, &machine.kind, &machine.id.text)
    });
    let zones: Vec<&Zone> = world.zones.values().filter(|zone| inside(&zone.id.subscription)).collect();
    let mut resources = Rows::new(&database, world);
    machine_rows(&mut resources, machines);
    let shown = |zone: &&&Zone| scope.shows(world, zone.kind.wire_type(), &zone.id.text);
    zones.iter().filter(shown).for_each(|zone| zone_row(&mut resources, zone));
    let others = monitor::all(world, "").into_iter();
    others
        .filter(|other| inside(&other.id.subscription) && scope.shows(world, &other.id.kind, &other.id.text))
        .for_each(|other| other_row(&mut resources, &other));
    let mut sets = Rows::new(&database, world);
    if with_sets {
        zones.iter().for_each(|zone| set_rows(&mut sets, zone, scope));
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

/// The texts that no two machines share are told in advance, for some machines at a time.
fn machine_rows<'w>(rows: &mut Rows<'_>, mut machines: impl Iterator<Item = &'w Machine>) {
    let mut block: Vec<&Machine> = Vec::with_capacity(BLOCK);
    loop {
        block.clear();
        block.extend(machines.by_ref().take(BLOCK));
        if block.is_empty() {
            return;
        }
        touch(&block);
        let texts: Vec<&str> = block.iter().flat_map(|machine| [&*machine.id.text, &*machine.name]).collect();
        rows.loader.announce(&texts);
        block.iter().for_each(|machine| machine_row(rows, machine));
    }
}

/// Reads where the texts of those machines begin. These reads wait for memory beside each other too.
fn touch(machines: &[&Machine]) {
    let tags = machines.iter().filter_map(|machine| Some(machine.tags.as_ref()?.shared())).flatten();
    let own = machines.iter().flat_map(|machine| [&*machine.id.text, &*machine.name]);
    let texts = own.chain(tags.map(|(_, value)| &**value));
    let first = |text: &str| text.as_bytes().first().copied().unwrap_or_default();
    std::hint::black_box(texts.fold(0, |all, text| all ^ first(text)));
}

fn machine_row(rows: &mut Rows<'_>, machine: &Machine) {
    let id = &machine.id;
    rows.set_common(&id.text, &machine.name, &machine.kind, &id.subscription, &id.group);
    rows.set("location", &Cell::Text(&machine.location));
    if let Some(tags) = &machine.tags {
        // Hardly two machines share their tags, so they are not looked for among those of others.
        let members =
            tags.shared().iter().map(|(name, value)| (Arc::clone(name), Dynamic::String(Arc::clone(value))));
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

/// What is neither machine nor zone: the workspace, the rule, what alerts.
fn other_row(rows: &mut Rows<'_>, other: &Shown) {
    let (id, body) = (&other.id, &other.body);
    rows.set_common(&id.text, &id.name, &id.kind, &id.subscription, &id.group);
    for column in ["kind", "location"] {
        rows.set(column, &Cell::Text(body[column].as_str().unwrap_or_default()));
    }
    for column in ["tags", "identity", "properties"] {
        rows.set(column, &Cell::from(&body[column]));
    }
    rows.loader.end_row();
}

/// The record sets of a zone; public NS and CAA sets are not in Resource Graph (section 4.6).
fn set_rows(rows: &mut Rows<'_>, zone: &Zone, scope: &Scope) {
    let listed = |record_type: RecordType| {
        let missing = matches!(record_type, RecordType::Ns | RecordType::Caa) || record_type.is_of_preview();
        zone.kind == ZoneKind::Private || !missing
    };
    for set in zone.record_sets.values().filter(|set| listed(set.record_type)) {
        let (id, kind) = (set.wire_id(zone), set.wire_type(zone));
        if !scope.shows(rows.world, &kind, &id) {
            continue;
        }
        rows.set_common(&id, &set.name, &kind, &zone.id.subscription, &zone.id.group);
        rows.set("location", &Cell::Text("global"));
        // No two sets have these in common, so they are not looked for among those of others.
        rows.set("properties", &Cell::Made(Dynamic::from_json(&set.properties(zone))));
        rows.loader.end_row();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_the_world_was_before_is_not_kept() {
        let (mut world, tables) = (World::default(), Tables::default());
        let scope =
            Scope { subscriptions: world.subscriptions.clone(), groups: BTreeSet::new(), roles: None };
        let of = |world: &World, query: &str| Arc::downgrade(&tables.of(world, &scope, query));
        let (plain, with_sets) = (of(&world, "resources"), of(&world, "dnsresources"));
        assert!(plain.ptr_eq(&of(&world, "resources | count")) && !plain.ptr_eq(&with_sets));
        world.zones_revision += 1;
        let later = of(&world, "dnsresources");
        assert_eq!((plain.strong_count(), with_sets.strong_count()), (1, 0), "sets are not in all of them");
        world.remove_machine("none");
        of(&world, "resources");
        assert_eq!((plain.strong_count(), later.strong_count()), (0, 0));
    }
}
