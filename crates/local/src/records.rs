//! `--records FILE`: the record sets that exist when a recording begins, in the forms in which people keep them.

mod arm;
mod octodns;
mod zone_file;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::given::{self, Meant};
use crate::{host_name, street};

/// The types that both Azure and the files have. SOA is every zone's own.
const TYPES: [&str; 9] = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"];

/// A zone with its record sets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Records {
    /// The zone's name, in lower case, without a dot at its end.
    pub zone: String,
    /// Its Resource Manager id.
    pub zone_id: String,
    /// Record sets of a world document.
    pub sets: Vec<Value>,
    /// What of the file is not there, each a fragment such as `DS nas`.
    pub left_out: Vec<String>,
    /// What people must know of the file besides.
    pub notes: Vec<String>,
}

impl Default for Records {
    /// The street's zone, with nothing in it.
    fn default() -> Self {
        Self::new(street::ZONE)
    }
}

impl Records {
    /// An empty zone.
    pub(crate) fn new(zone: &str) -> Self {
        let zone = zone.trim_end_matches('.').to_ascii_lowercase();
        let group = format!("/subscriptions/{}/resourceGroups/rg-dns", street::SUBSCRIPTION);
        let zone_id = format!("{group}/providers/Microsoft.Network/dnsZones/{zone}");
        Self { zone, zone_id, sets: Vec::new(), left_out: Vec::new(), notes: Vec::new() }
    }

    /// Reads a zone file, YAML of octoDNS, or record sets as JSON.
    ///
    /// # Errors
    /// A file that cannot be read, or of another form.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        Self::parse(&given::text(file)?, file)
            .with_context(|| format!("cannot take the record sets of {}", file.display()))
            .map_err(|fault| given::swapped(fault, file, Meant::Records))
    }

    fn parse(text: &str, file: &Path) -> Result<Self> {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if ["yaml", "yml"].iter().any(|yaml| extension.eq_ignore_ascii_case(yaml)) {
            let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            return octodns::read(text, stem);
        }
        if text.trim_start().starts_with(['[', '{']) {
            return arm::read(text);
        }
        zone_file::read(text)
    }

    /// The name of a set below the zone, `@` for its apex; none: it is elsewhere. A name without a dot at its end is full too.
    fn relative<'n>(&self, name: &'n str) -> Option<&'n str> {
        let name = name.trim_end_matches('.');
        let cut = name.len().checked_sub(self.zone.len())?;
        let (below, zone) = name.split_at_checked(cut)?;
        match below.strip_suffix('.') {
            _ if !zone.eq_ignore_ascii_case(&self.zone) => None,
            None if below.is_empty() => Some("@"),
            below => below,
        }
    }

    /// Whether a name (in full) is in the zone.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.relative(name).is_some()
    }

    /// Puts a set there, or says that it is left out: SOA and NS of the apex are those of the local Azure.
    fn put(&mut self, mut set: Value) {
        let text = |member: &str| set[member].as_str().unwrap_or_default().to_owned();
        let (mut name, kind) = (text("name"), text("type"));
        if !name.is_ascii() {
            let Some(ascii) = host_name::ascii(&name) else {
                self.left_out.push(format!("{kind} {name} (no name of DNS)"));
                return;
            };
            name.clone_from(&ascii);
            set["name"] = ascii.into();
        }
        let kind = kind.rsplit('/').next().unwrap_or_default();
        let known = TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind));
        if kind.eq_ignore_ascii_case("SOA") || (name == "@" && kind.eq_ignore_ascii_case("NS")) {
            return;
        }
        if known { self.sets.push(set) } else { self.left_out.push(format!("{kind} {name}")) }
    }

    /// Addresses by name (in full, lower case) and record type.
    pub(crate) fn addresses(&self) -> BTreeMap<(String, &'static str), Vec<String>> {
        let of = |set: &Value| {
            let properties = set.get("properties").unwrap_or(set);
            let name = match set["name"].as_str()? {
                "@" => self.zone.clone(),
                name => format!("{}.{}", name.to_lowercase(), self.zone),
            };
            let members = [("A", "arecords", "ipv4address"), ("AAAA", "aaaarecords", "ipv6address")];
            members.into_iter().find_map(|(kind, list, address)| {
                let records = member(properties, list)?.as_array().filter(|records| !records.is_empty())?;
                let address = |record: &Value| Some(member(record, address)?.as_str()?.to_owned());
                Some(((name.clone(), kind), records.iter().filter_map(address).collect()))
            })
        };
        self.sets.iter().filter_map(of).collect()
    }
}

/// A member in whatever casing a maker writes it.
fn member<'v>(value: &'v Value, lower: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    members.iter().find(|(name, _)| name.eq_ignore_ascii_case(lower)).map(|(_, value)| value)
}

/// A name as a zone.
fn zone_name(name: &str) -> Result<String> {
    let zone = host_name::ascii(name).filter(|zone| zone.contains('.') && !zone.starts_with('*'));
    zone.with_context(|| format!("'{name}' is no name of a zone"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_below_the_zone() {
        let records = Records::default();
        for (name, relative) in [
            ("nas.Example.com.", Some("nas")),
            ("a.b.example.com", Some("a.b")),
            ("example.com.", Some("@")),
            ("notexample.com", None),
            ("com", None),
            ("é.example.org", None),
        ] {
            assert_eq!(records.relative(name), relative, "{name}");
        }
    }

    #[test]
    fn a_zone_has_a_name() {
        assert_eq!(zone_name("Example.COM.").unwrap(), "example.com");
        for name in ["", "com", "a..b", "a b.c", "a/b.c"] {
            assert!(zone_name(name).is_err(), "{name}");
        }
    }
}
