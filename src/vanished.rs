//! Whether an answer of Resource Graph lacks machines that must be there: a right that was lost looks like a fleet that
//! has gone, for what may not be read is left out without a word (contract azure-resource-manager, section 4.5).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::time::Duration;

use crate::azure::resource_graph::TagState;
use crate::azure::{Azure, Error};
use crate::config::Settings;
use crate::queries::{self, OwnerId, Subscription};
use pure::domain::{MachineKind, ResourceId};
use pure::plan::{Blindness, History, lacks_too_many};

/// Machines that are read singly before a right is said to be lost.
const READ_SINGLY: usize = 20;
/// How far back the last complete sweep is looked for: what the history looks at, and where that knows of none, as much
/// as a doubt may last. A doubtful sweep has no marker, and must not be believed because the last good one has grown old.
const DAY: Duration = Duration::from_secs(24 * 3600);
const LONG: Duration = Duration::from_secs(30 * 24 * 3600);

/// The tagged machines of an answer, small enough to be kept for the largest fleet.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    hasher: RandomState,
    /// Hashes of ids: two that agree hide a missing machine, and nothing else.
    machines: HashSet<u64, BuildHasherDefault<Hashed>>,
}

/// The hasher of what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.0 = self.0.rotate_left(8) ^ u64::from(*octet);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Listed {
    pub(crate) fn insert(&mut self, id: &ResourceId) {
        self.machines.insert(self.hasher.hash_one(id.lower()));
    }

    fn holds(&self, id: &ResourceId) -> bool {
        self.machines.contains(&self.hasher.hash_one(id.lower()))
    }
}

/// Machines that claimed names and still beat, and how many of them an answer lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vanished {
    /// The subscription; none: all together.
    subscription: Option<String>,
    before: u64,
    missing: Vec<ResourceId>,
}

/// Why the sweep cannot be believed.
#[derive(Debug)]
pub(crate) enum Doubt {
    /// It cannot be compared with the one before.
    Unasked(Error),
    /// The comparison itself is not whole.
    Partial(String),
    /// A right was lost.
    Lost(Vec<Vanished>),
}

/// Compares an answer with the sweep before.
///
/// Every machine counts by its name: a list of as many others hides those that it lacks. What a whole history counted
/// tells whether there is anything to compare; without one it is always compared.
pub(crate) async fn check(
    azure: &Azure,
    settings: &Settings,
    history: Option<&History>,
    listed: &Listed,
) -> Result<(), Doubt> {
    let chosen = &settings.collect.subscriptions;
    let wanted = |subscription: &str| {
        chosen.is_empty() || chosen.iter().any(|chosen| chosen.eq_ignore_ascii_case(subscription))
    };
    let counted: Option<u64> = history.filter(|history| history.tags_marker.is_some()).map(|history| {
        let wanted = history.claimants.iter().filter(|(subscription, _)| wanted(subscription));
        wanted.map(|(_, before)| *before).sum()
    });
    // So few are never suspicious.
    if counted.is_some_and(|counted| !lacks_too_many(counted, counted, settings.policy.max_silent_percent)) {
        return Ok(());
    }
    let asked: Vec<Subscription> = chosen.iter().filter_map(|id| Subscription::parse(id)).collect();
    let query = queries::claimants_query(&OwnerId::new(&settings.policy.owner), &asked);
    let timespan = Some(if counted.is_some() { DAY } else { LONG });
    let table =
        azure.logs_query.ask(&query, timespan, &queries::CLAIMANTS_COLUMNS).await.map_err(Doubt::Unasked)?;
    let claimants = queries::claimants(&table.column_names(), &table.rows);
    if let Some(why) = table.partial {
        return Err(Doubt::Partial(format!("a query gave only part of its rows: {why}")));
    }
    let claimants: Vec<_> = claimants.into_iter().filter(|id| wanted(id.subscription())).collect();
    let named_none = claimants.is_empty();
    // Who takes a kind of machines out of TARGETS has lost no right.
    let counts =
        |id: &ResourceId| MachineKind::of(id).is_some_and(|kind| settings.collect.targets.contains(&kind));
    let claimants: Vec<_> = claimants.into_iter().filter(counts).collect();
    if let Some(counted) = counted.filter(|_| named_none) {
        return Err(Doubt::Partial(format!(
            "the logs name none of the {counted} machines that they counted"
        )));
    }
    let suspicious = suspicious(claimants, listed, settings.policy.max_silent_percent);
    let (read, failed) = read_singly(azure, &settings.collect.tag, &suspicious).await;
    if let Some(error) = failed.filter(|_| read.values().all(Option::is_none)) {
        return Err(Doubt::Unasked(error));
    }
    let lost: Vec<_> = suspicious.into_iter().filter(|vanished| !is_explained(vanished, &read)).collect();
    if lost.is_empty() { Ok(()) } else { Err(Doubt::Lost(lost)) }
}

