//! What was told and still stands: it is not told again until it is over.

use std::collections::BTreeSet;

use super::Topic;

/// The topics that stand, as long as the process lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    standing: BTreeSet<Topic>,
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Topics that stand since now.
    pub begun: BTreeSet<Topic>,
    /// Topics that stood and are over.
    pub over: BTreeSet<Topic>,
}

impl News {
    /// Everything as if nothing had been told yet: of what a person asked for.
    #[must_use]
    pub fn all(standing: impl IntoIterator<Item = Topic>) -> Self {
        Self { begun: standing.into_iter().collect(), over: BTreeSet::new() }
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
        News { begun, over }
    }
}
