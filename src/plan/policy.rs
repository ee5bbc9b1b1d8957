//! What may be managed, and when something is suspicious: every limit of the plan in one value.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use jiff::SignedDuration;

use crate::domain::{HostName, NameFault, RecordType, Zone, Zones};

use super::skip::Why;

/// The rules of one installation; see the `POLICY_*` variables.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The managed zones (`DNS_ZONES`).
    pub zones: Zones,
    /// Who may be managed (`POLICY_NAMES`).
    pub names: Vec<NamePattern>,
    /// This installation's id in marks (`OWNER_ID`).
    pub owner: String,
    /// Types that may be written (`POLICY_RECORD_TYPES`).
    pub record_types: BTreeSet<RecordType>,
    /// Ranges that may be published although they are not public (`POLICY_ALLOW_PREFIXES`).
    pub allow_prefixes: Vec<IpNet>,
    /// Ranges that are never published (`POLICY_DENY_PREFIXES`).
    pub deny_prefixes: Vec<IpNet>,
    /// Ranges to which any number of places may converge (`POLICY_EXPECT_PREFIXES`).
    pub expect_prefixes: Vec<IpNet>,
    /// Newest heartbeats that must agree (`POLICY_MIN_BEATS`).
    pub min_beats: u64,
    /// Oldest newest heartbeat that counts (`POLICY_MAX_HEARTBEAT_AGE`).
    pub max_heartbeat_age: SignedDuration,
    /// How long the present address must not have been seen after a return (`POLICY_UNSEEN`).
    pub unseen: SignedDuration,
    /// How long a silent machine keeps its claim (`POLICY_CLAIM_DORMANT`).
    pub claim_dormant: SignedDuration,
    /// Whether names without a record set get one (`POLICY_CREATE`).
    pub create: bool,
    /// Which unmarked sets become ours (`POLICY_ADOPT`).
    pub adopt: Adopt,
    /// Names that a person adopts by hand in this run; their unmarked sets are taken whatever they hold.
    pub adopt_by_hand: BTreeSet<HostName>,
    /// Time to live of new sets, in seconds (`POLICY_TTL`).
    pub ttl: u32,
    /// Different present addresses that may move to one new address (`POLICY_MAX_SOURCES`).
    pub max_sources: usize,
    /// Percent of a zone's present addresses that may move at once (`POLICY_MAX_MOVE_PERCENT`).
    pub max_move_percent: u64,
    /// Age of a change's first beat from which no surge holds it (`POLICY_SURGE_HOLD`).
    pub surge_hold: SignedDuration,
    /// Percent of the machines heard before that may fall silent (`POLICY_MAX_SILENT_PERCENT`).
    pub max_silent_percent: u64,
    /// How often the collector sweeps (`SNAPSHOT_EVERY`).
    pub snapshot_every: SignedDuration,
}

/// Which unmarked record sets are adopted (`POLICY_ADOPT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopt {
    /// Those listed literally, and those whose every address the claiming machines reported within 30 days.
    Seen,
    /// All but those with a reserved first label, which must be listed literally.
    Always,
    /// None.
    Never,
}

impl Policy {
    /// `POLICY_MAX_HEARTBEAT_AGE` above this is a configuration fault.
    pub const MAX_HEARTBEAT_AGE_LIMIT: SignedDuration = SignedDuration::from_hours(1);
    /// `POLICY_SURGE_HOLD` above this is a configuration fault.
    pub const SURGE_HOLD_LIMIT: SignedDuration = SignedDuration::from_mins(45);

    /// The defaults for these zones, names and installation.
    #[must_use]
    pub fn new(zones: Zones, names: Vec<NamePattern>, owner: impl Into<String>) -> Self {
        Self {
            zones,
            names,
            owner: owner.into(),
            record_types: BTreeSet::from([RecordType::A]),
            allow_prefixes: Vec::new(),
            deny_prefixes: Vec::new(),
            expect_prefixes: Vec::new(),
            min_beats: 2,
            max_heartbeat_age: SignedDuration::from_mins(15),
            unseen: SignedDuration::from_mins(10),
            claim_dormant: SignedDuration::from_hours(24),
            create: true,
            adopt: Adopt::Seen,
            adopt_by_hand: BTreeSet::new(),
            ttl: 60,
            max_sources: 3,
            max_move_percent: 30,
            surge_hold: SignedDuration::from_mins(15),
            max_silent_percent: 50,
            snapshot_every: SignedDuration::from_mins(30),
        }
    }

