//! The keys under which the machines of a fleet carry names, counted: whether another key than the tag's is the one that was
//! meant.

use std::collections::BTreeMap;

use super::machine::MachinesPage;
use super::misspelt::Likeness;

/// The keys of a fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagKeys {
    /// Machines that carry the tag.
    tagged: u64,
    /// Those of the others that carry another one which may be meant, by its key in lower case.
    others: BTreeMap<String, Other>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Other {
    key: String,
    likeness: Likeness,
    machines: u64,
}

/// The key that the tag was probably meant to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeantKey {
    /// The key as machines write it.
    pub key: String,
    /// Why it may have been meant.
    pub likeness: Likeness,
    /// Machines that carry it, and not the tag.
    pub machines: u64,
    /// Machines that carry the tag.
    pub tagged: u64,
}

impl TagKeys {
    /// Counts the machines of a page.
    pub fn count(&mut self, page: &MachinesPage) {
        let is_tagged = |values: &Vec<String>| !values.is_empty();
        self.tagged += page.machines.iter().filter(|machine| is_tagged(&machine.tag_values)).count() as u64;
        // A machine that does not show its tags may carry the right one.
        self.tagged += page.unreadable.len() as u64;
        for other in page.misspelt.iter().map(|misspelt| &misspelt.tag) {
            let key = other.key.to_lowercase();
            let new = || Other { key: other.key.clone(), likeness: other.likeness, machines: 0 };
            self.others.entry(key).or_insert_with(new).machines += 1;
        }
    }

    /// Whether some machine carries a tag that may have been meant.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        !self.others.is_empty()
    }

    /// Whether no machine carries the tag.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.tagged == 0
    }

    /// The key that was probably meant, where the setting is wrong and not the tags: of keys that are nearly the same, one that
    /// more machines carry than the tag's, for nobody makes the same slip on most of a fleet; and any that holds our names,
    /// where no machine carries the tag's.
    #[must_use]
    pub fn meant(&self) -> Option<MeantKey> {
        let most = self.others.values().max_by_key(|other| other.machines)?;
        let is_meant = match most.likeness {
            Likeness::Key => most.machines > self.tagged.max(1),
            Likeness::Value => self.tagged == 0,
        };
        let Other { key, likeness, machines } = most.clone();
        is_meant.then_some(MeantKey { key, likeness, machines, tagged: self.tagged })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::resource_graph::{Misspelt, OtherTag};
    use pure::domain::ResourceId;

    fn keys(tagged: u64, others: &[(&str, Likeness)]) -> TagKeys {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m";
        let machine = ResourceId::parse(id).unwrap();
        let misspelt = |(key, likeness): &(&str, Likeness)| {
            let tag = OtherTag { likeness: *likeness, key: (*key).to_owned(), value: String::new() };
            Misspelt { machine: machine.clone(), tag }
        };
        let mut keys = TagKeys { tagged, ..TagKeys::default() };
        keys.count(&MachinesPage {
            misspelt: others.iter().map(misspelt).collect(),
            ..MachinesPage::default()
        });
        keys
    }

    /// | carry the tag | carry another one | meant |
    #[test]
    fn the_setting_is_wrong_where_most_of_a_fleet_says_so() {
        use Likeness::{Key, Value};
        for (tagged, others, meant) in [
            (0, &[("Name", Key), ("name", Key)][..], Some(2)),
            (1, &[("Name", Key), ("Name", Key)], Some(2)),
            (2, &[("Name", Key), ("Name", Key)], None),
            (0, &[("Name", Key)], None),
            (0, &[("Other", Value)], Some(1)),
            (1, &[("Other", Value), ("Other", Value)], None),
            (0, &[("Other", Value), ("Name", Key), ("Name", Key)], Some(2)),
            (0, &[], None),
        ] {
            let found = keys(tagged, others).meant();
            assert_eq!(found.map(|meant| meant.machines), meant, "{tagged} {others:?}");
        }
    }
}
