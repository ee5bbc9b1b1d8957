//! Why a write was made, as `history` and `explain` say it.

use crate::queries::Past;
use pure::plan::{AdoptedBy, Motive};

/// Why it was written, in few words.
pub(in crate::cli) fn why(write: &Past) -> String {
    let word = match write.motive {
        _ if write.is_recovered => return "told by its mark".to_owned(),
        Some(Motive::Adopted(AdoptedBy::Hand)) => return "adopted by hand".to_owned(),
        Some(Motive::Adopted(AdoptedBy::Seen)) => return "adopted, seen".to_owned(),
        Some(Motive::Adopted(AdoptedBy::Listed)) => return "adopted, listed".to_owned(),
        Some(Motive::Adopted(AdoptedBy::Always)) => return "adopted, always".to_owned(),
        Some(Motive::RolledBack) if write.to.is_empty() => return "rolled back, deleted".to_owned(),
        Some(Motive::Released) if write.to.is_empty() => return "released, deleted".to_owned(),
        Some(Motive::RolledBack) => return "rolled back".to_owned(),
        Some(Motive::Released) => return "released".to_owned(),
        Some(Motive::Orphaned) => return "claimed by nobody".to_owned(),
        Some(Motive::Created) => "created",
        Some(Motive::Moved) => "moved",
        Some(Motive::Approved) => "approved",
        Some(Motive::Held) => "held",
        Some(Motive::LetGo) => "let go",
        None => "updated",
    };
    match write.beats {
        None => word.to_owned(),
        Some(1) => format!("{word}, 1 beat"),
        Some(beats) => format!("{word}, {beats} beats"),
    }
}