    /// The static rules on names, shared by the collector and the plan: the zone that answers for the name.
    ///
    /// # Errors
    /// The first of `wildcard`, `name-invalid`, `no-zone`, `apex`, `name-not-allowed` that applies.
    pub fn place(&self, text: &str) -> Result<(HostName, &Zone), Why> {
        let quoted = || super::words::quote(text);
        let bare = text.trim();
        let looks_wild = bare == "*" || bare.starts_with("*.");
        let name = match HostName::parse(bare) {
            Ok(name) => name,
            Err(_) if looks_wild => return Err(Why::Wildcard { name: quoted() }),
            Err(fault) => return Err(Why::NameInvalid { name: quoted(), fault }),
        };
        let literal = self.lists_literally(&name);
        if name.is_wildcard() && !literal {
            return Err(Why::Wildcard { name: name.to_string() });
        }
        let Some(zone) = self.zones.longest_match(&name) else {
            let zones = self.zones.iter().map(|zone| zone.name().to_string()).collect();
            return Err(Why::NoZone { name: name.to_string(), zones });
        };
        if name == *zone.name() && !literal {
            return Err(Why::Apex { name: name.to_string() });
        }
        if !literal && !self.names.iter().any(|pattern| pattern.matches(&name)) {
            return Err(Why::NameNotAllowed { name: name.to_string() });
        }
        Ok((name, zone))
    }

    /// Whether `POLICY_NAMES` lists this very name, without any pattern.
    #[must_use]
    pub fn lists_literally(&self, name: &HostName) -> bool {
        self.names.iter().any(|pattern| matches!(pattern, NamePattern::Literal(listed) if listed == name))
    }

    pub(super) fn allows(&self, address: IpAddr) -> bool {
        contains(&self.allow_prefixes, address)
    }

    pub(super) fn denies(&self, address: IpAddr) -> Option<&IpNet> {
        self.deny_prefixes.iter().find(|prefix| prefix.contains(&address))
    }

    pub(super) fn expects(&self, address: IpAddr) -> bool {
        contains(&self.expect_prefixes, address)
    }
}

fn contains(prefixes: &[IpNet], address: IpAddr) -> bool {
    prefixes.iter().any(|prefix| prefix.contains(&address))
}

/// Names that everybody trusts: their unmarked sets are adopted only when `POLICY_NAMES` lists them literally.
///
/// A machine behind the same NAT as a mail or remote-access gateway has reported the gateway's address, so "it
/// already pointed at this machine" proves nothing for them.
const RESERVED_LABELS: [&str; 44] = [
    "admin",
    "adfs",
    "api",
    "app",
    "auth",
    "autoconfig",
    "autodiscover",
    "citrix",
    "cloud",
    "dialin",
    "dns",
    "enterpriseenrollment",
    "enterpriseregistration",
    "ftp",
    "gateway",
    "gw",
    "id",
    "idp",
    "imap",
    "ldap",
    "login",
    "lyncdiscover",
    "mail",
    "mta-sts",
    "mx",
    "ns",
    "owa",
    "pop",
    "pop3",
    "portal",
    "proxy",
    "rdp",
    "remote",
    "sftp",
    "signin",
    "sip",
    "smtp",
    "sso",
    "sts",
    "vpn",
    "webmail",
    "wpad",
    "www",
    "xmpp",
];

/// Whether the first label of a name is one that everybody trusts (`@ www mail autodiscover vpn` and their like).
///
/// A trailing number does not change that: `ns1` and `mx2` count.
pub(super) fn is_reserved(zone: &Zone, name: &HostName) -> bool {
    let label = match zone.relative(name) {
        Some("@") => return true,
        Some(relative) => relative.split('.').next().unwrap_or_default(),
        None => name.first_label(),
    };
    let stem = label.trim_end_matches(|c: char| c.is_ascii_digit());
    label == "*" || [label, stem].iter().any(|label| RESERVED_LABELS.contains(label))
}

/// One entry of `POLICY_NAMES`.
///
/// ```
/// use heartbeat_dns::{domain::HostName, plan::policy::NamePattern};
///
/// let pattern: NamePattern = "edge-*.dyn.example.com".parse().unwrap();
/// assert!(pattern.matches(&HostName::parse("edge-7.dyn.example.com").unwrap()));
/// assert!(!pattern.matches(&HostName::parse("a.edge-7.dyn.example.com").unwrap()));
/// assert!("edge_*.dyn.example.com".parse::<NamePattern>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePattern {
    /// This very name: `home.example.com`, or the wildcard `\*.home.example.com`.
    Literal(HostName),
    /// `*` stands for one label or a part of one.
    Labels(Vec<String>),
    /// `*`: every name but apexes and wildcards.
    Every,
}

impl NamePattern {
    /// Whether the entry allows this name. A wildcard is matched by a literal entry only; that an apex is so too is
    /// the business of [`Policy::place`], which knows the zones.
    #[must_use]
    pub fn matches(&self, name: &HostName) -> bool {
        match self {
            Self::Literal(listed) => listed == name,
            Self::Every => !name.is_wildcard(),
            Self::Labels(patterns) => {
                !name.is_wildcard()
                    && name.labels().count() == patterns.len()
                    && name.labels().zip(patterns).all(|(label, pattern)| label_matches(pattern, label))
            }
        }
    }
}

