//! Whose tag is to be corrected.

use crate::plan::words::machine;

/// `the tag of nas`; of a name that no machine in particular claims, `the tag`.
pub(super) fn tag_of(id: Option<&str>) -> String {
    id.map_or_else(|| "the tag".to_owned(), |id| format!("the tag of {}", machine(id)))
}
