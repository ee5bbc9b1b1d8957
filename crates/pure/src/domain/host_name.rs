//! A DNS name that could stand in a zone: IDNA A-labels, lower case, no trailing dot.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A host name in the one form in which names are stored, compared and printed.
///
/// Labels are letters, digits and inner hyphens, 1 to 63 octets each, at most 253 octets in all. The first label
/// may be `*`, a wildcard as DNS knows it. Everything else that people write into tags is refused.
///
/// ```
/// use pure::domain::HostName;
///
/// assert_eq!(HostName::parse("Büro.Example.COM.").unwrap().as_str(), "xn--bro-hoa.example.com");
/// assert!(HostName::parse("../../other-zone").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

/// Why a text is no host name; a fragment that fits after "the name".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing, or only dots and blanks.
    #[error("is empty")]
    Empty,
    /// Two dots in a row, or one at the beginning.
    #[error("has an empty label")]
    EmptyLabel,
    /// A label over 63 octets.
    #[error("has a label of more than 63 octets")]
    LongLabel,
    /// More than 253 octets in all.
    #[error("is longer than 253 octets")]
    Long,
    /// A character other than letters, digits and hyphens, or a hyphen at the edge of a label.
    #[error("has a character other than letters, digits and inner hyphens")]
    Character,
    /// `*` anywhere but as the whole first label.
    #[error("has an asterisk elsewhere than as its whole first label")]
    Asterisk,
    /// A label that IDNA (UTS 46) refuses.
    #[error("is no valid internationalised name")]
    Idna,
}

impl HostName {
    /// Reads a name as people write it: any case, Unicode or A-labels, with or without a trailing dot.
    ///
    /// # Errors
    /// The first [`NameFault`] found.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        let text = text.trim();
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(NameFault::Empty);
        }
        // Longer texts cannot become names; the cap keeps a hostile tag from costing time.
        if text.len() > 4 * MAX_NAME {
            return Err(NameFault::Long);
        }
        if is_ordinary(text) { Ok(Self(text.to_ascii_lowercase())) } else { Self::parse_unusual(text) }
    }

    /// The whole way, by the rules of IDNA.
    fn parse_unusual(text: &str) -> Result<Self, NameFault> {
        let (wildcard, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if rest.contains('*') {
            return Err(NameFault::Asterisk);
        }
        let ascii = idna::domain_to_ascii(rest).map_err(|_| NameFault::Idna)?;
        let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
        for label in ascii.split('.') {
            check_label(label)?;
        }
        let name = if wildcard { format!("*.{ascii}") } else { ascii.to_owned() };
        if name.len() > MAX_NAME {
            return Err(NameFault::Long);
        }
        Ok(Self(name))
    }

    /// The name as stored and printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the first label is `*`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// The labels from left to right.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The leftmost label.
    #[must_use]
    pub fn first_label(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// Of these names the one nearest an apex that the name lies at or below, the apex itself left out; none when the name
    /// does not lie below the apex. It costs a look for each label, however many names there are.
    #[must_use]
    pub fn first_below<'a>(&self, apex: &Self, names: &'a BTreeSet<Self>) -> Option<&'a Self> {
        let below = self.0.strip_suffix(apex.as_str())?.strip_suffix('.')?;
        let dots = below.rmatch_indices('.').map(|(dot, _)| dot + 1);
        dots.chain([0]).find_map(|start| names.get(&self.0[start..]))
    }

    /// Whether the name is that one, or lies below it.
    #[must_use]
    pub fn is_at_or_below(&self, other: &Self) -> bool {
        let rest = self.0.strip_suffix(other.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// Whether the text is a name of which the rules of IDNA change no more than its case: almost every name is so, and
/// their tables are slow.
fn is_ordinary(text: &str) -> bool {
    let is_ldh = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
    text.len() <= MAX_NAME
        && text.as_bytes().split(|octet| *octet == b'.').all(|label| {
            (1..=MAX_LABEL).contains(&label.len())
                && label.iter().all(is_ldh)
                && !label.starts_with(b"-")
                && !label.ends_with(b"-")
                && !label.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case(b"xn--"))
        })
}

const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

fn check_label(label: &str) -> Result<(), NameFault> {
    if label.is_empty() {
        return Err(NameFault::EmptyLabel);
    }
    let ldh = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
    if !label.bytes().all(ldh) || label.starts_with('-') || label.ends_with('-') {
        return Err(NameFault::Character);
    }
    if label.len() > MAX_LABEL {
        return Err(NameFault::LongLabel);
    }
    Ok(())
}

/// The names in the value of a tag: several are separated by commas, semicolons or blanks.
///
/// The parts are as written and need not be names.
///
/// ```
/// use pure::domain::split_tag;
///
/// let names: Vec<_> = split_tag("nas.example.com; www.example.com,,").collect();
/// assert_eq!(names, ["nas.example.com", "www.example.com"]);
/// ```
pub fn split_tag(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|part| !part.is_empty())
}

/// By its text: names compare and sort as their texts do.
impl Borrow<str> for HostName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<HostName> for String {
    fn from(name: HostName) -> Self {
        name.0
    }
}

