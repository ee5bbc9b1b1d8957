//! Machines in a world's document: ids alone, or objects where more is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{id_text, member_of, object, pieces, tags_among};
use crate::world::texts::Texts;
use crate::world::{Machine, ResourceId};

/// The region of a machine of which nothing is said.
const LOCATION: &str = "westeurope";

pub(super) fn show(machine: &Machine) -> Value {
    let mut shown = json!({
        "id": &*machine.id.text,
        "name": &*machine.name,
        "type": &*machine.kind,
        "location": &*machine.location,
        "tags": machine.tags,
    });
    if let Some(properties) = &machine.properties {
        shown["properties"] = (**properties).clone();
    }
    shown
}

/// The machines under their keys.
pub(super) fn read(text: &RawValue, place: &str) -> Result<BTreeMap<String, Machine>, String> {
    let mut texts = Texts::default();
    let mut machines = Vec::new();
    pieces::each(text, place, |place, value: Value| {
        let machine = one(&place, &value, &mut texts)?;
        machines.push((machine.id.key(), machine));
        Ok(())
    })?;
    // Made of all of them at once, the map has no gaps. Of machines with one id the last counts.
    Ok(machines.into_iter().collect())
}

fn one(place: &str, value: &Value, texts: &mut Texts) -> Result<Machine, String> {
    let by_id_alone = json!({ "id": value });
    let members = object(if value.is_string() { &by_id_alone } else { value }, place)?;
    let text = id_text(members, place)?;
    let id = ResourceId::parse_among(text, texts)
        .ok_or_else(|| format!("{place}.id: '{text}' is no resource id"))?;
    let given = |name: &str| member_of(members, name).and_then(Value::as_str);
    let tags = member_of(members, "tags").unwrap_or(&Value::Null);
    Ok(Machine {
        name: given("name").filter(|name| **name != *id.name).map_or_else(|| Arc::clone(&id.name), Arc::from),
        kind: given("type").map_or_else(|| Arc::clone(&id.kind), |kind| texts.shared(kind)),
        location: texts.shared(given("location").unwrap_or(LOCATION)),
        tags: tags_among(tags, || format!("{place}.tags"), texts)?,
        properties: member_of(members, "properties").filter(|value| !value.is_null()).cloned().map(Box::new),
        id,
    })
}
