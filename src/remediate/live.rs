//! What is true right now: tags and record sets, read from their owners and not from the log.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use crate::azure::dns::PAGE;
use crate::azure::resource_graph::{MOST_IDS, TagState};
use crate::azure::{Azure, Certainty, Error};
use pure::domain::{HostName, RecordKey, RecordSet, RecordType, ResourceId, ZoneId};
use pure::plan::{CurrentRecordSets, History, Live, LiveTags};

/// Single reads at the same time.
const AT_ONCE: usize = 24;
/// Machines of a complete answer's gaps that are looked up one by one; the rest counts as unreadable.
const LOOKED_UP: usize = 50;

/// A record set as a live read found it, with the moment at which the request was sent.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) key: RecordKey,
    pub(super) sent_at: Timestamp,
    pub(super) set: Option<RecordSet>,
}

/// All that live reads found in a run.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) sets: Vec<Seen>,
    /// Machines whose tag was read, with the moment at which the request was sent.
    pub(super) tags: Vec<(ResourceId, Live, Timestamp)>,
    /// Reads that failed, in words; their names stay as they are.
    pub(super) troubles: Vec<String>,
    unreadable: BTreeSet<RecordKey>,
}

impl Found {
    /// Whether a read of this set has failed before; it is not tried twice.
    pub(super) fn is_unreadable(&self, key: &RecordKey) -> bool {
        self.unreadable.contains(key)
    }
}

/// Asks for the live tags of machines.
///
/// # Errors
/// A partial or failed answer is no answer: the run must stop.
pub(super) async fn tags(
    azure: &Azure,
    tag: &str,
    machines: &BTreeSet<ResourceId>,
    found: &mut Found,
) -> Result<LiveTags, Error> {
    let ids: Vec<_> = machines.iter().cloned().collect();
    let mut tags = LiveTags::default();
    let mut absent = Vec::new();
    for ids in ids.chunks(MOST_IDS) {
        let sent_at = Timestamp::now();
        let mut answer = azure.resource_graph.tags_of(ids, tag).await?;
        for id in ids {
            match answer.remove(id.lower()) {
                Some(names) => {
                    let live = Live::Tagged(names);
                    tags.insert(id, live.clone());
                    found.tags.push((id.clone(), live, sent_at));
                }
                None => absent.push(id.clone()),
            }
        }
    }
    let rest = absent.split_off(absent.len().min(LOOKED_UP));
    let sent_at = Timestamp::now();
    let looked: Vec<(ResourceId, Live)> = stream::iter(absent)
        .map(|id| async move { machine(azure, &id, tag).await.map(|live| (id, live)) })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for (id, live) in looked {
        tags.insert(&id, live.clone());
        found.tags.push((id, live, sent_at));
    }
    for id in rest {
        tags.insert(&id, Live::Unreadable);
    }
    Ok(tags)
}

/// What the silence of a complete answer about a machine means.
async fn machine(azure: &Azure, id: &ResourceId, tag: &str) -> Result<Live, Error> {
    match azure.resource_graph.machine(id, tag).await {
        Ok(TagState::Tagged(values)) => Ok(Live::Tagged(values)),
        Ok(TagState::Gone) => Ok(Live::Gone),
        Ok(TagState::Unreadable) => Ok(Live::Unreadable),
        // An id that Azure understands in no way is nobody's machine, but nothing proves that it is gone.
        Err(error) if error.certainty == Certainty::Answered && error.status == Some(400) => {
            Ok(Live::Unreadable)
        }
        Err(error) => Err(error),
    }
}

/// Reads record sets: one by one while that is cheaper than the zone's pages, else the whole type.
///
/// A read that fails is told in `found`; the others stand.
pub(super) async fn record_sets(
    azure: &Azure,
    names: &BTreeSet<(ZoneId, RecordKey)>,
    history: &History,
    found: &mut Found,
) -> CurrentRecordSets {
    let mut groups: BTreeMap<(ZoneId, RecordType), Vec<HostName>> = BTreeMap::new();
    for (zone, key) in names {
        groups.entry((zone.clone(), key.record_type)).or_default().push(key.name.clone());
    }
    let mut current = CurrentRecordSets::default();
    let mut absent: BTreeMap<ZoneId, Vec<Seen>> = BTreeMap::new();
    for ((zone, record_type), names) in groups {
        let pages = pages(history, &zone, record_type);
        let seen = if names.len() <= pages {
            one_by_one(azure, &zone, record_type, names, found).await
        } else {
            by_type(azure, &zone, record_type, names, found).await
        };
        for seen in seen {
            if seen.set.is_none() {
                absent.entry(zone.clone()).or_default().push(seen);
            } else {
                current.insert(seen.key.clone(), seen.set.clone());
                found.sets.push(seen);
            }
        }
    }
    for (zone, absent) in absent {
        for (seen, is_cname) in cnames(azure, &zone, absent, found).await {
            if is_cname {
                current.insert_cname(seen.key.name.clone());
            }
            current.insert(seen.key.clone(), None);
            found.sets.push(seen);
        }
    }
    current
}