impl FromStr for HostName {
    type Err = NameFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for HostName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_short_way_is_the_long_way(text in "([a-zA-Z0-9-]{1,9}[.]){0,3}[a-zA-Z0-9.-]{0,24}|([xX][nN]--)?[a-z0-9-]{0,9}[.]?[A-Za-z-]{0,9}") {
            if is_ordinary(&text) {
                proptest::prop_assert_eq!(HostName::parse_unusual(&text), HostName::parse(&text));
            }
        }
    }

    /// The short way takes no more than the whole way does, to the octet.
    #[test]
    fn ordinary_names_end_where_names_end() {
        let label = "a".repeat(63);
        let name = |last: usize| [&label, &label, &label, &"b".repeat(last)].map(String::as_str).join(".");
        for (text, ordinary) in [
            (name(61), true),
            (name(62), false),
            (label.clone(), true),
            (format!("{label}a"), false),
            ("A-1.b".to_owned(), true),
            ("-a.b".to_owned(), false),
            ("a-.b".to_owned(), false),
            ("a..b".to_owned(), false),
            ("*.b".to_owned(), false),
            ("XN--bro-hoa.b".to_owned(), false),
        ] {
            assert_eq!(is_ordinary(&text), ordinary, "{text}");
        }
    }

    #[test]
    fn what_people_write_becomes_one_form() {
        let long_label = "a".repeat(63);
        let cases = [
            ("nas.home.example.com", "nas.home.example.com"),
            (" NAS.Home.Example.com. ", "nas.home.example.com"),
            ("*.home.example.com", "*.home.example.com"),
            ("ｎａｓ。example.com", "nas.example.com"),
            ("xn--bro-hoa.example.com", "xn--bro-hoa.example.com"),
            ("localhost", "localhost"),
            ("Bücher", "xn--bcher-kva"),
        ];
        for (text, name) in cases {
            assert_eq!(HostName::parse(text).as_ref().map(HostName::as_str), Ok(name), "{text}");
        }
        assert!(HostName::parse(&format!("{long_label}.example.com")).is_ok());
    }

    #[test]
    fn what_is_no_name_says_why() {
        let cases = [
            ("", NameFault::Empty),
            (" . ", NameFault::Empty),
            ("a..b", NameFault::EmptyLabel),
            (".example.com", NameFault::EmptyLabel),
            ("_dmarc.example.com", NameFault::Character),
            ("-a.example.com", NameFault::Character),
            ("a-.example.com", NameFault::Character),
            ("a b.example.com", NameFault::Character),
            ("a\nb.example.com", NameFault::Character),
            ("a*.example.com", NameFault::Asterisk),
            ("*.*.example.com", NameFault::Asterisk),
            ("*", NameFault::Asterisk),
            ("../../other-zone", NameFault::EmptyLabel),
        ];
        for (text, fault) in cases {
            assert_eq!(HostName::parse(text), Err(fault), "{text:?}");
        }
        assert_eq!(HostName::parse(&"a".repeat(64)), Err(NameFault::LongLabel));
        assert_eq!(HostName::parse(&vec!["a"; 128].join(".")), Err(NameFault::Long));
        assert_eq!(HostName::parse(&"é".repeat(100_000)), Err(NameFault::Long));
    }

    #[test]
    fn of_several_cuts_the_one_nearest_the_apex_hides_a_name() {
        let name = |text: &str| HostName::parse(text).unwrap();
        let apex = name("example.com");
        let below = |text: &str, cuts: &[&str]| {
            let cuts = cuts.iter().map(|cut| name(cut)).collect();
            name(text).first_below(&apex, &cuts).map(ToString::to_string)
        };
        let found = |cut: &str| Some(cut.to_owned());
        let nas = "nas.a.home.example.com";
        assert_eq!(below(nas, &["a.home.example.com", "home.example.com"]), found("home.example.com"));
        assert_eq!(below(nas, &["a.home.example.com", nas]), found("a.home.example.com"));
        assert_eq!(below(nas, &[nas]), found(nas));
        assert_eq!(below("home.example.com", &["a.home.example.com"]), None);
        // Whole labels count, and the apex hands nothing over.
        assert_eq!(below(nas, &["ome.example.com", "me.example.com", "example.com", "com"]), None);
        assert_eq!(below("example.com", &["example.com"]), None);
        assert_eq!(below("nas.example.org", &["nas.example.org"]), None);
        assert_eq!(below("nas.anexample.com", &["nas.anexample.com"]), None);
    }

    /// Names end with 253 octets, labels with 63, and whatever is written with 1012: a soft hyphen is none of the name.
    #[test]
    fn lengths_end_where_the_dns_ends_them() {
        let label = "a".repeat(63);
        let name = |last: usize| [&label, &label, &label, &"b".repeat(last)].map(String::as_str).join(".");
        assert_eq!(HostName::parse(&name(61)).unwrap().as_str().len(), 253);
        assert_eq!(HostName::parse(&name(62)), Err(NameFault::Long));
        assert_eq!(HostName::parse(&format!("*.{}", name(59))).unwrap().as_str().len(), 253);
        assert_eq!(HostName::parse(&format!("*.{}", name(60))), Err(NameFault::Long));
        // 504 soft hyphens of two octets each and a name of four, then of five.
        let written = |name: &str| HostName::parse(&format!("{}{name}", "\u{ad}".repeat(504)));
        assert_eq!(written("n.ch").unwrap().as_str(), "n.ch");
        assert_eq!(written("n.com"), Err(NameFault::Long));
    }
}
