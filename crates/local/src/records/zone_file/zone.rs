//! Which zone a file is of that has no `$ORIGIN`: that of its SOA, else what all its names have in common, if all are full.

use std::collections::BTreeSet;

use super::entries::Entry;

/// A zone has two labels at least: what all names of the world have in common is no zone.
const LABELS: usize = 2;

/// What says which zone it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// The full owner of its SOA.
    BySoa(String),
    /// All its names, which are full.
    ByNames(String),
}

/// The zone of a file without `$ORIGIN`; none: nothing in it says so, or a `$ORIGIN` does.
pub(super) fn of(entries: &[Entry]) -> Option<Told> {
    let mut owners = BTreeSet::new();
    for entry in entries {
        if entry.is("$ORIGIN") {
            return None;
        }
        let parts = entry.parts();
        if entry.is_directive() {
            continue;
        }
        let Some(owner) = parts.owner else { continue };
        if !owner.ends_with('.') {
            return None;
        }
        if parts.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("SOA")) {
            return Some(Told::BySoa(owner.to_owned()));
        }
        owners.insert(owner.to_lowercase());
    }
    in_common(&owners).map(Told::ByNames)
}

/// The longest end that several names share. One name alone does not say where its zone begins.
fn in_common(names: &BTreeSet<String>) -> Option<String> {
    let mut backwards = names.iter().map(|name| name.trim_end_matches('.').rsplit('.').collect::<Vec<_>>());
    let mut shared = backwards.next()?;
    for labels in backwards {
        let same = shared.iter().zip(&labels).take_while(|(one, other)| one == other).count();
        shared.truncate(same);
    }
    shared.reverse();
    (names.len() > 1 && shared.len() >= LABELS).then(|| format!("{}.", shared.join(".")))
}