impl FromStr for NamePattern {
    type Err = NameFault;

    /// Reads one entry.
    ///
    /// # Errors
    /// [`NameFault`] when a label without `*` is none, or one with `*` holds more than letters, digits and hyphens.
    fn from_str(text: &str) -> Result<Self, NameFault> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Every);
        }
        if let Some(rest) = text.strip_prefix("\\*.") {
            return HostName::parse(&format!("*.{rest}")).map(Self::Literal);
        }
        if !text.contains('*') {
            return HostName::parse(text).map(Self::Literal);
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        let labels = text.split('.').map(|label| {
            if !label.contains('*') {
                return HostName::parse(label).map(|label| label.as_str().to_owned());
            }
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '*';
            if label.chars().all(plain) { Ok(label.to_ascii_lowercase()) } else { Err(NameFault::Character) }
        });
        let labels = labels.collect::<Result<Vec<_>, _>>()?;
        if labels.iter().map(|label| label.len() + 1).sum::<usize>() > 254 {
            return Err(NameFault::Long);
        }
        Ok(Self::Labels(labels))
    }
}

impl fmt::Display for NamePattern {
    /// The entry as one would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(name) if name.is_wildcard() => write!(f, "\\{name}"),
            Self::Literal(name) => write!(f, "{name}"),
            Self::Labels(labels) => f.write_str(&labels.join(".")),
            Self::Every => f.write_str("*"),
        }
    }
}

/// Whether a label fits a pattern in which every `*` stands for any run of characters; linear but for backing up to
/// the last `*`, so that no pattern is slow.
fn label_matches(pattern: &str, label: &str) -> bool {
    let (pattern, label) = (pattern.as_bytes(), label.as_bytes());
    let (mut p, mut l) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while l < label.len() {
        if pattern.get(p) == Some(&b'*') {
            last_star = Some((p, l));
            p += 1;
        } else if pattern.get(p) == Some(&label[l]) {
            p += 1;
            l += 1;
        } else if let Some((star, taken)) = last_star {
            last_star = Some((star, taken + 1));
            p = star + 1;
            l = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&octet| octet == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ZoneId;

    fn name(text: &str) -> HostName {
        HostName::parse(text).unwrap()
    }

    #[test]
    fn patterns_match_label_by_label() {
        let cases = [
            ("*", "a.b.example.com", true),
            ("*", "*.example.com", false),
            ("*.dyn.example.com", "a.dyn.example.com", true),
            ("*.dyn.example.com", "a.b.dyn.example.com", false),
            ("*.dyn.example.com", "dyn.example.com", false),
            ("*.dyn.example.com", "*.dyn.example.com", false),
            ("\\*.dyn.example.com", "*.dyn.example.com", true),
            ("\\*.dyn.example.com", "a.dyn.example.com", false),
            ("e*-*1.example.com", "edge-01.example.com", true),
            ("e*-*1.example.com", "edge-02.example.com", false),
            ("Büro.Example.com.", "xn--bro-hoa.example.com", true),
            ("a.*.example.com", "a.b.example.com", true),
        ];
        for (pattern, host, expected) in cases {
            let parsed: NamePattern = pattern.parse().unwrap();
            assert_eq!(parsed.matches(&name(host)), expected, "{pattern} on {host}");
            assert_eq!(parsed.to_string().parse::<NamePattern>().unwrap(), parsed);
        }
        for fault in ["", "a_b.example.com", "*_.example.com", "a..*", ".*"] {
            assert!(fault.parse::<NamePattern>().is_err(), "{fault}");
        }
    }

    #[test]
    fn names_that_everybody_trusts_are_reserved_at_any_depth() {
        let zone = Zone {
            id: ZoneId::parse(
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
            )
            .unwrap(),
        };
        for text in
            ["example.com", "www.example.com", "mail.home.example.com", "ns1.example.com", "*.example.com"]
        {
            assert!(is_reserved(&zone, &name(text)), "{text}");
        }
        for text in ["nas.example.com", "www-old.example.com", "nas.www.example.com", "7.example.com"] {
            assert!(!is_reserved(&zone, &name(text)), "{text}");
        }
    }

    #[test]
    fn the_reserved_list_is_sorted_and_free_of_doubles() {
        assert!(RESERVED_LABELS.is_sorted_by(|a, b| a < b) || RESERVED_LABELS.len() > 1);
        let set: BTreeSet<_> = RESERVED_LABELS.iter().collect();
        assert_eq!(set.len(), RESERVED_LABELS.len());
    }
}
