//! What tags may be, and how given ones change those that are there (contract azure-resource-manager, section 5).

use serde_json::Value;

use crate::Reply;
use crate::world::{Tags, form};

/// Characters of a name and of a value at most.
const LONGEST_NAME: usize = 512;
const LONGEST_VALUE: usize = 256;
/// What no name holds, besides control characters.
const RESERVED: [char; 7] = ['<', '>', '%', '&', '\\', '?', '/'];
/// What the names of a DNS zone's tags do not hold either.
const RESERVED_OF_ZONE: [char; 4] = [' ', '(', ')', ':'];

/// Who holds tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A DNS zone of either provider, or a link of one.
    Zone,
    /// A machine, a group or a subscription.
    Other,
}

impl Holder {
    /// How many tags it holds at most.
    fn most(self) -> usize {
        match self {
            Self::Zone => 15,
            Self::Other => 50,
        }
    }

    /// Checks names, values and their number.
    ///
    /// # Errors
    /// The 400 of Resource Manager, or that of the DNS provider.
    pub(super) fn check(self, tags: &Tags) -> Result<(), Reply> {
        for (name, value) in tags.iter() {
            check_name(name)?;
            check_value(value)?;
        }
        let odd = self == Self::Zone && tags.iter().any(|(name, _)| name.contains(RESERVED_OF_ZONE));
        if tags.len() <= self.most() && !odd {
            return Ok(());
        }
        Err(match self {
            Self::Zone => Reply::bare(
                400,
                "BadRequest",
                "The resource tags are invalid: at most 15 are allowed, and no \
                                      spaces, colons or parentheses in their names.",
            ),
            Self::Other => bad(format!("At most {} tags are allowed.", self.most())),
        })
    }
}

/// Checks a name by what holds for every tag.
///
/// # Errors
/// The 400 of Resource Manager.
pub(super) fn check_name(name: &str) -> Result<(), Reply> {
    if name.contains(RESERVED) || name.contains(char::is_control) {
        let message = format!(
            "The tag names '{name}' have reserved characters '<,>,%,&,\\,?,/' or control characters."
        );
        return Err(Reply::wrapped(400, "InvalidTagNameCharacters", &message));
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let message = format!("The tag name '{name}' must have 1 to {LONGEST_NAME} characters.");
        return Err(Reply::wrapped(400, "InvalidTagName", &message));
    }
    Ok(())
}

/// Checks a value by what holds for every tag.
///
/// # Errors
/// The 400 of Resource Manager.
pub(super) fn check_value(value: &str) -> Result<(), Reply> {
    if value.chars().count() > LONGEST_VALUE {
        let message = format!("The tag value '{value}' has more than {LONGEST_VALUE} characters.");
        return Err(Reply::wrapped(400, "InvalidTagValueLength", &message));
    }
    Ok(())
}

/// The 400 for tags that cannot be.
pub(super) fn bad(message: impl AsRef<str>) -> Reply {
    Reply::wrapped(400, "InvalidTags", message.as_ref())
}

/// Reads the member `tags` of a body; none: it is null. Of names that differ by case alone the last one counts, with
/// its value and its spelling.
///
/// # Errors
/// The 400 for what is no map from text to text.
pub(super) fn read(value: &Value) -> Result<Option<Tags>, Reply> {
    let tags =
        form::tags_of(value, "tags").map_err(|error| Reply::wrapped(400, "InvalidRequestContent", &error))?;
    Ok(tags.map(|tags| folded(&tags)))
}

fn folded(tags: &Tags) -> Tags {
    let mut kept: Vec<(&str, &str)> = Vec::new();
    for pair in tags.iter() {
        match kept.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(pair.0)) {
            Some(present) => *present = pair,
            None => kept.push(pair),
        }
    }
    kept.into_iter().collect()
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
