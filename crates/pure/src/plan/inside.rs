//! What may stand in a private zone as ranges, so that a query can ask it: the prefixes that somebody named, without what is kept
//! out of them.

use ipnet::IpNet;

use super::grant::Terms;

/// What no machine is reached at from another one: unspecified, loopback, link-local and multicast addresses, Azure's own, and
/// those of private-link tunnels (contract private-zones, section 2).
const NEVER: [&str; 10] = [
    "0.0.0.0/32",
    "::/128",
    "127.0.0.0/8",
    "::1/128",
    "169.254.0.0/16",
    "fe80::/9",
    "224.0.0.0/4",
    "ff00::/8",
    "168.63.129.16/32",
    "fd40::/16",
];

/// The ranges of addresses that may stand in a private zone with these prefixes, by the terms of a claim where one decides.
pub(super) fn inside(prefixes: &[IpNet], terms: Option<&Terms>) -> Vec<IpNet> {
    let mut ranges = match terms {
        Some(terms) if !terms.prefixes.is_empty() => common(prefixes, &terms.prefixes),
        _ => prefixes.to_vec(),
    };
    let never = NEVER.iter().filter_map(|range| range.parse::<IpNet>().ok());
    let denied =
        terms.into_iter().flat_map(|terms| terms.deny_prefixes.iter().chain(&terms.also_denied).copied());
    for range in never.chain(denied) {
        ranges = ranges.into_iter().flat_map(|whole| without(whole, range)).collect();
    }
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}

/// What two lists of ranges share. Of two ranges one holds the other, or they share nothing.
fn common(some: &[IpNet], others: &[IpNet]) -> Vec<IpNet> {
    let pairs = some.iter().flat_map(|one| others.iter().map(move |other| (one, other)));
    pairs.filter_map(|(one, other)| narrower(one, other)).collect()
}

fn narrower(one: &IpNet, other: &IpNet) -> Option<IpNet> {
    match () {
        () if one.contains(other) => Some(*other),
        () if other.contains(one) => Some(*one),
        () => None,
    }
}

/// A range without a part of it: the halves that do not hold the part, on the way down to it.
fn without(whole: IpNet, part: IpNet) -> Vec<IpNet> {
    if part.contains(&whole) {
        return Vec::new();
    }
    if !whole.contains(&part) {
        return vec![whole];
    }
    let mut left = Vec::new();
    let mut rest = whole;
    while rest != part.trunc() {
        let Ok(halves) = rest.subnets(rest.prefix_len() + 1) else { break };
        let (holding, other): (Vec<IpNet>, Vec<IpNet>) = halves.partition(|half| half.contains(&part));
        left.extend(other);
        let Some(half) = holding.first() else { break };
        rest = *half;
    }
    left
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;
    use crate::plan::choice::may_stand;

    /// Ranges whose edges lie near each other and near those that are never let in.
    const RANGES: [&str; 12] = [
        "0.0.0.0/0",
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.1.0.4/32",
        "168.63.129.0/24",
        "169.254.7.0/24",
        "172.17.0.0/16",
        "::/0",
        "fd00::/8",
        "fd40:1::/32",
        "fe00::/7",
        "ff02::/16",
    ];

    fn some_ranges() -> impl Strategy<Value = Vec<IpNet>> {
        prop::sample::subsequence(RANGES.to_vec(), 0..6).prop_map(|texts| ranges(&texts))
    }

    /// The ends of a range, their neighbours, or any address.
    fn near() -> impl Strategy<Value = IpAddr> {
        let all: Vec<IpNet> = RANGES.iter().chain(&NEVER).map(|text| text.parse().unwrap()).collect();
        let end = (prop::sample::select(all), any::<bool>(), -1_i8..=1).prop_map(|(range, last, by)| {
            match if last { range.broadcast() } else { range.network() } {
                IpAddr::V4(end) => {
                    IpAddr::V4(Ipv4Addr::from_bits(end.to_bits().wrapping_add_signed(by.into())))
                }
                IpAddr::V6(end) => {
                    IpAddr::V6(Ipv6Addr::from_bits(end.to_bits().wrapping_add_signed(by.into())))
                }
            }
        });
        // A mapped address is read as what it maps.
        prop_oneof![end, any::<IpAddr>()].prop_map(|address| address.to_canonical())
    }

    proptest! {
        /// The collector tells the query by ranges what the plan lets in by rules.
        #[test]
        fn the_query_lets_in_what_the_plan_does(
            prefixes in some_ranges(), narrow in some_ranges(), denied in some_ranges(), also in some_ranges(), address in near()
        ) {
            let terms = Terms { prefixes: narrow, deny_prefixes: denied, also_denied: also, ..Terms::default() };
            for terms in [None, Some(&terms)] {
                let is_in = inside(&prefixes, terms).iter().any(|range| range.contains(&address));
                prop_assert_eq!(is_in, may_stand(address, &prefixes, terms), "{}", address);
            }
        }
    }

    fn ranges(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn shown(prefixes: &[&str], terms: &Terms) -> Vec<String> {
        inside(&ranges(prefixes), Some(terms)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_kept_out_leaves_a_hole_and_a_claim_narrows() {
        let all = Terms::default();
        assert_eq!(shown(&["10.0.0.0/8", "fd12::/16"], &all), ["10.0.0.0/8", "fd12::/16"]);
        let docker = Terms { deny_prefixes: ranges(&["172.17.0.0/16"]), ..Terms::default() };
        assert_eq!(
            shown(&["172.16.0.0/12"], &docker),
            ["172.16.0.0/16", "172.18.0.0/15", "172.20.0.0/14", "172.24.0.0/13"]
        );
        let narrow = Terms { prefixes: ranges(&["10.1.0.0/16", "192.168.0.0/16"]), ..Terms::default() };
        assert_eq!(shown(&["10.0.0.0/8", "192.168.178.0/24"], &narrow), ["10.1.0.0/16", "192.168.178.0/24"]);
        assert_eq!(shown(&["172.16.0.0/12"], &narrow), Vec::<String>::new());
        assert_eq!(shown(&["169.254.7.0/24", "168.63.129.16/32"], &all), Vec::<String>::new());
    }

    #[test]
    fn of_everything_no_address_is_left_that_no_other_machine_reaches() {
        let left = inside(&ranges(&["0.0.0.0/0", "::/0"]), None);
        let holds = |address: &str| {
            left.iter().any(|range| range.contains(&address.parse::<std::net::IpAddr>().unwrap()))
        };
        for (address, held) in [
            ("10.1.0.4", true),
            ("126.255.255.255", true),
            ("127.0.0.1", false),
            ("128.0.0.0", true),
            ("169.254.1.1", false),
            ("168.63.129.15", true),
            ("168.63.129.16", false),
            ("224.0.0.251", false),
            ("0.0.0.0", false),
            ("fd12::4", true),
            ("fd40:1::4", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("::1", false),
            ("::", false),
        ] {
            assert_eq!(holds(address), held, "{address}");
        }
    }
}
