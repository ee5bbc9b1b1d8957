//! What name servers answer, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::run::Served;
use pure::domain::join_addresses;
use pure::shown::one_line;

/// What name servers answer: together where they agree, else each by itself.
pub(super) fn answers<'a>(served: impl Iterator<Item = &'a Served>) -> Vec<String> {
    let served: Vec<&Served> = served.collect();
    let mut by_answer: BTreeMap<&BTreeSet<IpAddr>, Vec<&str>> = BTreeMap::new();
    for one in served.iter().filter(|one| one.failed.is_none()) {
        by_answer.entry(&one.addresses).or_default().push(&one.server);
    }
    let of = served.len();
    let agree = by_answer.len() == 1;
    let mut told: Vec<String> = by_answer
        .iter()
        .map(|(addresses, servers)| {
            let what = if addresses.is_empty() { "no address".to_owned() } else { join_addresses(addresses) };
            let which = if agree { String::new() } else { format!(": {}", servers.join(", ")) };
            format!("{what} from {} of {of} name servers{which}", servers.len())
        })
        .collect();
    let failed =
        served.iter().filter_map(|one| Some(format!("{}: {}", one.server, one_line(one.failed.as_ref()?))));
    told.extend(failed);
    told
}
