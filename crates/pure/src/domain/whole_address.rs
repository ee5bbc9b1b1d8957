//! Whole addresses in foreign texts and trees: `198.51.100.10` stands in `https://198.51.100.10:8443/`, and not in
//! `198.51.100.101`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::Value;

/// What stands between the two ends of a range.
const DASHES: [&str; 2] = ["-", "–"];
/// Depth below which a tree is not looked at; no resource is that deep.
const DEEPEST: usize = 64;

/// The addresses that stand whole in a text, IPv6 in whatever spelling. A prefix of full length (`/32`, `/128`) is its
/// address; a shorter prefix and a range from one address to another are about others as well, and hold none.
///
/// ```
/// use pure::domain::{parse_address, whole_addresses};
///
/// let address = parse_address("198.51.100.10").unwrap();
/// assert_eq!(whole_addresses("allow 198.51.100.10/32, 198.51.100.101/24"), [address]);
/// ```
#[must_use]
pub fn whole_addresses(text: &str) -> Vec<IpAddr> {
    let mut found: Vec<FoundAddress> = Vec::new();
    for (begin, end) in words(text) {
        // The mask of the address before is none itself.
        let is_told = found.last().is_some_and(|last| begin < last.end);
        let Some(address) = address_of(&text[begin..end]).filter(|_| !is_told) else { continue };
        let (is_one, end) = alone_until(address, text, end);
        found.push(FoundAddress { address, begin, end, is_one });
    }
    let is_end_of_a_range = |at: usize| {
        let with = |left: &FoundAddress, right: &FoundAddress| {
            left.address != right.address && DASHES.contains(&text[left.end..right.begin].trim())
        };
        let before = at.checked_sub(1).is_some_and(|before| with(&found[before], &found[at]));
        before || found.get(at + 1).is_some_and(|after| with(&found[at], after))
    };
    let whole = found.iter().enumerate().filter(|(at, one)| one.is_one && !is_end_of_a_range(*at));
    whole.map(|(_, one)| one.address).collect()
}

/// Where these addresses stand whole in a tree, as paths such as `ipRules[0].value`.
#[must_use]
pub fn places(tree: &Value, wanted: &BTreeSet<IpAddr>) -> BTreeMap<IpAddr, Vec<String>> {
    let mut found = BTreeMap::new();
    look(tree, wanted, &mut String::new(), 0, &mut found);
    found
}

/// An address of a text, and where it stands.
struct FoundAddress {
    address: IpAddr,
    begin: usize,
    end: usize,
    is_one: bool,
}

/// The runs of what an address can be made of, and of letters: `198.51.100.10.example.com` is a name.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | ':');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let begin = rest + text[rest..].find(is_inside)?;
        let end = text[begin..].find(|c| !is_inside(c)).map_or(text.len(), |length| begin + length);
        rest = end;
        Some((begin, end))
    })
}

