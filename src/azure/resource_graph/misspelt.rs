//! A tag that was probably meant to be the one that claims names: its machine claims nothing.

use pure::domain::{ResourceId, Zones, distance, split_tag};

/// Slips of the pen in a key that is still taken for the tag's.
const SLIPS: usize = 2;

/// A machine without the tag, and the tag that was probably meant to be it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Misspelt {
    /// The machine.
    pub machine: ResourceId,
    /// Its tag.
    pub tag: OtherTag,
}

/// A tag of another key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OtherTag {
    /// Why it may have been meant.
    pub likeness: Likeness,
    /// The key as it is written.
    pub key: String,
    /// What the tag holds.
    pub value: String,
}

/// Why a tag of another key may have been meant, the better reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Its key is nearly the same.
    Key,
    /// It holds a name in a managed zone.
    Value,
}

impl Likeness {
    /// Whether and why a tag, its key and what it holds, may have been meant to be the one of that key.
    pub(super) fn of((key, value): (&str, &str), tag: &str, zones: &Zones) -> Option<Self> {
        if is_near(key, tag) {
            return Some(Self::Key);
        }
        let is_another = !key.is_empty() && key.to_lowercase() != tag.to_lowercase();
        (is_another && holds_a_name(value, zones)).then_some(Self::Value)
    }
}

/// Whether a key is another one, and so near to the tag's that it was probably meant to be it.
fn is_near(key: &str, tag: &str) -> bool {
    let (key, tag) = (key.to_lowercase(), tag.to_lowercase());
    // In a very short key one slip makes another word of it.
    let room = SLIPS.min(tag.chars().count() / 4);
    key != tag && key.len().abs_diff(tag.len()) <= SLIPS && distance(&key, &tag) <= room
}

/// Whether a value holds a name below one of the zones. Every tag of a fleet is asked, so it is not read closely.
fn holds_a_name(value: &str, zones: &Zones) -> bool {
    let is_below = |text: &str, zone: &str| {
        let begin = text.len().checked_sub(zone.len()).filter(|begin| *begin > 1);
        let (name, rest) = begin.and_then(|begin| text.split_at_checked(begin)).unwrap_or_default();
        let is_name = |letter: char| letter.is_alphanumeric() || "-.".contains(letter);
        name.ends_with('.') && name.chars().all(is_name) && rest.eq_ignore_ascii_case(zone)
    };
    let texts = split_tag(value).map(|text| text.trim_end_matches('.'));
    let mut texts = texts.filter(|text| text.contains('.'));
    texts.any(|text| zones.iter().any(|zone| is_below(text, zone.name().as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pure::domain::ZoneId;

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_key() {
        for key in ["DNSHostnam", "DNS-HostName", "dnshostnaem", "DNSHosName", "DNSHostNames"] {
            assert!(is_near(key, "DNSHostName"), "{key}");
        }
        for key in ["DNSHostName", "dnshostname", "HostName", "DNSHost", "owner", ""] {
            assert!(!is_near(key, "DNSHostName"), "{key}");
        }
        assert!(!is_near("dn", "dns") && !is_near("env", "dns"));
    }

    #[test]
    fn another_key_may_be_meant_where_its_value_is_a_name_of_ours() {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
        let zones = Zones::new([ZoneId::parse(id).unwrap()]).unwrap();
        let likeness = |key: &str, value: &str| Likeness::of((key, value), "Name", &zones);
        for value in ["nas.example.com", "pi.example.org, NAS.Example.COM.", "a.b.example.com"] {
            assert_eq!(likeness("fqdn", value), Some(Likeness::Value), "{value}");
        }
        for value in
            ["example.com", ".example.com", "nas.notexample.com", "ops@x.example.com", "nas.example.org", ""]
        {
            assert_eq!(likeness("fqdn", value), None, "{value}");
        }
        assert_eq!(likeness("Nane", "nas"), Some(Likeness::Key));
        assert_eq!(likeness("name", "nas.example.com"), None, "it is the tag itself");
    }
}
