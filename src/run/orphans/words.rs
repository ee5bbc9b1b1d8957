//! The last words on record sets before they go: each as it stands now, and what the machine says that its mark names.

use super::super::fulfil::{Asker, Learned, READ_SINGLY, fulfil};
use crate::clock;
use pure::plan::{Marked, Needs, orphan};

/// Each set as it stands now, and what the machine that it is marked for says of it.
pub(super) async fn last_words(asker: Asker<'_>, leaving: &[&Marked]) -> Learned {
    let mut learned = Learned::default();
    loop {
        let mut needs = Needs::default();
        for marked in leaving {
            // Whether it goes is decided once all is known.
            needs.extend(orphan::wanted(marked, &learned.known, (asker.policy, clock::now())));
        }
        if needs.is_empty() {
            return learned;
        }
        // Of more at once that are gone, the rest would count as unreadable.
        needs.machines = needs.machines.into_iter().take(READ_SINGLY).collect();
        learned.absorb(fulfil(asker, &needs).await);
    }
}