/// Pages of a zone's record sets of one type, as the last sweep counted them; at least one.
fn pages(history: &History, zone: &ZoneId, record_type: RecordType) -> usize {
    let sets = history.zones.get(zone).map_or(0, |zone| match record_type {
        RecordType::A => zone.a_sets,
        RecordType::Aaaa => zone.aaaa_sets,
    });
    usize::try_from(sets).unwrap_or(usize::MAX).div_ceil(PAGE).max(1)
}

async fn one_by_one(
    azure: &Azure,
    zone: &ZoneId,
    record_type: RecordType,
    names: Vec<HostName>,
    found: &mut Found,
) -> Vec<Seen> {
    let reads: Vec<_> = stream::iter(names)
        .map(|name| async move {
            let key = RecordKey { name, record_type };
            read(azure, zone, &key).await.map_err(|error| (key, error))
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut seen = Vec::new();
    for read in reads {
        match read {
            Ok(set) => seen.push(set),
            Err((key, error)) => {
                found.troubles.push(error.chain());
                found.unreadable.insert(key);
            }
        }
    }
    seen
}

/// One record set as it stands now.
pub(super) async fn read(azure: &Azure, zone: &ZoneId, key: &RecordKey) -> Result<Seen, Error> {
    let sent_at = Timestamp::now();
    let set = azure.dns.get(zone, &key.name, key.record_type).await?;
    Ok(Seen { key: key.clone(), sent_at, set })
}

async fn by_type(
    azure: &Azure,
    zone: &ZoneId,
    record_type: RecordType,
    names: Vec<HostName>,
    found: &mut Found,
) -> Vec<Seen> {
    let sent_at = Timestamp::now();
    let mut wanted: BTreeMap<HostName, Option<(Timestamp, RecordSet)>> =
        names.into_iter().map(|name| (name, None)).collect();
    let mut pages = std::pin::pin!(azure.dns.list(zone, record_type));
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                for set in page.sets {
                    if let Some(place) = wanted.get_mut(&set.name) {
                        *place = Some((page.sent_at, set));
                    }
                }
            }
            Err(error) => {
                // What the listing did not reach is unknown, not absent.
                found.troubles.push(error.chain());
                let unread = wanted.iter().filter(|(_, set)| set.is_none());
                let keys = unread.map(|(name, _)| RecordKey { name: name.clone(), record_type });
                found.unreadable.extend(keys);
                wanted.retain(|_, set| set.is_some());
                break;
            }
        }
    }
    let seen = |(name, set): (HostName, Option<(Timestamp, RecordSet)>)| {
        let key = RecordKey { name, record_type };
        let (sent_at, set) = set.map_or((sent_at, None), |(sent_at, set)| (sent_at, Some(set)));
        Seen { key, sent_at, set }
    };
    wanted.into_iter().map(seen).collect()
}

/// Before something is created, the name must be known to be no CNAME: each absent set with the answer to that. What
/// could not be asked counts as not read.
async fn cnames(azure: &Azure, zone: &ZoneId, absent: Vec<Seen>, found: &mut Found) -> Vec<(Seen, bool)> {
    /// From this many names on, a listing of all CNAMEs is cheaper in most zones.
    const MANY: usize = 10;
    let answers: Vec<(Seen, Result<bool, String>)> = if absent.len() >= MANY {
        match azure.dns.cnames(zone).await {
            Ok(names) => absent
                .into_iter()
                .map(|seen| (names.contains(&seen.key.name), seen))
                .map(|(is, seen)| (seen, Ok(is)))
                .collect(),
            Err(error) => absent.into_iter().map(|seen| (seen, Err(error.chain()))).collect(),
        }
    } else {
        stream::iter(absent)
            .map(|seen| async move {
                let answer = azure.dns.cname_exists(zone, &seen.key.name).await;
                (seen, answer.map_err(|error| error.chain()))
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await
    };
    let mut known = Vec::new();
    for (seen, answer) in answers {
        match answer {
            Ok(is_cname) => known.push((seen, is_cname)),
            Err(trouble) => {
                found.troubles.push(trouble);
                found.unreadable.insert(seen.key);
            }
        }
    }
    known
}
