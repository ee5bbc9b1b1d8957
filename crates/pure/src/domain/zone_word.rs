//! A zone as people say it: by its name, or with the word of a policy file for the private one of two.

use std::collections::BTreeSet;

use super::host_name::HostName;
use super::name_set::NameSet;
use super::record_id::RecordId;
use super::zone::{ZoneId, Zones};
use super::zone_kind::ZoneKind;

/// What stands before the name of a private zone.
const PRIVATE: &str = "private:";
/// Zones that are named in a sentence.
const NAMED: usize = 12;

/// Why a side of names cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SideFault {
    /// No managed zone is said so.
    #[error("{text:?} is none of the zones of DNS_ZONES and PRIVATE_ZONES, which are {ours}")]
    NotOurs {
        /// What was said.
        text: String,
        /// How the managed ones are said.
        ours: String,
    },
    /// The name has no record set there.
    #[error("{name} is not a name of the zone {zone}{own}")]
    Outside {
        /// The name.
        name: HostName,
        /// How the zone is said.
        zone: String,
        /// The zone of that kind that holds it instead, in words.
        own: String,
    },
}

impl ZoneId {
    /// How the zone is said so that no other is meant.
    #[must_use]
    pub fn word(&self) -> String {
        match self.kind() {
            ZoneKind::Public => self.zone_name().to_string(),
            ZoneKind::Private => format!("{PRIVATE}{}", self.zone_name()),
        }
    }
}

impl Zones {
    /// The zone that is meant. A name alone is the public zone where there are two, as it is in a policy file.
    ///
    /// # Errors
    /// [`SideFault::NotOurs`] for any other text.
    pub fn said(&self, text: &str) -> Result<&ZoneId, SideFault> {
        let (name, is_private) = text.trim().strip_prefix(PRIVATE).map_or((text, false), |name| (name, true));
        let name = name.trim().trim_end_matches('.');
        let of_kind = |kind: ZoneKind| {
            let is_meant =
                |id: &&ZoneId| id.kind() == kind && id.zone_name().as_str().eq_ignore_ascii_case(name);
            self.iter().map(|zone| &zone.id).find(is_meant)
        };
        let private = of_kind(ZoneKind::Private);
        let found = if is_private { private } else { of_kind(ZoneKind::Public).or(private) };
        found.ok_or_else(|| {
            let mut ours: Vec<String> = self.iter().take(NAMED).map(|zone| zone.id.word()).collect();
            if self.len() > NAMED {
                ours.push(format!("{} more", self.len() - NAMED));
            }
            SideFault::NotOurs { text: text.chars().take(160).collect(), ours: ours.join(", ") }
        })
    }

    /// Names, on one side alone where a zone is said.
    ///
    /// # Errors
    /// [`SideFault`] where that is no managed zone, or holds one of them not.
    pub fn on_side(&self, names: BTreeSet<HostName>, said: Option<&str>) -> Result<NameSet, SideFault> {
        let Some(zone) = said.map(|text| self.said(text)).transpose()? else { return Ok(names.into()) };
        for name in &names {
            let own = self.longest_of(zone.kind(), name).map(|own| &own.id);
            if own != Some(zone) {
                let own = own.map(|own| format!(", but of {}", own.word())).unwrap_or_default();
                return Err(SideFault::Outside { name: name.clone(), zone: zone.word(), own });
            }
        }
        Ok(NameSet::of(names, Some(zone)))
    }

    /// The names of record sets, each on those of its sides where one of them stands.
    #[must_use]
    pub fn on_their_sides(&self, ids: impl IntoIterator<Item = RecordId>) -> NameSet {
        let mut names = NameSet::default();
        for RecordId { zone, name, .. } in ids {
            // Of a name that has no other side nobody says which.
            match self.of_name(&name).count() {
                0 | 1 => names.insert(name),
                _ => names.insert_in(zone, name),
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::super::record_id::RecordType;
    use super::*;

    fn id(kind: &str, name: &str) -> ZoneId {
        ZoneId::parse(&format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/{name}"))
            .unwrap()
    }

    #[test]
    fn each_zone_can_be_said_and_a_name_alone_is_the_public_one_of_two() {
        let (public, twin) = (id("dnsZones", "example.com"), id("privateDnsZones", "example.com"));
        let corp = id("privateDnsZones", "corp.example.com");
        let zones = Zones::new([public.clone(), twin.clone(), corp.clone()]).unwrap();
        for (text, meant) in [
            ("example.com", Some(&public)),
            (" Example.com. ", Some(&public)),
            ("private:example.com", Some(&twin)),
            (" private: example.com", Some(&twin)),
            ("corp.example.com", Some(&corp)),
            ("private:corp.example.com", Some(&corp)),
            ("private:other.example.com", None),
            ("other.example.com", None),
            ("", None),
        ] {
            assert_eq!(zones.said(text).ok(), meant, "{text}");
        }
        for zone in [public, twin, corp] {
            assert_eq!(zones.said(&zone.word()), Ok(&zone));
        }
        let fault = zones.said("exmaple.com").unwrap_err().to_string();
        assert_eq!(
            fault,
            "\"exmaple.com\" is none of the zones of DNS_ZONES and PRIVATE_ZONES, which are example.com, private:corp.example.com, private:example.com"
        );
    }

    #[test]
    fn a_name_has_a_side_only_in_the_zone_that_holds_it() {
        let zones = ["example.com", "home.example.com"].map(|name| id("dnsZones", name)).into_iter();
        let zones = Zones::new(zones.chain([id("privateDnsZones", "example.com")])).unwrap();
        let names = |name: &str| BTreeSet::from([HostName::parse(name).unwrap()]);
        let said = |name: &str, zone: &str| zones.on_side(names(name), Some(zone));
        let nas = said("nas.home.example.com", "private:example.com").unwrap();
        assert_eq!(nas.side(), Some(&id("privateDnsZones", "example.com")));
        assert_eq!(zones.on_side(names("nas.example.com"), None), Ok(names("nas.example.com").into()));
        // A name of one zone has no side to be told of.
        let set = |name: &str, zone: ZoneId| RecordId {
            zone,
            name: HostName::parse(name).unwrap(),
            record_type: RecordType::A,
        };
        let alone = Zones::new([id("dnsZones", "example.com")]).unwrap();
        let public = set("nas.example.com", id("dnsZones", "example.com"));
        assert_eq!(alone.on_their_sides([public.clone()]).side(), None);
        assert_eq!(zones.on_their_sides([public.clone()]).side(), Some(&public.zone));
        for (name, zone, words) in [
            (
                "nas.home.example.com",
                "example.com",
                "nas.home.example.com is not a name of the zone example.com, but of home.example.com",
            ),
            (
                "nas.example.net",
                "private:example.com",
                "nas.example.net is not a name of the zone private:example.com",
            ),
        ] {
            assert_eq!(said(name, zone).unwrap_err().to_string(), words);
        }
    }
}
