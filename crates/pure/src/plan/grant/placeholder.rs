//! The placeholders of names in a policy, and what a machine fills them with.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::{HostName, ResourceId};

/// A placeholder in a name of the policy. Who chooses what it is filled with: of `{name}` and `{resourceGroup}` whoever
/// onboards the machine, of `{location}` too, of `{tag:KEY}` whoever may tag it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// `{name}`: the machine's name, the last segment of its id.
    Name,
    /// `{resourceGroup}`: the group that it is in.
    ResourceGroup,
    /// `{location}`: its location, such as `westeurope`.
    Location,
    /// `{tag:KEY}`: the value of a tag; the key in lower case, for Azure compares keys without case.
    Tag(String),
}

/// What is known of a machine besides its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Its location as given.
    pub location: String,
    /// Its tags: value by key in lower case.
    pub tags: BTreeMap<String, String>,
}

impl Placeholder {
    /// Reads what stands between the braces.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "name" => Self::Name,
            "resourceGroup" => Self::ResourceGroup,
            "location" => Self::Location,
            _ => Self::Tag(text.strip_prefix("tag:").filter(|key| !key.trim().is_empty())?.to_lowercase()),
        })
    }

    /// The key of the tag, of a placeholder that is one.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        match self {
            Self::Tag(key) => Some(key),
            Self::Name | Self::ResourceGroup | Self::Location => None,
        }
    }

    /// What the machine has there, empty when it has nothing; none when that is not known.
    pub(super) fn value<'a>(
        &self,
        machine: Option<&'a ResourceId>,
        facts: Option<&'a Traits>,
    ) -> Option<&'a str> {
        match self {
            Self::Name => Some(machine.map_or("", ResourceId::name)),
            Self::ResourceGroup => Some(machine.map_or("", ResourceId::resource_group)),
            Self::Location => facts.map(|facts| facts.location.as_str()),
            Self::Tag(key) => facts.map(|facts| facts.tags.get(key).map_or("", String::as_str)),
        }
    }
}

/// What a value fills in: literal text that is one label of a name, or nothing. A dot, an asterisk, a blank at an edge or
/// anything else that no label has fills in nothing, for else whoever chooses the value would choose the rest of the name.
pub(super) fn label(value: &str) -> Option<String> {
    if value.contains(['.', '*']) || value.trim() != value {
        return None;
    }
    // Other characters may be dots too once they are read as names are.
    let name = HostName::parse(value).ok()?;
    (name.labels().count() == 1).then(|| name.into())
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("{name}"),
            Self::ResourceGroup => f.write_str("{resourceGroup}"),
            Self::Location => f.write_str("{location}"),
            Self::Tag(key) => write!(f, "{{tag:{key}}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fills_in_one_label_or_nothing() {
        for (value, filled) in [
            ("web01", Some("web01")),
            ("WEB-01", Some("web-01")),
            ("B\u{fc}ro", Some("xn--bro-hoa")),
            ("", None),
            ("*", None),
            ("a*", None),
            ("a.b", None),
            ("a.", None),
            ("a\u{3002}b", None),
            ("a\u{ff0e}b", None),
            (" a", None),
            ("a ", None),
            ("a b", None),
            ("a_b", None),
            ("-a", None),
            ("a/b", None),
            ("{name}", None),
        ] {
            assert_eq!(label(value).as_deref(), filled, "{value:?}");
        }
        assert_eq!(label(&"a".repeat(64)), None);
    }

    #[test]
    fn placeholders_are_few() {
        for text in ["name", "resourceGroup", "location", "tag:Site"] {
            let placeholder = Placeholder::parse(text).unwrap();
            assert_eq!(placeholder.to_string().to_lowercase(), format!("{{{text}}}").to_lowercase());
        }
        for text in ["", "Name", "tag:", "tag: ", "tag", "subscription", "name "] {
            assert_eq!(Placeholder::parse(text), None, "{text}");
        }
    }
}
