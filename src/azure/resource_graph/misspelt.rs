//! A tag whose key is a slip of the pen away from the one that claims names: its machine claims nothing.

use pure::domain::{ResourceId, distance};

/// Slips of the pen in a key that is still taken for the tag's.
const SLIPS: usize = 2;

/// A machine without the tag, and the tag that was probably meant to be it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Misspelt {
    /// The machine.
    pub machine: ResourceId,
    /// The key as it is written.
    pub key: String,
    /// What the tag holds.
    pub value: String,
}

/// Whether a key is another one, and so near to the tag's that it was probably meant to be it.
pub(super) fn is_near(key: &str, tag: &str) -> bool {
    let (key, tag) = (key.to_lowercase(), tag.to_lowercase());
    // In a very short key one slip makes another word of it.
    let room = SLIPS.min(tag.chars().count() / 4);
    key != tag && key.len().abs_diff(tag.len()) <= SLIPS && distance(&key, &tag) <= room
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