/// A word as an address, alone, with a port, with a full stop behind it, or after a word and a colon (`ip4:`).
fn address_of(word: &str) -> Option<IpAddr> {
    let whole = |word: &str| {
        let address = word.parse::<IpAddr>().ok();
        address.or_else(|| word.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
    };
    let plain = word.trim_end_matches('.').trim_start_matches('.');
    let address = whole(plain).or_else(|| whole(plain.strip_suffix(':')?));
    let after_a_word = || plain.split_once(':').and_then(|(_, rest)| whole(rest));
    address.or_else(after_a_word).map(|address| address.to_canonical())
}

/// Whether an address means itself with what stands behind it, not a network, and where that ends.
fn alone_until(address: IpAddr, text: &str, end: usize) -> (bool, usize) {
    let Some(after) = text[end..].strip_prefix('/') else { return (true, end) };
    let length = after.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(after.len());
    // The `/` of a path of a URL.
    if after[length..].starts_with(char::is_alphanumeric) {
        return (true, end);
    }
    let suffix = after[..length].trim_end_matches('.');
    let full = if address.is_ipv4() { 32 } else { 128 };
    let is_full = match (suffix.parse::<u16>(), suffix.parse::<Ipv4Addr>()) {
        (Ok(bits), _) => bits == full,
        (_, Ok(mask)) => mask == Ipv4Addr::BROADCAST,
        _ => return (true, end),
    };
    (is_full, end + 1 + suffix.len())
}

fn look(
    tree: &Value,
    wanted: &BTreeSet<IpAddr>,
    path: &mut String,
    depth: usize,
    found: &mut BTreeMap<IpAddr, Vec<String>>,
) {
    if depth > DEEPEST {
        return;
    }
    let mut below = |step: &str, tree: &Value, found: &mut BTreeMap<IpAddr, Vec<String>>| {
        let length = path.len();
        path.push_str(step);
        look(tree, wanted, path, depth + 1, found);
        path.truncate(length);
    };
    match tree {
        Value::String(text) => note(text, path, wanted, found),
        Value::Array(members) => {
            for (at, member) in members.iter().enumerate() {
                below(&format!("[{at}]"), member, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let step = if depth == 0 { name.clone() } else { format!(".{name}") };
                below(&step, member, found);
            }
            for name in members.keys() {
                note(name, path, wanted, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Notes which of these addresses stand in one text.
fn note(text: &str, path: &str, wanted: &BTreeSet<IpAddr>, found: &mut BTreeMap<IpAddr, Vec<String>>) {
    let here: BTreeSet<IpAddr> = whole_addresses(text).into_iter().collect();
    for address in here.intersection(wanted) {
        found.entry(*address).or_default().push(path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(text: &str) -> Vec<String> {
        whole_addresses(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_address_stands_alone_or_between_what_is_no_part_of_one() {
        for text in [
            "198.51.100.10",
            "198.51.100.10/32",
            "198.51.100.10/255.255.255.255",
            "198.51.100.10:443",
            "https://198.51.100.10/24h/status",
            "https://198.51.100.10/api",
            "https://198.51.100.10/",
            "home is 198.51.100.10.",
            "[\"198.51.100.10\"]",
            "a;198.51.100.10,b",
            "v=spf1 ip4:198.51.100.10 -all",
            "nas_198.51.100.10_home",
            "::ffff:198.51.100.10",
            "198.51.100.10-198.51.100.10",
        ] {
            assert!(of(text).iter().all(|found| found == "198.51.100.10") && !of(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_only_begins_or_ends_alike_is_another_one() {
        for text in [
            "198.51.100.101",
            "1198.51.100.10",
            "198.51.100.10/24",
            "198.51.100.10/255.255.255.0",
            "198.51.100.10-198.51.100.20",
            "198.51.100.1 – 198.51.100.10",
            "198.51.100.10.example.com",
            "v198.51.100.10",
            "198.51.100.10.7",
            "198.51.100",
        ] {
            assert!(!of(text).contains(&"198.51.100.10".to_owned()), "{text}: {:?}", of(text));
        }
    }

    #[test]
    fn ipv6_is_found_in_whatever_spelling() {
        for text in [
            "2001:db8::1",
            "2001:DB8:0:0:0:0:0:1",
            "2001:0db8:0000:0000:0000:0000:0000:0001",
            "2001:db8::1/128",
            "[2001:db8::1]:443",
            "http://[2001:db8:0::1]/x",
            "ip6:2001:db8::1",
        ] {
            assert_eq!(of(text), ["2001:db8::1"], "{text}");
        }
        for text in ["2001:db8::1/64", "2001:db8::11", "2001:db8:1::1", "2001:db8::1:1"] {
            assert!(!of(text).contains(&"2001:db8::1".to_owned()), "{text}: {:?}", of(text));
        }
    }

    #[test]
    fn a_place_is_a_path_and_each_is_told_once() {
        let tree = json!({
            "networkAcls": { "ipRules": [{ "value": "192.0.2.1" }, { "value": "198.51.100.10 and 198.51.100.10" }] },
            "byAddress": { "198.51.100.10": true }, "nothing": [null, 7, "198.51.100.101"],
        });
        let wanted = BTreeSet::from(["198.51.100.10".parse().unwrap(), "203.0.113.7".parse().unwrap()]);
        let found = places(&tree, &wanted);
        let mut told: Vec<_> = found.values().flatten().map(String::as_str).collect();
        told.sort_unstable();
        assert_eq!((found.len(), told), (1, vec!["byAddress", "networkAcls.ipRules[1].value"]));
    }
}
