//! What tags may be, and how given ones change those that are there (contract azure-resource-manager, section 5).

use crate::Reply;
use crate::world::Tags;

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
    for (name, value) in tags.iter() {
        if name.is_empty()
            || name.chars().count() > 512
            || name.contains(['<', '>', '%', '&', '\\', '?', '/'])
        {
            return Err(bad(format!("'{name}' is not a tag name.")));
        }
        if value.chars().count() > 256 {
            return Err(bad(format!("The value of the tag '{name}' has more than 256 characters.")));
        }
    }
    Ok(())
}

/// Names are compared without case; the stored spelling stays.
pub(super) fn merged(present: &Tags, given: &Tags) -> Tags {
    let mut tags: Vec<(&str, &str)> = present.iter().collect();
    for (name, value) in given.iter() {
        match tags.iter_mut().find(|(stored, _)| stored.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value,
            None => tags.push((name, value)),
        }
    }
    tags.into_iter().collect()
}

/// Without those of these names.
pub(super) fn without(present: &Tags, given: &Tags) -> Tags {
    let stays = |stored: &str| !given.iter().any(|(name, _)| name.eq_ignore_ascii_case(stored));
    present.iter().filter(|(stored, _)| stays(stored)).collect()
}