/// The subscriptions, and all together, that lack too many.
fn suspicious(claimants: Vec<ResourceId>, listed: &Listed, percent: u64) -> Vec<Vanished> {
    let mut groups: BTreeMap<Option<String>, Vanished> = BTreeMap::new();
    for id in claimants {
        let is_missing = !listed.holds(&id);
        for subscription in [None, Some(id.subscription().to_owned())] {
            let group = groups.entry(subscription.clone()).or_insert_with(|| Vanished {
                before: 0,
                subscription,
                missing: Vec::new(),
            });
            group.before += 1;
            if is_missing {
                group.missing.push(id.clone());
            }
        }
    }
    let is_suspicious = |group: &Vanished| lacks_too_many(group.before, group.missing.len() as u64, percent);
    groups.into_values().filter(is_suspicious).collect()
}

/// What single reads of a few missing machines say, by lower-case id, and why one of them failed; each group gets its
/// turn.
async fn read_singly(
    azure: &Azure,
    tag: &str,
    groups: &[Vanished],
) -> (BTreeMap<String, Option<TagState>>, Option<Error>) {
    let longest = groups.iter().map(|group| group.missing.len()).max().unwrap_or_default();
    let mut chosen: Vec<&ResourceId> = Vec::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    // Subscriptions first: what is read of them serves all together as well.
    let ordered = || groups.iter().rev();
    for turn in 0..longest {
        let turns = ordered().filter_map(|group| group.missing.get(turn));
        chosen.extend(turns.filter(|id| taken.insert(id.lower())));
        if chosen.len() >= READ_SINGLY {
            break;
        }
    }
    let read = |id: ResourceId| {
        let (graph, tag) = (azure.resource_graph.clone(), tag.to_owned());
        async move { (id.lower().to_owned(), graph.machine(&id, &tag).await) }
    };
    // A list of futures, not a stream that makes them: such a one could not be moved between threads.
    let reads: Vec<_> = chosen.into_iter().take(READ_SINGLY).cloned().map(read).collect();
    let mut failed = None;
    let answers = futures::future::join_all(reads).await.into_iter();
    let read = answers.map(|(id, state)| (id, state.map_err(|error| failed = Some(error)).ok())).collect();
    (read, failed)
}

/// Whether single reads explain what is missing: one machine was deleted, or every one can be read and has no tag any
/// more. Both say that the right is there.
fn is_explained(vanished: &Vanished, read: &BTreeMap<String, Option<TagState>>) -> bool {
    let mut states = vanished.missing.iter().filter_map(|id| read.get(id.lower())).peekable();
    if states.peek().is_none() {
        return false;
    }
    let states: Vec<_> = states.collect();
    let is_untagged = |state: &&Option<TagState>| matches!(state, Some(TagState::Tagged(values)) if values.iter().all(|value| value.trim().is_empty()));
    states.iter().any(|state| matches!(state, Some(TagState::Gone))) || states.iter().all(is_untagged)
}

impl fmt::Display for Vanished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} machines", self.missing.len(), self.before)?;
        match &self.subscription {
            Some(subscription) => write!(f, " of the subscription {subscription}")?,
            None => f.write_str(" of all subscriptions together")?,
        }
        match self.missing.first() {
            Some(id) => write!(f, " (such as {id})"),
            None => Ok(()),
        }
    }
}

impl Doubt {
    /// What the plan may call blind: the lost rights, and nothing where the comparison itself failed.
    pub(crate) fn blindness(&self, limit: u64) -> Vec<Blindness> {
        let Self::Lost(lost) = self else { return Vec::new() };
        let alone = lost.iter().any(|vanished| vanished.subscription.is_some());
        let told = lost.iter().filter(|vanished| vanished.subscription.is_some() || !alone);
        told.map(|vanished| Blindness::RightLost {
            unreadable: vanished.missing.len() as u64,
            asked: vanished.before,
            limit,
            subscription: vanished.subscription.clone(),
        })
        .collect()
    }

    /// For the log, with every cause.
    pub(crate) fn logged(&self) -> String {
        match self {
            Self::Unasked(error) => format!("{UNCOMPARED}: {}", error.chain()),
            Self::Partial(_) | Self::Lost(_) => self.to_string(),
        }
    }
}

const UNCOMPARED: &str = "the sweep cannot be compared with the one before";

