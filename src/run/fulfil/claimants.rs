//! Whose live tags claim names: one question for all of them.

use std::collections::BTreeSet;

use super::learned::{Asker, Learned};
use crate::run::fleet::Fleet;
use crate::run::trouble::Trouble;
use pure::domain::HostName;
use pure::plan::Answer;

/// Asks which machines claim these names. Where the tags of one cannot be read, nobody knows who claims any of them.
pub(super) async fn ask(asker: Asker<'_>, names: &BTreeSet<HostName>) -> Learned {
    let mut learned = Learned::default();
    if names.is_empty() {
        return learned;
    }
    let answer = Fleet::claiming(asker.azure, asker.subscriptions, asker.tag, asker.policy, names).await;
    let fleet = match answer {
        Ok(fleet) => fleet,
        Err(error) => {
            let answer = learned.found.failed(&error);
            for name in names {
                learned.known.learn_claimants(name.clone(), answer.clone());
            }
            return learned;
        }
    };
    let unknown = (!fleet.is_whole()).then(|| {
        fleet.trouble().unwrap_or_else(|| Trouble::new("a row of Resource Graph names no machine".to_owned()))
    });
    learned.known.learn_particulars(fleet.particulars.clone());
    for name in names {
        let answer = match &unknown {
            Some(trouble) => Answer::Unavailable(trouble.because.clone()),
            None => Answer::Known(fleet.claimants(name).clone()),
        };
        learned.known.learn_claimants(name.clone(), answer);
    }
    unknown.into_iter().for_each(|trouble| learned.found.add_trouble(trouble));
    learned
}
