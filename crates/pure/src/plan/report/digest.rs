//! What a person agrees to, in one short text.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::domain::join_addresses;
use crate::plan::agreed::Agreed;
use crate::plan::change::Change;
use crate::plan::order::Leaves;

/// SHA-256, as lower-case hexadecimal text, over the sorted name, type, zone, action, from and to of all changes, and over
/// whatever else a person wants to know of one: the time to live that it lowers, the hold that it writes and the one that
/// stands there, what a release leaves, which addresses nobody has reported, and whose set it was.
///
/// No time of a run and no run is in it, nor the spelling of an id: two plans of one world have one digest.
#[must_use]
pub fn digest(changes: &[Change]) -> String {
    let mut lines: Vec<String> = changes.iter().map(line).collect();
    lines.sort();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
    }
    hash.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}

fn line(change: &Change) -> String {
    let Agreed {
        id,
        action,
        from,
        to,
        lowered_ttl,
        hold,
        standing,
        leaves,
        unreported,
        adopts,
        taken_over_from,
    } = Agreed::of(change);
    let (zone, action) = (id.zone.lower(), action.as_str());
    let (from, to) = (join_addresses(&from), join_addresses(to));
    let mut line = format!("{}\t{}\t{zone}\t{action}\t{from}\t{to}", id.name, id.record_type);
    let mut more = |word: std::fmt::Arguments<'_>| {
        // A text takes whatever is written to it.
        let _ = write!(line, "\t{word}");
    };
    if let Some(ttl) = lowered_ttl {
        more(format_args!("ttl {ttl}"));
    }
    if let Some((until, why)) = hold {
        more(format_args!("{until}\t{why:?}"));
    }
    if let Some(standing) = standing {
        more(format_args!("over {}\t{:?}\t{:?}", standing.until, standing.why, standing.by));
    }
    match leaves {
        Some(Leaves::Nothing) => more(format_args!("clean")),
        // The action tells these apart.
        Some(Leaves::AMark | Leaves::NoSet) | None => {}
    }
    if let Some(unreported) = unreported.filter(|unreported| !unreported.is_empty()) {
        more(format_args!("unreported {}", join_addresses(unreported)));
    }
    if adopts {
        more(format_args!("adopts"));
    }
    if let Some(machine) = taken_over_from {
        more(format_args!("from {}", machine.lower()));
    }
    line.push('\n');
    line
}
