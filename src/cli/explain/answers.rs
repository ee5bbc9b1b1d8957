//! What name servers answer, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::amiss;
use crate::run::{Explained, Served, Trouble};
use pure::domain::{ZoneKind, join_addresses};
use pure::plan::Explanation;
use pure::shown::{one_line, shown};

/// What the name servers of a set's zone answer, and whether anybody is sent to them.
pub(super) fn dns_now(found: &Explained, set: &Explanation) -> Vec<String> {
    let not_known = |trouble: &Trouble| format!("not known: {}", amiss::because(found, trouble));
    let Some(side) = found.side_of(set) else {
        return vec!["not known: no managed zone holds the name".to_owned()];
    };
    let mut told = match &side.served {
        Ok(served) => answers(served.iter().filter(|served| served.record_type == set.record_type)),
        Err(trouble) => vec![not_known(trouble)],
    };
    // Nobody delegates a private zone.
    if side.zone.kind() == ZoneKind::Private {
        return told;
    }
    told.push(match &side.delegation {
        Ok(delegation) if delegation.is_here() => "the parent delegates here".to_owned(),
        Ok(delegation) if delegation.by_parent.is_empty() => {
            "the parent names nobody, so that nobody is sent here".to_owned()
        }
        Ok(delegation) => {
            let hosts: Vec<_> = delegation.by_parent.iter().map(|host| shown(host)).collect();
            let own: Vec<_> = delegation.by_zone.iter().map(|host| shown(host)).collect();
            let (hosts, own) = (hosts.join(", "), own.join(", "));
            format!("the parent names {hosts}, and not the zone's own ({own}): what Azure answers may reach nobody")
        }
        Err(trouble) => format!("whom the parent names is {}", not_known(trouble)),
    });
    told
}

/// What name servers answer: together where they agree, else each by itself.
fn answers<'a>(served: impl Iterator<Item = &'a Served>) -> Vec<String> {
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
