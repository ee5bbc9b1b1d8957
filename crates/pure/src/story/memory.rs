//! What was told and still stands: it is not told again until it is over.

use std::collections::BTreeSet;

use super::Topic;
use crate::plan::AuditedReason;

/// The topics that stand, and the skips that plans have told, as long as the process lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    standing: BTreeSet<Topic>,
    skips: BTreeSet<AuditedReason>,
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Topics that stand since now.
    pub begun: BTreeSet<Topic>,
    /// Topics that stood and are over.
    pub over: BTreeSet<Topic>,
    /// Skips of a plan that were not told yet.
    pub skips: BTreeSet<AuditedReason>,
    /// Whether a stage has failed and not done well since, entered in this round or not.
    pub has_failing_stage: bool,
}

impl News {
    /// Everything as if nothing had been told yet: of what a person asked for.
    #[must_use]
    pub fn all(standing: impl IntoIterator<Item = Topic>) -> Self {
        Self { begun: standing.into_iter().collect(), ..Self::default() }
    }
}

impl Memory {
    /// Takes in what stands now. Of a topic for which `looked` does not hold silence says nothing.
    pub fn take_in(
        &mut self,
        standing: impl IntoIterator<Item = Topic>,
        looked: impl Fn(&Topic) -> bool,
    ) -> News {
        let standing: BTreeSet<Topic> = standing.into_iter().collect();
        let over: BTreeSet<Topic> =
            self.standing.extract_if(.., |topic| looked(topic) && !standing.contains(topic)).collect();
        let begun = standing.into_iter().filter(|topic| self.standing.insert(topic.clone())).collect();
        let has_failing_stage = self.standing.iter().any(|topic| matches!(topic, Topic::Stage { .. }));
        News { begun, over, has_failing_stage, ..News::default() }
    }

    /// Takes in the skips of a plan, and gives those that are new. One that a plan for every name does not hold any more is
    /// forgotten; a plan for a few names says nothing of others.
    pub fn take_in_skips(
        &mut self,
        skips: BTreeSet<AuditedReason>,
        is_whole: bool,
    ) -> BTreeSet<AuditedReason> {
        let fresh = skips.difference(&self.skips).cloned().collect();
        if is_whole {
            self.skips = skips;
        } else {
            self.skips.extend(skips);
        }
        fresh
    }
}
