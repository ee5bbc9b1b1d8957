//! Whose tag is to be corrected.

use crate::domain::ResourceId;
use crate::plan::words::quote;

/// `the tag of nas (rg-home)`; of a name that no machine in particular claims, `the tag`.
pub(super) fn tag_of(id: Option<&str>) -> String {
    let Some(id) = id else { return "the tag".to_owned() };
    let Ok(id) = ResourceId::parse(id) else { return format!("the tag of {}", quote(id)) };
    match id.resource_group() {
        "" => format!("the tag of {}", id.name()),
        group => format!("the tag of {} ({group})", id.name()),
    }
}
