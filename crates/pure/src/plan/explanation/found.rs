//! What a rule saw that applies, in a few words: the sentence that says what to do stands elsewhere.

use crate::plan::why::{NotOwned, PrivateSide, Why};
use crate::plan::words::{list, machine};

/// What it saw; none where its code says it all.
pub(super) fn in_short(why: &Why) -> Option<String> {
    Some(match why {
        Why::AddressNotPublic { address, class, .. } => format!("{address} is {class}"),
        Why::AddressDenied { address, prefix, .. } => format!("{address} lies in {prefix}"),
        Why::AddressOutside { address, by, .. } => format!("{address} lies outside of {by}"),
        Why::PrivateSide(side) => return of_private(side),
        Why::TypeNotWanted { record_type, by, .. } => format!("{by} lacks {record_type}"),
        Why::Delegated { cut: Some(cut), .. } => format!("at {cut}"),
        Why::AlreadyRight { addresses, .. } => format!("it holds {}", list(addresses)),
        Why::TooFewBeats { address, beats, wanted, .. } => {
            format!("{beats} say {address}, {wanted} are wanted")
        }
        Why::ClaimConflict(conflict) => {
            format!("{} machines, {} addresses", conflict.machines, conflict.addresses)
        }
        Why::NotOwned { owned, .. } => not_owned(owned),
        Why::Braked { held } => format!("the brake {} holds it", held.brake().as_str()),
        _ => return None,
    })
}

fn of_private(side: &PrivateSide) -> Option<String> {
    Some(match side {
        PrivateSide::NoneInside(none) => {
            format!("none of {} lies in {}", list(&none.listed), list(&none.prefixes))
        }
        PrivateSide::Several { addresses, .. } => format!("{} may all stand there", list(addresses)),
        PrivateSide::Shared { address, others, .. } => format!("{others} lists {address} too"),
        PrivateSide::NotAttached { address, .. } => format!("{address} is on none of its interfaces"),
        PrivateSide::Registers { networks, .. } => format!("a link registers those of {networks}"),
        PrivateSide::TooLong { .. } | PrivateSide::Registered { .. } => return None,
    })
}

fn not_owned(owned: &NotOwned) -> String {
    match owned {
        NotOwned::OtherInstallation { .. } => "the mark is of another installation".to_owned(),
        NotOwned::NewerMark { version } => format!("the mark has version {version}"),
        NotOwned::IncompleteMark => "the mark is incomplete".to_owned(),
        NotOwned::Released { .. } => "it was released by hand".to_owned(),
        NotOwned::OtherMachine { machine: id, .. } => format!("the mark names {}", machine(id)),
        NotOwned::Unmarked { .. }
        | NotOwned::Trusted { .. }
        | NotOwned::AdoptNever { .. }
        | NotOwned::NoEvidence { .. }
        | NotOwned::Unproved { .. } => "it carries no mark".to_owned(),
        NotOwned::RefusedBefore { .. } => "the same was refused before".to_owned(),
    }
}
