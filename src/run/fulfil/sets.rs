//! Live record sets: one by one while that is cheaper than the zone's pages, else the whole type.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use tokio::sync::OnceCell;

use super::learned::{AT_ONCE, Asker, Learned, LiveSet, at_once};
use crate::azure::dns::PAGE;
use crate::azure::{Azure, Error};
use crate::clock;
use crate::run::trouble::Trouble;
use pure::domain::{HostName, RecordId, RecordType, ZoneId};
use pure::plan::{Answer, History, Read};

/// What a read of one record set came to: the set, and whether the name is a CNAME where there is none.
pub(in crate::run) type Got = (RecordId, Result<(LiveSet, bool), Trouble>);

/// From this many names on, a listing of all CNAMEs is cheaper in most zones.
const MANY: usize = 10;

/// Reads record sets. A read that fails, or does not end, makes its own record set unavailable; the others stand.
pub(super) async fn ask(asker: Asker<'_>, ids: &BTreeSet<RecordId>) -> Learned {
    let mut learned = Learned::default();
    // A listing that fails leaves many sets unread, and is one failure.
    let mut troubles: BTreeMap<String, Trouble> = BTreeMap::new();
    for (id, got) in read_all(asker.azure, asker.history, ids).await {
        match got {
            Ok((seen, is_cname)) => learned.read(seen, is_cname),
            Err(trouble) => {
                learned.unread(id, &trouble);
                troubles.entry(trouble.because.clone()).or_insert(trouble);
            }
        }
    }
    troubles.into_values().for_each(|trouble| learned.found.add_trouble(trouble));
    learned
}

/// Each record set as it stands now, however many of a zone are read with one request.
pub(in crate::run) async fn read_all(azure: &Azure, history: &History, ids: &BTreeSet<RecordId>) -> Vec<Got> {
    let mut groups: BTreeMap<(ZoneId, RecordType), Vec<HostName>> = BTreeMap::new();
    for id in ids {
        groups.entry((id.zone.clone(), id.record_type)).or_default().push(id.name.clone());
    }
    // All zones at once: what bounds them is the pipeline's own limit of requests on their way.
    let read = groups.into_iter().map(|((zone, record_type), names)| async move {
        if names.len() <= pages(history, &zone, record_type) {
            one_by_one(azure, &zone, record_type, names).await
        } else {
            by_type(azure, &zone, record_type, names).await
        }
    });
    futures::future::join_all(read).await.into_iter().flatten().collect()
}

impl Learned {
    fn read(&mut self, seen: LiveSet, is_cname: bool) {
        let read = Read { set: seen.set.clone(), is_cname };
        self.known.learn_set(seen.id.clone(), Answer::Known(read));
        self.found.sets.push(seen);
        self.found.sets_asked.answered += 1;
    }

    fn unread(&mut self, id: RecordId, trouble: &Trouble) {
        self.found.sets_asked.failed += 1;
        self.known.learn_set(id, Answer::Unavailable(trouble.because.clone()));
    }
}

/// Pages of a zone's record sets of one type, as the last sweep counted them; at least one.
fn pages(history: &History, zone: &ZoneId, record_type: RecordType) -> usize {
    let sets = history.zones.get(zone).map_or(0, |zone| match record_type {
        RecordType::A => zone.a_sets,
        RecordType::Aaaa => zone.aaaa_sets,
    });
    usize::try_from(sets).unwrap_or(usize::MAX).div_ceil(PAGE).max(1)
}

async fn one_by_one(azure: &Azure, zone: &ZoneId, record_type: RecordType, names: Vec<HostName>) -> Vec<Got> {
    let cnames = &Cnames::of(azure, zone, names.len());
    let questions = names.into_iter().map(|name| async move {
        let id = RecordId { zone: zone.clone(), name, record_type };
        let got = match read(azure, &id).await {
            // Here and not after all others, so that none of them holds it up.
            Ok(seen) if seen.set.is_none() => cnames.hold(&id.name).await.map(|is_cname| (seen, is_cname)),
            Ok(seen) => Ok((seen, false)),
            Err(error) => Err(Trouble::from(error)),
        };
        (id, got)
    });
    at_once(questions, AT_ONCE).await
}

/// One record set as it stands now.
pub(in crate::run) async fn read(azure: &Azure, id: &RecordId) -> Result<LiveSet, Error> {
    let sent_at = clock::now();
    let set = azure.dns.get(&id.zone, &id.name, id.record_type).await?;
    Ok(LiveSet { id: id.clone(), sent_at, set })
}

async fn by_type(azure: &Azure, zone: &ZoneId, record_type: RecordType, names: Vec<HostName>) -> Vec<Got> {
    let begun = clock::now();
    let mut found = BTreeMap::new();
    let mut broke_off = None;
    let mut pages = std::pin::pin!(azure.dns.list(zone, record_type, names.iter().cloned().collect()));
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                found.extend(page.sets.into_iter().map(|(name, set)| (name, (page.sent_at, set))));
            }
            Err(error) => {
                broke_off = Some(Trouble::from(error));
                break;
            }
        }
    }
    let read: Vec<(RecordId, Result<LiveSet, Trouble>)> = names
        .into_iter()
        .map(|name| {
            let set = found.remove(&name);
            let id = RecordId { zone: zone.clone(), name, record_type };
            let seen = match (set, &broke_off) {
                (Some((sent_at, Ok(set))), _) => Ok(LiveSet { id: id.clone(), sent_at, set: Some(set) }),
                (Some((_, Err(error))), _) => Err(Trouble::from(error)),
                (None, None) => Ok(LiveSet { id: id.clone(), sent_at: begun, set: None }),
                // What the listing did not reach is unknown, not absent.
                (None, Some(words)) => Err(words.clone()),
            };
            (id, seen)
        })
        .collect();
    let is_absent = |seen: &Result<LiveSet, Trouble>| seen.as_ref().is_ok_and(|seen| seen.set.is_none());
    let absent = read.iter().filter(|(_, seen)| is_absent(seen)).count();
    let cnames = &Cnames::of(azure, zone, absent);
    let whole = read.into_iter().map(|(id, seen)| async move {
        let got = match seen {
            Ok(seen) if seen.set.is_none() => cnames.hold(&id.name).await.map(|is_cname| (seen, is_cname)),
            seen => seen.map(|seen| (seen, false)),
        };
        (id, got)
    });
    at_once(whole, AT_ONCE).await
}

/// The CNAMEs of a zone: before something is created, its name must be known to be none.
struct Cnames<'a> {
    azure: &'a Azure,
    zone: &'a ZoneId,
    /// Whether each name is asked for, or all CNAMEs are listed when the first is wanted.
    one_by_one: bool,
    listed: OnceCell<Result<BTreeSet<HostName>, Trouble>>,
}

impl<'a> Cnames<'a> {
    /// For at most so many names.
    fn of(azure: &'a Azure, zone: &'a ZoneId, names: usize) -> Self {
        Self { azure, zone, one_by_one: names < MANY, listed: OnceCell::new() }
    }

    /// Whether the name is one of them.
    async fn hold(&self, name: &HostName) -> Result<bool, Trouble> {
        let dns = &self.azure.dns;
        if self.one_by_one {
            return dns.cname_exists(self.zone, name).await.map_err(Trouble::from);
        }
        let listed =
            self.listed.get_or_init(async || dns.cnames(self.zone).await.map_err(Trouble::from)).await;
        listed.as_ref().map(|names| names.contains(name)).map_err(Clone::clone)
    }
}
