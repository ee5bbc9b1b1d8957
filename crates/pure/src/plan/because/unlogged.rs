//! The sentences of an address that stays in a shared set although no row speaks for it.

use std::fmt;

use crate::plan::sentence::Speech;
use crate::plan::standing::HEARD_LATELY;
use crate::plan::words::{list, whole};

pub(super) fn stays(
    f: &mut dyn Speech,
    name: &str,
    addresses: &[String],
    machines: &[String],
) -> fmt::Result {
    let (stay, tag) = (verb(addresses, "stays", "stay"), verb(machines, "tag", "tags"));
    let claim = verb(machines, "claims", "claim");
    let (addresses, machines) = (list(addresses), list(machines));
    write!(
        f,
        "{addresses} {stay} in {name}, for the live {tag} of {machines} still {claim} it; only the log does not say so, which \
         ends with the next sweep of the tags."
    )
}

/// What ends it, in words that fit after "would move".
pub(super) fn ends(f: &mut dyn Speech, machines: &[String]) -> fmt::Result {
    let (claim, have) = (verb(machines, "claims", "claim"), verb(machines, "has", "have"));
    let silence = whole(HEARD_LATELY);
    write!(f, "when {} no longer {claim} it or {have} been silent for {silence}", list(machines))
}

/// Of one or of several.
fn verb<'a>(items: &[String], one: &'a str, several: &'a str) -> &'a str {
    if items.len() == 1 { one } else { several }
}
