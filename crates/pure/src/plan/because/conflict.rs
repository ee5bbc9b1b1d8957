//! The sentences of claims that differ.

use std::fmt;

use crate::plan::sentence::Speech;
use crate::plan::why::{Conflict, Sharing};
use crate::plan::words::list;

/// Who says what, what stays, and what ends it.
pub(super) fn sentence(f: &mut dyn Speech, conflict: &Conflict) -> fmt::Result {
    let Conflict { name, present, machines, addresses, claims, sharing } = conflict;
    let present = match present.len() {
        0 => "nothing is published".to_owned(),
        1 => format!("{} stays", list(present)),
        _ => format!("{} stay", list(present)),
    };
    if conflict.is_of_many() {
        write!(
            f,
            "{machines} machines claim {name} and report {addresses} different addresses: {claims}; {present}. So many \
             have the tag from a template, an image or a policy that sets it; take the name out there and off all \
             but one of them"
        )?;
    } else {
        write!(
            f,
            "Machines that claim {name} report different addresses: {claims}; {present} until the name is taken \
             off the tags of all but one of them"
        )?;
    }
    match sharing {
        Sharing::None => f.write_str("."),
        Sharing::Could(by) => write!(f, ", or {by} says shared = true, if all of them are to serve it."),
        Sharing::Some(by) => write!(f, ", or {by} says shared = true as well."),
    }
}

/// What ends it.
pub(super) fn way_out(f: &mut dyn Speech, conflict: &Conflict) -> fmt::Result {
    let name = &conflict.name;
    write!(f, "with {name} in the tag of one machine alone, or with one address from all of them")?;
    match conflict.sharing {
        Sharing::None => Ok(()),
        Sharing::Could(by) | Sharing::Some(by) => write!(f, ", or with shared = true in {by}"),
    }
}
