//! The only door by which a value enters a KQL text.

use std::net::{IpAddr, Ipv6Addr};

use jiff::Timestamp;
use pure::domain::{HostName, ResourceId};
use pure::shown::is_hidden;

/// A value of a strict type, whose text holds no control character. Quotes and backslashes, which an owner's id may hold,
/// are escaped by [`quoted`].
///
/// Only types whose parser guarantees that are literals; a text of unknown origin is none.
pub trait Literal: sealed::Sealed {
    /// The text as the queries compare it.
    fn text(&self) -> String;
}

/// In lower case, because the services spell one id in several cases.
impl Literal for ResourceId {
    fn text(&self) -> String {
        self.lower().to_owned()
    }
}

/// IPv4 as it is; IPv6 in full, eight groups of four digits, as `parse_ipv6` of KQL answers.
impl Literal for IpAddr {
    fn text(&self) -> String {
        match self {
            Self::V4(address) => address.to_string(),
            Self::V6(address) => in_full(*address),
        }
    }
}

/// Letters, digits, hyphens and dots, lower case; a wildcard's asterisk.
impl Literal for HostName {
    fn text(&self) -> String {
        self.as_str().to_owned()
    }
}

/// Whose rows a query counts: the id of an installation (`OWNER_ID`), which holds no blank, comma or control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerId(String);

impl OwnerId {
    /// The installation of that id, as the configuration has checked it; characters that it would have refused are left out.
    #[must_use]
    pub fn new(owner_id: &str) -> Self {
        let strict = |c: char| !(is_hidden(c) || c.is_whitespace() || c == ',');
        Self(owner_id.chars().filter(|c| strict(*c)).collect())
    }
}

impl Literal for OwnerId {
    fn text(&self) -> String {
        self.0.clone()
    }
}

/// A subscription: letters, digits and hyphens, lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription(String);

impl Subscription {
    /// Reads an id; none for what holds anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let strict = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (!text.is_empty() && text.chars().all(strict)).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The id in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Literal for Subscription {
    fn text(&self) -> String {
        self.0.clone()
    }
}

/// A run, as our rows name it: hexadecimal digits and hyphens, lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunId(String);

impl RunId {
    /// Reads an id; none for what is no UUID.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.trim().to_ascii_lowercase();
        let parts: Vec<&str> = id.split('-').collect();
        let is_part = |part: &&str| part.chars().all(|digit| digit.is_ascii_hexdigit());
        let is_id = parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(is_part);
        is_id.then_some(Self(id))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Literal for RunId {
    fn text(&self) -> String {
        self.0.clone()
    }
}

/// Digits, hyphens, colons, a dot, `T` and `Z`.
impl Literal for Timestamp {
    fn text(&self) -> String {
        self.to_string()
    }
}

pub(super) const INSTALLATION: &str = "let Installation = \"\";";

/// A query that counts the rows of this installation alone.
pub(super) fn for_installation(template: &str, owner: &OwnerId) -> String {
    template.replacen(INSTALLATION, &format!("let Installation = {};", quoted(owner)), 1)
}

fn in_full(address: Ipv6Addr) -> String {
    address.segments().map(|group| format!("{group:04x}")).join(":")
}

/// A KQL string literal of the value, in single quotes.
///
/// ```
/// use heartbeat_dns::queries::quoted;
///
/// let address: std::net::IpAddr = "203.0.113.7".parse()?;
/// assert_eq!(quoted(&address), "'203.0.113.7'");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn quoted(value: &impl Literal) -> String {
    let mut literal = String::from("'");
    for character in value.text().chars() {
        // An owner's id may hold a quote or a backslash. Control characters no strict type lets through.
        match character {
            '\'' | '\\' => literal.extend(['\\', character]),
            character if character.is_control() => {}
            character => literal.push(character),
        }
    }
    literal.push('\'');
    literal
}

/// The values as literals, separated by commas: for the parentheses of `in~ (…)` or the brackets of `dynamic([…])`.
#[must_use]
pub fn quoted_list<'a, L: Literal + 'a>(values: impl IntoIterator<Item = &'a L>) -> String {
    values.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// An address in every form in which a service may write it, as members of a list: IPv6 in full, without leading zeros, and in
/// its short form. What compares them leaves case aside.
#[must_use]
pub fn quoted_spellings(address: &IpAddr) -> String {
    let forms = match address {
        IpAddr::V4(_) => return quoted(address),
        IpAddr::V6(address) => {
            let groups = address.segments().map(|group| format!("{group:x}"));
            [in_full(*address), groups.join(":"), address.to_string()]
        }
    };
    forms.map(|form| format!("'{form}'")).join(", ")
}

/// A literal for `matches regex` that finds each of these addresses in whatever spelling, and more than them: groups of zeros
/// and leading zeros may stand there or not.
#[must_use]
pub fn quoted_pattern<'a>(addresses: impl IntoIterator<Item = &'a Ipv6Addr>) -> String {
    let one = |address: &Ipv6Addr| {
        let groups = address.segments().into_iter().filter(|group| *group != 0);
        groups.map(|group| format!("{group:x}")).collect::<Vec<_>>().join("[:0]+")
    };
    let all: Vec<String> = addresses.into_iter().map(one).collect();
    format!("'(?i)({})'", all.join("|"))
}

mod sealed {
    /// Keeps other modules from calling a type of theirs strict.
    pub trait Sealed {}

    impl Sealed for pure::domain::HostName {}
    impl Sealed for pure::domain::ResourceId {}
    impl Sealed for super::OwnerId {}
    impl Sealed for super::RunId {}
    impl Sealed for super::Subscription {}
    impl Sealed for jiff::Timestamp {}
    impl Sealed for std::net::IpAddr {}
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Hostile;

    impl sealed::Sealed for Hostile {}

    impl Literal for Hostile {
        fn text(&self) -> String {
            "x'] | where\n1 == 1 \\".to_owned()
        }
    }

    #[test]
    fn a_literal_cannot_be_left_from_inside() {
        assert_eq!(quoted(&Hostile), r"'x\'] | where1 == 1 \\'");
    }

    #[test]
    fn ids_are_lower_case_and_ipv6_is_written_in_full() {
        let id = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.HybridCompute/machines/NAS";
        let id = ResourceId::parse(id).unwrap();
        let lower = "'/subscriptions/s/resourcegroups/rg/providers/microsoft.hybridcompute/machines/nas'";
        assert_eq!(quoted(&id), lower);
        let addresses: [IpAddr; 2] = ["203.0.113.7", "2001:db8::7"].map(|text| text.parse().unwrap());
        let list = "'203.0.113.7', '2001:0db8:0000:0000:0000:0000:0000:0007'";
        assert_eq!(quoted_list(&addresses), list);
    }

    #[test]
    fn a_pattern_leaves_open_how_zeros_are_written() {
        let addresses = ["2001:db8::1", "2001:db8:0:a::b"].map(|text| text.parse().unwrap());
        assert_eq!(quoted_pattern(&addresses), "'(?i)(2001[:0]+db8[:0]+1|2001[:0]+db8[:0]+a[:0]+b)'");
    }
}