/// For people outside; what to do is part of it.
impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unasked(error) => {
                write!(f, "{UNCOMPARED}: {}", error.for_people())
            }
            Self::Partial(why) => write!(f, "{UNCOMPARED}: {why}"),
            Self::Lost(lost) => {
                let alone = lost.iter().filter(|vanished| vanished.subscription.is_some()).count();
                let told = lost.iter().filter(|vanished| vanished.subscription.is_some() || alone == 0);
                let told: Vec<_> = told.map(ToString::to_string).collect();
                write!(
                    f,
                    "{} that claimed names and still beat are no longer listed by Azure Resource Graph, and none is known to be deleted: a right was lost, not a fleet. Give this identity the role Reader there again",
                    told.join(", ")
                )?;
                let scopes = lost.iter().filter_map(|vanished| vanished.subscription.as_ref());
                for subscription in scopes.take(3) {
                    write!(
                        f,
                        "; az role assignment create --role Reader --scope /subscriptions/{subscription} --assignee-object-id ID"
                    )?;
                }
                if alone > 0 {
                    f.write_str(", where ID is the object id of this identity; doctor writes the line out")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(subscription: &str, name: usize) -> ResourceId {
        let text = format!(
            "/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m{name}"
        );
        ResourceId::parse(&text).unwrap()
    }

    fn groups(before: &[(&str, usize)], listed: &[(&str, usize)]) -> Vec<(Option<String>, usize)> {
        let ids = |counts: &[(&str, usize)]| {
            counts
                .iter()
                .flat_map(|(subscription, count)| (0..*count).map(move |name| id(subscription, name)))
                .collect::<Vec<_>>()
        };
        let mut found = Listed::default();
        ids(listed).iter().for_each(|id| found.insert(id));
        let groups = suspicious(ids(before), &found, 50);
        groups.into_iter().map(|group| (group.subscription, group.missing.len())).collect()
    }

    #[test]
    fn each_subscription_counts_alone_and_all_count_together() {
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(groups(&[("a", 30), ("b", 3)], &[("a", 30)]), [(some("b"), 3)]);
        assert_eq!(groups(&[("a", 4), ("b", 2), ("c", 4)], &[("a", 1), ("c", 1)]), [(None, 8)]);
        assert_eq!(groups(&[("a", 4), ("b", 9)], &[("a", 1), ("b", 9)]), [], "others are there");
        assert_eq!(groups(&[("a", 12)], &[("A", 12)]), [], "ids are compared without case");
        assert_eq!(groups(&[("a", 3)], &[]), [(None, 3), (some("a"), 3)]);
    }

    #[test]
    fn a_deleted_machine_or_readable_ones_without_a_tag_explain_what_is_missing() {
        let missing: Vec<_> = (0..3).map(|name| id("a", name)).collect();
        let vanished = Vanished { subscription: None, before: 3, missing: missing.clone() };
        let read = |states: &[Option<TagState>]| {
            missing
                .iter()
                .map(|id| id.lower().to_owned())
                .zip(states.iter().cloned())
                .collect::<BTreeMap<_, _>>()
        };
        let tagged = |value: &str| Some(TagState::Tagged(vec![value.to_owned()]));
        let bare = Some(TagState::Tagged(Vec::new()));
        for (states, explained) in [
            (vec![Some(TagState::Gone), Some(TagState::Unreadable)], true),
            (vec![Some(TagState::Unreadable), Some(TagState::Unreadable)], false),
            (vec![bare.clone(), tagged(" ")], true),
            (vec![bare.clone(), Some(TagState::Unreadable)], false),
            (vec![tagged("nas.example.com")], false),
            (vec![None], false),
            (vec![], false),
        ] {
            assert_eq!(is_explained(&vanished, &read(&states)), explained, "{states:?}");
        }
    }

    #[test]
    fn a_subscription_that_was_lost_is_told_and_not_once_more_with_all_together() {
        let of = |subscription: Option<&str>| Vanished {
            subscription: subscription.map(str::to_owned),
            before: 3,
            missing: (0..3).map(|name| id("a", name)).collect(),
        };
        let subscriptions = |lost: Vec<Vanished>| {
            let doubt = Doubt::Lost(lost);
            let told = doubt.blindness(50).into_iter().map(|told| match told {
                Blindness::RightLost { subscription, unreadable: 3, asked: 3, limit: 50 } => subscription,
                other => panic!("{other:?}"),
            });
            (told.collect::<Vec<_>>(), doubt.to_string().matches("together").count())
        };
        assert_eq!(subscriptions(vec![of(None)]), (vec![None], 1));
        assert_eq!(subscriptions(vec![of(None), of(Some("a"))]), (vec![Some("a".to_owned())], 0));
        // The word that stands for an id is explained once, and only where it stands.
        let placeholder = |lost: Vec<Vanished>| Doubt::Lost(lost).to_string().matches("where ID is").count();
        let told = [vec![of(Some("a")), of(Some("b"))], vec![of(None)]].map(placeholder);
        assert_eq!(told, [1, 0]);
    }
}
