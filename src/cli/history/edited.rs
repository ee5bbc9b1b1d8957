//! A record set that holds something else than our newest write left there: another hand was at it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use crate::cli::phrase::Phrase;
use crate::queries::Past;
use pure::domain::{HostName, RecordSet, RecordType, join_addresses};

/// What stands there by another hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Edited {
    record_type: RecordType,
    /// What it holds now; none where it is gone.
    now: Option<BTreeSet<IpAddr>>,
    is_alias: bool,
    /// Whether it still carries our mark.
    is_ours: bool,
}

/// The record sets that differ from the newest of these writes.
pub(super) fn since(unlogged: &[Past], logged: &[Past], sets: &[RecordSet], owner: &str) -> Vec<Edited> {
    let differs = |record_type: RecordType| {
        let writes = unlogged.iter().chain(logged).filter(|write| write.record_type == record_type);
        let last = writes.max_by_key(|write| write.time)?;
        let set = sets.iter().find(|set| set.record_type == record_type);
        let is_alias = set.is_some_and(|set| set.alias.is_some());
        let now = set.map(|set| set.addresses.clone());
        let is_as_written = !is_alias && now.as_ref().map_or(last.to.is_empty(), |now| *now == last.to);
        let is_ours = set.is_some_and(|set| set.mark_of(owner).is_some());
        (last.is_confirmed && !is_as_written).then_some(Edited { record_type, now, is_alias, is_ours })
    };
    [RecordType::A, RecordType::Aaaa].into_iter().filter_map(differs).collect()
}

impl Edited {
    /// What stands there, and the command for it.
    pub(super) fn told(&self, name: &HostName) -> Phrase {
        let kind = self.record_type;
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
