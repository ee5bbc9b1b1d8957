//! The entries of `POLICY_NAMES`: literal names, patterns label by label, or everything; all of them may be for private zones
//! alone.

use std::fmt;
use std::str::FromStr;

use crate::domain::{HostName, NameFault, Zone, ZoneKind, Zones};

use super::reserved::is_reserved;

/// One entry of `POLICY_NAMES`.
///
/// ```
/// use pure::{domain::HostName, plan::NamePattern};
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
    /// `private:` before one of the others: it is for private zones alone.
    Private(Box<Self>),
}

/// What stands before an entry that is for private zones alone.
const PRIVATE: &str = "private:";

impl NamePattern {
    /// Whether the entry allows this name. A wildcard is matched by a literal entry only; that an apex is so too is
    /// the business of [`Policy::place`](super::Policy::place), which knows the zones.
    #[must_use]
    pub fn matches(&self, name: &HostName) -> bool {
        match self {
            Self::Literal(listed) => listed == name,
            Self::Every => !name.is_wildcard(),
            Self::Private(inner) => inner.matches(name),
            Self::Labels(patterns) => {
                !name.is_wildcard()
                    && name.labels().count() == patterns.len()
                    && name.labels().zip(patterns).all(|(label, pattern)| label_matches(pattern, label))
            }
        }
    }

    /// The only kind of zones that it is for; none: any. A literal entry lets names of both kinds be claimed, and opens what no
    /// pattern does in public zones alone; what it opens in private ones is written with `private:`.
    #[must_use]
    pub fn kind(&self) -> Option<ZoneKind> {
        matches!(self, Self::Private(_)).then_some(ZoneKind::Private)
    }

    /// Whether a name in one of the zones, or in one of those of that kind, can match. An apex or a reserved name can be listed, but no pattern reaches it.
    #[must_use]
    pub fn fits(&self, only: Option<ZoneKind>, zones: &Zones) -> bool {
        let below = |patterns: &[String], apex: &HostName| {
            let Some((first, rest)) = patterns.split_first() else { return false };
            let Some(above) = rest.len().checked_sub(apex.labels().count()) else { return false };
            !is_reserved(first)
                && rest[above..]
                    .iter()
                    .zip(apex.labels())
                    .all(|(pattern, label)| label_matches(pattern, label))
        };
        let fits = |zone: &Zone| match self.bare() {
            Self::Labels(patterns) => below(patterns, zone.name()),
            Self::Literal(name) => name.is_at_or_below(zone.name()),
            Self::Every | Self::Private(_) => true,
        };
        let kinds = [self.kind(), only];
        let is_for = |zone: &&Zone| kinds.iter().flatten().all(|kind| zone.id.kind() == *kind);
        zones.iter().filter(is_for).any(fits)
    }

    /// The name that it lists, whatever zones it is for; none of a pattern.
    #[must_use]
    pub fn literal(&self) -> Option<&HostName> {
        match self.bare() {
            Self::Literal(name) => Some(name),
            _ => None,
        }
    }

    /// The entry without the kind of zones that it is for.
    fn bare(&self) -> &Self {
        match self {
            Self::Private(inner) => inner.bare(),
            other => other,
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
        if let Some(rest) = text.strip_prefix(PRIVATE) {
            let inner: Self = rest.parse()?;
            return Ok(if inner.kind().is_some() { inner } else { Self::Private(Box::new(inner)) });
        }
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
        if text == "*" {
            return Err(NameFault::EmptyLabel);
        }
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
            Self::Private(inner) => write!(f, "{PRIVATE}{inner}"),
        }
    }
}

/// Whether a label fits a pattern in which every `*` stands for any run of characters; linear but for backing up to
/// the last `*`, so that no pattern is slow.
pub(super) fn label_matches(pattern: &str, label: &str) -> bool {
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

    /// The same said slowly: every `*` tries every length.
    fn matches_slowly(pattern: &[u8], label: &[u8]) -> bool {
        match pattern.split_first() {
            None => label.is_empty(),
            Some((b'*', rest)) => (0..=label.len()).any(|taken| matches_slowly(rest, &label[taken..])),
            Some((octet, rest)) => label.first() == Some(octet) && matches_slowly(rest, &label[1..]),
        }
    }

    proptest::proptest! {
        #[test]
        fn a_label_matches_as_if_every_length_were_tried(pattern in "[ab*]{0,7}", label in "[ab]{0,9}") {
            let slowly = matches_slowly(pattern.as_bytes(), label.as_bytes());
            proptest::prop_assert_eq!(label_matches(&pattern, &label), slowly);
        }
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
            ("private:a.example.com", "a.example.com", true),
            ("private: *.example.com", "a.example.com", true),
            ("private:private:\\*.example.com", "*.example.com", true),
        ];
        for (pattern, host, expected) in cases {
            let parsed: NamePattern = pattern.parse().unwrap();
            assert_eq!(parsed.matches(&name(host)), expected, "{pattern} on {host}");
            assert_eq!(parsed.to_string().parse::<NamePattern>().unwrap(), parsed);
        }
        for fault in
            ["", "a_b.example.com", "*_.example.com", "a..*", ".*", "*.", "private:", "public:a.example.com"]
        {
            assert!(fault.parse::<NamePattern>().is_err(), "{fault}");
        }
    }
    #[test]
    fn a_pattern_is_no_longer_than_a_name() {
        let labels = |last: usize| format!("{0}.{0}.{0}.*{1}", "a".repeat(63), "b".repeat(last - 1));
        assert_eq!(labels(61).len(), 253);
        assert!(labels(61).parse::<NamePattern>().is_ok());
        assert_eq!(labels(62).parse::<NamePattern>(), Err(NameFault::Long));
    }

    #[test]
    fn a_pattern_fits_when_a_name_below_an_apex_can_match() {
        let id = |zone: &str| {
            format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/{zone}")
        };
        let ids = ["example.com", "lab.example.net"].map(|zone| ZoneId::parse(&id(zone)).unwrap());
        let zones = Zones::new(ids).unwrap();
        for entry in [
            "*",
            "*.example.com",
            "a.*.example.com",
            "*.*",
            "*.*.*.*",
            "edge-*.lab.example.net",
            "example.com",
            "wpad.example.com",
            "\\*.home.example.com",
            "*.l*b.example.*",
            "nas.lab.example.net",
        ] {
            assert!(entry.parse::<NamePattern>().unwrap().fits(None, &zones) == (entry != "*.*"), "{entry}");
        }
        for entry in [
            "*.example.org",
            "*.example.net",
            "*.com",
            "example.*",
            "nas.example.net",
            "\\*.example.org",
            "*.example.com.lan",
            "wpad.*.example.com",
            "*xample.com",
        ] {
            assert!(!entry.parse::<NamePattern>().unwrap().fits(None, &zones), "{entry}");
        }
        assert!(!NamePattern::Every.fits(None, &Zones::default()));
        let private = id("corp.example.com").replace("dnsZones", "privateDnsZones");
        let both =
            Zones::new(zones.iter().map(|zone| zone.id.clone()).chain([ZoneId::parse(&private).unwrap()]));
        let both = both.unwrap();
        for (entry, expected) in [
            ("private:nas.corp.example.com", true),
            ("private:nas.example.com", false),
            ("private:*.corp.example.com", true),
            ("private:*.example.com", false),
        ] {
            let pattern = entry.parse::<NamePattern>().unwrap();
            assert_eq!((pattern.fits(None, &both), pattern.fits(None, &zones)), (expected, false), "{entry}");
        }
    }
}
