//! One name of a tag, as every part of the program stores it.

use super::grant::Terms;
use super::inside::inside;
use super::policy::{Policy, Proposal};
use super::private::Multi;
use super::reason::Reason;
use super::why::Why;
use crate::domain::{HostName, ZoneKind, split_tag};

/// A name out of a tag as `TagData_CL` holds it: how it is spelled there, its zone, and the verdict of the static rules.
///
/// The collector and whoever compares a live tag with the log must agree to the letter, or a tag would be told anew by
/// every run; so this is the only way from the text to the row.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagName {
    /// The name in its stored form; what is no name is kept in lower case, so that people can find it.
    pub stored: String,
    /// The id of the longest managed zone of its kind, empty for none.
    pub zone: String,
    /// The code of the static rule that refuses it, or of its claim's hold; empty for none.
    pub skip: &'static str,
    /// The types that may be written of it, joined by commas: those of its grant; all that are managed for a name that no
    /// grant gives.
    pub types: String,
    /// The ranges that may stand in a private zone, joined by commas; empty for a public one.
    pub prefixes: String,
    /// Whether all addresses of a machine inside them may stand in the private zone.
    pub is_multi: bool,
}

impl TagName {
    /// Reads one name of a machine's tag, once for each zone that holds it; once alone of a name that none holds.
    pub fn of_sides<'a>(proposal: Proposal<'a>, policy: &'a Policy) -> impl Iterator<Item = Self> + 'a {
        let sides = policy.sides(proposal.text).into_iter();
        sides.map(move |kind| Self::of(proposal.inside(kind), policy))
    }

    /// Reads one name of a machine's tag for the kind of zone that is proposed.
    #[must_use]
    pub fn of(proposal: Proposal<'_>, policy: &Policy) -> Self {
        let (text, kind) = (proposal.text, proposal.kind);
        let prefixes = |name: &HostName, terms: Option<&Terms>| {
            let zone = policy.zones.longest_of(kind, name).filter(|_| kind == ZoneKind::Private);
            zone.map(|zone| join(inside(policy.private.prefixes.of(zone.name()), terms))).unwrap_or_default()
        };
        let is_multi = kind == ZoneKind::Private && policy.private.multi == Multi::All;
        let why = match policy.place(proposal) {
            Ok(placed) => {
                let zone = placed.zone.id.as_str().to_owned();
                let types = join(&placed.grant.terms.types);
                // No run writes it, so that no alert need call for it.
                let skip = if placed.grant.terms.hold { Reason::Held.as_str() } else { "" };
                let prefixes = prefixes(&placed.name, Some(&placed.grant.terms));
                return Self { stored: placed.name.into(), zone, skip, types, prefixes, is_multi };
            }
            // The function tells why it cannot know it, for as long as it cannot.
            Err(Why::Undecided(undecided)) => {
                let (zone, types) = (undecided.zone.as_str().to_owned(), join(policy.record_types()));
                let prefixes = prefixes(&undecided.name, None);
                return Self { stored: undecided.name.into(), zone, skip: "", types, prefixes, is_multi };
            }
            Err(why) => why,
        };
        let parsed = HostName::parse(text).ok();
        let zone = parsed.as_ref().and_then(|name| policy.zones.longest_of(kind, name));
        Self {
            zone: zone.map(|zone| zone.id.as_str().to_owned()).unwrap_or_default(),
            skip: why.reason().as_str(),
            types: join(policy.record_types()),
            prefixes: parsed.as_ref().map(|name| prefixes(name, None)).unwrap_or_default(),
            is_multi,
            stored: parsed.map_or_else(|| text.to_lowercase(), String::from),
        }
    }
}

fn join<T: ToString>(members: impl IntoIterator<Item = T>) -> String {
    members.into_iter().map(|member| member.to_string()).collect::<Vec<_>>().join(",")
}

/// Whether one of the names that a live tag holds is this one.
pub(super) fn tag_names(values: &[String], name: &HostName) -> bool {
    values
        .iter()
        .flat_map(|value| split_tag(value))
        .any(|text| HostName::parse(text).is_ok_and(|named| named == *name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ZoneId, Zones};
    use crate::plan::grant::Grant;

    fn policy() -> Policy {
        let zone = |name: &str| {
            ZoneId::parse(&format!(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/{name}"
            ))
            .unwrap()
        };
        let zones = Zones::new([zone("example.com"), zone("home.example.com")]).unwrap();
        let names = ["*.home.example.com", "nas.example.com"].map(|name| name.parse().unwrap());
        let grant = Grant::everywhere(names, Terms::default());
        Policy::new(zones, [grant], "us")
    }

    #[test]
    fn a_name_is_stored_in_one_spelling_with_zone_and_verdict() {
        for (text, stored, zone, skip) in [
            ("NAS.Example.com.", "nas.example.com", "example.com", ""),
            ("pc.home.example.com", "pc.home.example.com", "home.example.com", ""),
            ("WWW.example.com", "www.example.com", "example.com", "name-not-allowed"),
            ("example.NET", "example.net", "", "no-zone"),
            ("*.home.example.com", "*.home.example.com", "home.example.com", "wildcard"),
            ("home.example.com", "home.example.com", "home.example.com", "apex"),
            ("A_B.Example.com", "a_b.example.com", "", "name-invalid"),
            ("NO NAME!", "no name!", "", "name-invalid"),
        ] {
            let name = TagName::of(Proposal::of(text, None), &policy());
            let short = name.zone.rsplit('/').next().unwrap_or_default();
            assert_eq!((name.stored.as_str(), short, name.skip), (stored, zone, skip), "{text}");
        }
    }

    #[test]
    fn a_name_in_two_zones_is_two_rows_and_the_private_one_has_its_prefixes() {
        let zone = |name: &str| {
            let id = format!(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/{name}"
            );
            ZoneId::parse(&id).unwrap()
        };
        let ids = policy().zones.iter().map(|zone| zone.id.clone()).collect::<Vec<_>>();
        let zones = Zones::new(ids.into_iter().chain([zone("example.com"), zone("corp.test")])).unwrap();
        let mut policy = Policy { zones, ..policy() };
        policy.private.prefixes.add(None, ["10.0.0.0/8", "fd12::/16"].map(|text| text.parse().unwrap()));
        let own = HostName::parse("corp.test").unwrap();
        policy.private.prefixes.add(Some(own), ["10.1.0.0/16".parse().unwrap()]);
        let shown = |text: &str| {
            let rows = TagName::of_sides(Proposal::of(text, None), &policy);
            let short = |row: TagName| {
                let zone = row.zone.split('/').skip(7).collect::<Vec<_>>().join("/");
                [zone, row.skip.to_owned(), row.prefixes].join("|")
            };
            rows.map(short).collect::<Vec<_>>()
        };
        assert_eq!(
            shown("nas.home.example.com"),
            ["dnsZones/home.example.com||", "privateDnsZones/example.com||10.0.0.0/8,fd12::/16"]
        );
        assert_eq!(shown("nas.corp.test"), ["privateDnsZones/corp.test|name-not-allowed|10.1.0.0/16"]);
        assert_eq!(shown("nas.example.net"), ["|no-zone|"]);
    }

    #[test]
    fn what_is_stored_is_stored_so_again() {
        for text in ["NAS.Example.com.", "A_B.Example.com", "ÄÖ_.Example.com", "*.X", "İ_", "..", ""] {
            let once = TagName::of(Proposal::of(text, None), &policy());
            assert_eq!(TagName::of(Proposal::of(&once.stored, None), &policy()), once, "{text:?}");
        }
    }
}
