//! Virtual network links of private zones in a world's document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{member_of, object, tags_of, text};
use crate::world::{Link, ZoneKind};

pub(super) fn show(link: &Link) -> Value {
    let mut shown = json!({
        "name": link.name, "virtualNetwork": link.network, "registrationEnabled": link.registers,
    });
    if let Some(tags) = &link.tags {
        shown["tags"] = json!(tags);
    }
    shown
}

/// The links of a zone, by name.
pub(super) fn read<'v>(
    kind: ZoneKind,
    given: impl Iterator<Item = (String, &'v Value)>,
) -> Result<BTreeMap<String, Link>, String> {
    let mut links = BTreeMap::new();
    for (place, value) in given {
        if kind == ZoneKind::Public {
            return Err(format!("{place}: only a private zone is linked to networks"));
        }
        let members = object(value, &place)?;
        let own = |name: &str| {
            let value = member_of(members, name).unwrap_or(&Value::Null);
            // A network may be an object with its id, as Azure writes it.
            text(value.get("id").unwrap_or(value), &format!("{place}.{name}"))
        };
        let mut link = Link::new(own("name")?, own("virtualNetwork")?);
        link.registers = member_of(members, "registrationEnabled").and_then(Value::as_bool).unwrap_or(false);
        let tags = member_of(members, "tags").unwrap_or(&Value::Null);
        link.tags = tags_of(tags, &format!("{place}.tags"))?;
        if links.insert(link.name.to_ascii_lowercase(), link).is_some() {
            return Err(format!("{place}: this link is there twice"));
        }
    }
    Ok(links)
}
