//! What a person agrees to, in one short text.

use sha2::{Digest, Sha256};

use crate::domain::join_addresses;
use crate::plan::change::Change;

/// SHA-256, as lower-case hexadecimal text, over the sorted name, type, zone, action, from and to of all changes, and over
/// the end and the reason of a hold.
///
/// No time of a run and no run is in it, nor the spelling of an id: two plans of one world have one digest.
#[must_use]
pub fn digest(changes: &[Change]) -> String {
    let line = |change: &Change| {
        let (from, to) = (join_addresses(&change.from()), join_addresses(change.to()));
        let (id, action) = (&change.id, change.action().as_str());
        let zone = id.zone.lower();
        let hold = change.cause.hold().map(|hold| format!("\t{}\t{:?}", hold.until, hold.why));
        let hold = hold.unwrap_or_default();
        format!("{}\t{}\t{zone}\t{action}\t{from}\t{to}{hold}\n", id.name, id.record_type)
    };
    let mut lines: Vec<String> = changes.iter().map(line).collect();
    lines.sort();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
    }
    hash.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}
