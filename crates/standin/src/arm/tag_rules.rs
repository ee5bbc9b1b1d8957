//! What tags may be, and how given ones change those that are there (contract azure-resource-manager, section 5).

use serde_json::{Map, Value};

use crate::Reply;

/// Tags by name.
pub(super) type Tags = Map<String, Value>;

/// The 400 for tags that cannot be.
pub(super) fn bad(message: impl AsRef<str>) -> Reply {
    Reply::wrapped(400, "InvalidTags", message.as_ref())
}

/// Checks names, values and their number.
///
/// # Errors
/// The 400 of Resource Manager.
pub(super) fn check(tags: &Tags, most: usize) -> Result<(), Reply> {
    if tags.len() > most {
        return Err(bad(format!("A resource of this type holds at most {most} tags.")));
    }
    for (name, value) in tags {
        if name.is_empty()
            || name.chars().count() > 512
            || name.contains(['<', '>', '%', '&', '\\', '?', '/'])
        {
            return Err(bad(format!("'{name}' is not a tag name.")));
        }
        if value.as_str().unwrap_or_default().chars().count() > 256 {
            return Err(bad(format!("The value of the tag '{name}' has more than 256 characters.")));
        }
    }
    Ok(())
}

/// Names are compared without case; the stored spelling stays.
pub(super) fn merged(mut present: Tags, given: Tags) -> Tags {
    for (name, value) in given {
        let stored = present.keys().find(|stored| stored.eq_ignore_ascii_case(&name)).cloned();
        present.insert(stored.unwrap_or(name), value);
    }
    present
}

/// Without those of these names.
pub(super) fn without(mut present: Tags, given: &Tags) -> Tags {
    present.retain(|stored, _| !given.keys().any(|name| name.eq_ignore_ascii_case(stored)));
    present
}
