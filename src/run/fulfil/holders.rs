//! Who holds the addresses that virtual machines go out by: one question for all of them, and each address learns its own
//! answer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::learned::{Asker, Learned, at_once};
use crate::azure::resource_graph::MOST_ADDRESSES;
use crate::run::trouble::Trouble;
use pure::domain::ResourceId;
use pure::plan::Answer;

/// Portions on their way at the same time.
const PORTIONS: usize = 4;

/// Asks who holds the addresses that these machines go out by.
pub(super) async fn ask(asker: Asker<'_>, holders: &BTreeMap<ResourceId, BTreeSet<IpAddr>>) -> Learned {
    let mut wanted: BTreeMap<IpAddr, BTreeSet<ResourceId>> = BTreeMap::new();
    for (machine, addresses) in holders {
        addresses.iter().for_each(|address| {
            wanted.entry(*address).or_default().insert(machine.clone());
        });
    }
    let wanted: Vec<_> = wanted.into_iter().collect();
    let questions = wanted.chunks(MOST_ADDRESSES).map(|portion| async move {
        let addresses: BTreeSet<IpAddr> = portion.iter().map(|(address, _)| *address).collect();
        let machines = portion.iter().flat_map(|(_, machines)| machines).cloned().collect();
        let answer = asker.azure.resource_graph.holders(&addresses, &machines).await;
        (addresses, answer)
    });
    let mut learned = Learned::default();
    for (addresses, answer) in at_once(questions, PORTIONS).await {
        match answer {
            Ok(answers) => {
                for (address, holder) in answers {
                    let holder = match holder {
                        Ok(holder) => Answer::Known(holder),
                        Err(words) => {
                            learned.found.add_trouble(Trouble::new(words.clone()));
                            Answer::Unavailable(words)
                        }
                    };
                    learned.known.learn_holder(address, holder);
                }
            }
            Err(error) => {
                let answer = learned.found.failed(&error);
                for address in addresses {
                    learned.known.learn_holder(address, answer.clone());
                }
            }
        }
    }
    learned
}
