//! The sentence of an address from a country that its claim does not name.

use std::fmt;

use crate::plan::sentence::Speech;
use crate::plan::why::{Abroad, Whereabouts};
use crate::plan::words::machine;

/// Where it comes from, where it may come from, and what opens it.
pub(super) fn sentence(f: &mut dyn Speech, abroad: &Abroad) -> fmt::Result {
    let Abroad { machine: id, address, seen, allowed, by } = abroad;
    let id = machine(id);
    match seen {
        Whereabouts::In(country) => write!(
            f,
            "{id} reports {address} from {country}, which is none of the countries on {by} ({allowed}); add it there \
             if this address may be published."
        ),
        Whereabouts::Unread(text) => write!(
            f,
            "{id} reports {address} from {text}, which is no country by any name known here, so it is none of those \
             on {by} ({allowed}); take them out there if this address may be published."
        ),
        Whereabouts::Untold => write!(
            f,
            "{id} reports {address}, for which the workspace knows no country, so it is in none of those on {by} \
             ({allowed}); take them out there if this address may be published."
        ),
    }
}

/// What ends it.
pub(super) fn way_out(f: &mut dyn Speech, abroad: &Abroad) -> fmt::Result {
    write!(f, "with an address of {} in one of the countries on {}", machine(&abroad.machine), abroad.by)?;
    match &abroad.seen {
        Whereabouts::In(country) => write!(f, ", or with {country} among them"),
        Whereabouts::Unread(_) | Whereabouts::Untold => f.write_str(", or without countries there"),
    }
}
