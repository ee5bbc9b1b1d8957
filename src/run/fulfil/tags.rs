//! Live tags: many machines in one question, and a look at each of the few that a complete answer leaves out.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::learned::{AT_ONCE, Asker, Learned, at_once};
use crate::azure::resource_graph::{MOST_IDS, TagState};
use crate::azure::{Azure, Error};
use crate::clock;
use pure::domain::ResourceId;
use pure::plan::{Answer, Live};

/// Machines of a complete answer's gaps that are read one by one; the rest counts as unreadable.
const READ_SINGLY: usize = 20;
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
                learned.found.tags_asked.answered += 1;
                for id in ids {
                    match answer.remove(id.lower()) {
                        Some(machine) => learned.learn(id, Live::Tagged(machine.tag_values), sent_at),
                        None => absent.push(id),
                    }
                }
                let further = answer.into_values().map(|machine| (machine.id, machine.tag_values));
                learned.found.claimants.extend(further);
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
        let live = machine(asker.azure, &id, asker.tag).await;
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
    fn learn(&mut self, id: ResourceId, live: Live, sent_at: Timestamp) {
        self.known.learn_tag(&id, Answer::Known(live.clone()));
        self.found.tags.push((id, live, sent_at));
    }
}

/// What the silence of a complete answer about a machine means.
async fn machine(azure: &Azure, id: &ResourceId, tag: &str) -> Result<Live, Error> {
    match azure.resource_graph.machine(id, tag).await {
        Ok(TagState::Tagged(values)) => Ok(Live::Tagged(values)),
        Ok(TagState::Gone) => Ok(Live::Gone),
        Ok(TagState::Unreadable) => Ok(Live::Unreadable),
        // An id that Azure understands in no way is nobody's machine, but nothing proves that it is gone.
        Err(error) if error.status == Some(400) => Ok(Live::Unreadable),
        Err(error) => Err(error),
    }
}
