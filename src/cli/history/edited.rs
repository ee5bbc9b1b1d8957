//! A record set that holds something else than our newest write left there: another hand was at it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use crate::cli::phrase::Phrase;
use crate::queries::Past;
use pure::domain::{HostName, RecordId, RecordSet, RecordType, ZoneId, join_addresses};

/// What stands there by another hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Edited {
    record_type: RecordType,
    zone: ZoneId,
    /// What it holds now; none where it is gone.
    now: Option<BTreeSet<IpAddr>>,
    is_alias: bool,
    /// Whether it still carries our mark.
    is_ours: bool,
}

/// The record sets that differ from the newest of these writes. Those in other zones than these were not looked at.
pub(super) fn since(
    unlogged: &[Past],
    logged: &[Past],
    (zones, sets): (&[ZoneId], &[RecordSet]),
    owner: &str,
) -> Vec<Edited> {
    let all = || unlogged.iter().chain(logged);
    let differs = |id: RecordId| {
        let last = all().filter(|write| write.record_id() == id).max_by_key(|write| write.time)?;
        let set = sets.iter().find(|set| set.record_id() == id);
        let is_alias = set.is_some_and(|set| set.alias.is_some());
        let now = set.map(|set| set.addresses.clone());
        let is_as_written = !is_alias && now.as_ref().map_or(last.to.is_empty(), |now| *now == last.to);
        let is_ours = set.is_some_and(|set| set.mark_of(owner).is_some());
        let RecordId { zone, record_type, .. } = id;
        (last.is_confirmed && !is_as_written).then_some(Edited { record_type, zone, now, is_alias, is_ours })
    };
    let ids = all().map(Past::record_id).filter(|id| zones.contains(&id.zone));
    let ids: BTreeSet<RecordId> = ids.collect();
    ids.into_iter().filter_map(differs).collect()
}

impl Edited {
    /// What stands there, and the command for it.
    pub(super) fn told(&self, name: &HostName) -> Phrase {
        let kind = self.record_type.inside(self.zone.kind());
        let now = match &self.now {
            None => {
                return Self::explained(
                    &format!("the {kind} set was deleted by hand or by another tool since"),
                    name,
                );
            }
            Some(_) if self.is_alias => "an alias".to_owned(),
            Some(now) if now.is_empty() => "no address".to_owned(),
            Some(now) => join_addresses(now),
        };
        let words = format!("the {kind} set was set by hand or by another tool since: now {now}");
        if self.is_ours {
            return Self::explained(&words, name);
        }
        let words = format!(
            "{words}, without our mark, so that no run writes it; where a tag claims it, make it ours again:  "
        );
        Phrase::from(words).run(format_args!("adopt {name}"))
    }

    fn explained(words: &str, name: &HostName) -> Phrase {
        Phrase::from(format!("{words}; what the next run does with it:  "))
            .run(format_args!("explain {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::by_mark;
    use pure::domain::Mark;

    /// A set of ours in a zone of this kind.
    fn set(kind: &str) -> RecordSet {
        let id = format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/example.com");
        let mut set = RecordSet {
            id: String::new(),
            zone: ZoneId::parse(&id).unwrap(),
            name: HostName::parse("nas.example.com").unwrap(),
            record_type: RecordType::A,
            etag: String::new(),
            ttl: 60,
            addresses: ["10.1.0.4".parse().unwrap()].into(),
            alias: None,
            auto_registered: false,
            metadata: [].into(),
            other: serde_json::Map::new(),
        };
        let mark = Mark {
            version: Mark::VERSION,
            owner: "us".to_owned(),
            machine: "/m".to_owned(),
            run: "run-1".to_owned(),
            time: Some(jiff::Timestamp::UNIX_EPOCH),
            previous: BTreeSet::new(),
            hold: None,
            undoes: String::new(),
        };
        mark.write_into(&mut set.metadata);
        set
    }

    #[test]
    fn what_stands_on_one_side_is_held_against_the_write_of_that_side() {
        let kinds = ["dnsZones", "privateDnsZones"];
        let sets = kinds.map(set);
        let writes: Vec<Past> = sets.iter().filter_map(|set| by_mark(set, "us")).collect();
        assert_eq!(writes.len(), 2);
        let zones = sets.each_ref().map(|set| set.zone.clone());
        assert_eq!(since(&[], &writes, (&zones, &sets), "us"), []);
        assert_eq!(since(&[], &writes, (&[], &[]), "us"), [], "nobody looked there");
        for (at, kind) in kinds.iter().enumerate() {
            let mut edited = sets.clone();
            edited[at].addresses = ["192.0.2.9".parse().unwrap()].into();
            let found = since(&[], &writes, (&zones, &edited), "us");
            assert_eq!((found.len(), &found[0].zone), (1, &sets[at].zone), "{kind}");
            let told = format!("{:?}", found[0].told(&sets[at].name));
            assert_eq!(told.contains("the private A set"), at == 1, "{told}");
        }
    }
}
