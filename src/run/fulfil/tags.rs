//! Live tags: many machines in one question, and a look at each of the few that a complete answer leaves out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::learned::{AT_ONCE, Asker, Learned, at_once};
use crate::azure::Error;
use crate::azure::resource_graph::{MOST_IDS, Machine, TagState};
use crate::clock;
use pure::domain::ResourceId;
use pure::plan::{Answer, Known, Live, Particulars, Policy};

/// Machines of a complete answer's gaps that are read one by one; the rest counts as unreadable.
pub(in crate::run) const READ_SINGLY: usize = 20;
/// Portions on their way at the same time.
const PORTIONS: usize = 4;

/// Asks for the live tags of machines.
pub(super) async fn ask(asker: Asker<'_>, machines: &BTreeSet<ResourceId>) -> Learned {
    let ids: Vec<_> = machines.iter().cloned().collect();
    let (nobody, naming) = (&BTreeSet::new(), asker.naming);
    let portions = ids.chunks(MOST_IDS).map(<[ResourceId]>::to_vec).enumerate();
    let questions = portions.map(|(place, ids)| async move {
        // One portion finds them all.
        let naming = if place == 0 { naming } else { nobody };
        let sent_at = clock::now();
        let answer = asker.azure.resource_graph.tags_of(&ids, naming, asker.subscriptions, asker.tag).await;
        (ids, sent_at, answer)
    });
    let answers = at_once(questions, PORTIONS).await;
    let mut learned = Learned::default();
    let mut absent = Vec::new();
    for (ids, sent_at, answer) in answers {
        match answer {
            Ok(mut answer) => {
                learned.learn_particulars(asker.policy, &answer);
                learned.found.tags_asked.answered += 1;
                for id in ids {
                    match answer.remove(id.lower()) {
                        Some(machine) => {
                            let live = live(asker.policy, machine, &learned.known);
                            learned.learn(id, live, sent_at);
                        }
                        None => absent.push(id),
                    }
                }
                for machine in answer.into_values() {
                    let id = machine.id.clone();
                    if let Live::Tagged(values) = live(asker.policy, machine, &learned.known) {
                        learned.found.claimants.insert(id, values);
                    }
                }
            }
            Err(error) => {
                learned.found.tags_asked.failed += 1;
                let answer: Answer<Live> = learned.found.failed(&error);
                for id in ids {
                    learned.known.learn_tag(&id, answer.clone());
                }
            }
        }
    }
    absent.sort();
    let rest = absent.split_off(absent.len().min(READ_SINGLY));
    let sent_at = clock::now();
    let questions = absent.into_iter().map(|id| async move {
        let live = machine(asker, &id).await;
        (id, live)
    });
    for (id, live) in at_once(questions, AT_ONCE).await {
        match live {
            Ok(live) => learned.learn(id, live, sent_at),
            Err(error) => {
                let answer = learned.found.failed(&error);
                learned.known.learn_tag(&id, answer);
            }
        }
    }
    for id in rest {
        learned.known.learn_tag(&id, Answer::Known(Live::Unreadable));
    }
    learned
}

impl Learned {
    /// What machines are made of, and what the policy wants to know of them besides their tags.
    fn learn_particulars(&mut self, policy: &Policy, answer: &BTreeMap<String, Machine>) {
        for machine in answer.values() {
            if let Some(other) = &machine.other_tag {
                self.known.learn_other_tag(&machine.id, other.key.clone(), other.value.clone());
            }
            if let Some(hardware) = &machine.hardware {
                self.known.learn_hardware(&machine.id, hardware.clone());
            }
        }
        let mut told = Particulars::default();
        for machine in answer.values().filter(|_| policy.asks_particulars()) {
            told.learn(&machine.id, &machine.location, &machine.tags, machine.groups.as_ref());
        }
        self.known.learn_particulars(told);
    }

    fn learn(&mut self, id: ResourceId, live: Live, sent_at: Timestamp) {
        self.known.learn_tag(&id, Answer::Known(live.clone()));
        self.found.tags.push((id, live, sent_at));
    }
}

/// What a machine claims now.
fn live(policy: &Policy, machine: Machine, known: &Known) -> Live {
    tagged(policy, machine.tag_values, &machine.id, known)
}

/// The same of the values of its tag. Where the template asks for more than an answer told, nobody can say what it claims.
fn tagged(policy: &Policy, values: Vec<String>, id: &ResourceId, known: &Known) -> Live {
    policy.claimed(values, id, known.particulars()).map_or(Live::Unreadable, Live::Tagged)
}

/// What the silence of a complete answer about a machine means.
async fn machine(asker: Asker<'_>, id: &ResourceId) -> Result<Live, Error> {
    match asker.azure.resource_graph.machine(id, asker.tag).await {
        Ok(TagState::Tagged(values)) => Ok(tagged(asker.policy, values, id, &Known::default())),
        Ok(TagState::Gone) => Ok(Live::Gone),
        Ok(TagState::Unreadable) => Ok(Live::Unreadable),
        // An id that Azure understands in no way is nobody's machine, but nothing proves that it is gone.
        Err(error) if error.status == Some(400) => Ok(Live::Unreadable),
        Err(error) => Err(error),
    }
}
