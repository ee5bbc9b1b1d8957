//! The sentences about private zones: which address could not be chosen, whose it is besides, and what Azure keeps itself.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::domain::Listed;
use crate::plan::choice::MOST_RECORDS;
use crate::plan::sentence::Speech;
use crate::plan::why::{NoneInside, PrivateSide};
use crate::plan::words::{list, machine};

/// No public address is known. Where the name has a private side as well, that is served without one.
pub(super) fn link(
    f: &mut dyn Speech,
    machine: &str,
    address: IpAddr,
    inner: Ipv4Addr,
    beside: Option<&str>,
) -> fmt::Result {
    write!(
        f,
        "{machine} reports through a private link ({address}, inside it the private address {inner}), so its public address \
         is unknown; "
    )?;
    match beside {
        Some(zone) => write!(
            f,
            "its name in the private zone {zone} is kept all the same, and nothing is to be done unless the public name \
             is wanted too: then take it out of the private link scope."
        ),
        None => f.write_str("take the name off its tag, or take it out of the private link scope."),
    }
}

pub(super) fn sentence(f: &mut dyn Speech, side: &PrivateSide) -> fmt::Result {
    match side {
        PrivateSide::TooLong { machine: id, entries } => write!(
            f,
            "{} lists {entries} addresses of its own, and of more than {} none is believed; look at its agent, and who \
             writes to Heartbeat.",
            machine(id),
            Listed::MOST
        ),
        PrivateSide::NoneInside(none) => none_inside(f, none),
        // Whoever has to decide must see all of them.
        PrivateSide::Several { machine: id, addresses, zone, is_to_be_all: false } => write!(
            f,
            "{} lists {} addresses that may stand in the private zone {zone}: {}; make the prefixes in POLICY_PRIVATE_PREFIXES \
             narrower, or set POLICY_PRIVATE_MULTI=all to have all of them.",
            machine(id),
            addresses.len(),
            addresses.join(", ")
        ),
        PrivateSide::Several { machine: id, addresses, zone, is_to_be_all: true } => write!(
            f,
            "{} lists {} addresses that may stand in the private zone {zone}, more than the {MOST_RECORDS} that one set has \
             there: {}; make the prefixes in POLICY_PRIVATE_PREFIXES narrower.",
            machine(id),
            addresses.len(),
            addresses.join(", ")
        ),
        PrivateSide::Shared { machine: id, address, others } => write!(
            f,
            "{} lists {address}, and so does {others}, heard within 15 min: a private address says nothing of whose it is, \
             so one of them is wrong; give one of them another address, or make the prefixes in POLICY_PRIVATE_PREFIXES \
             narrower.",
            machine(id)
        ),
        PrivateSide::NotAttached { machine: id, address, own } if own.is_empty() => write!(
            f,
            "{} lists {address}, and no network interface of it is visible to our identity; give that the role of TARGETS=vm \
             there.",
            machine(id)
        ),
        PrivateSide::NotAttached { machine: id, address, own } => write!(
            f,
            "{} lists {address}, which none of its network interfaces has ({}); take it out of the prefixes in \
             POLICY_PRIVATE_PREFIXES, or give it to an interface of {}.",
            machine(id),
            list(own),
            machine(id)
        ),
        PrivateSide::Registered { name, record_type } => write!(
            f,
            "{name} {record_type} is registered by Azure for a virtual machine of a linked network, and follows it by itself; \
             take the name off the tag, or turn the registration of that link off."
        ),
        PrivateSide::Registers { name, record_type, zone, networks } => write!(
            f,
            "The private zone {zone} registers the virtual machines of {networks}, and Azure may make {name} {record_type} by \
             itself, so none is made here; take the name off the tag, or turn the registration of the link off."
        ),
    }
}

fn none_inside(f: &mut dyn Speech, none: &NoneInside) -> fmt::Result {
    let NoneInside { machine: id, listed, zone, prefixes, by, inside } = none;
    if !inside.is_empty() {
        write!(
            f,
            "{} lists {inside}, which may stand in the private zone {zone}, and its heartbeats were not counted for that: the \
             newest sweep knew other prefixes, or the list is not written as one; run ",
            machine(id)
        )?;
        f.command(format_args!("collect"))?;
        return f.write_str(", and look at its agent if that changes nothing.");
    }
    write!(
        f,
        "{} lists {}, of which none may stand in the private zone {zone}: it takes {}, but for what is refused everywhere; add \
         its range to {by} if it may.",
        machine(id),
        listed.join(", "),
        list(prefixes)
    )
}

/// What ends it, in words that fit after "would move".
pub(super) fn way_out(f: &mut dyn Speech, side: &PrivateSide) -> fmt::Result {
    match side {
        PrivateSide::TooLong { machine: id, .. } => {
            write!(f, "with at most {} addresses of {}", Listed::MOST, machine(id))
        }
        PrivateSide::NoneInside(NoneInside { inside, .. }) if !inside.is_empty() => {
            f.write_str("after the next sweep: ")?;
            f.command(format_args!("collect"))
        }
        PrivateSide::NoneInside(NoneInside { machine: id, by, .. }) => {
            write!(f, "with an address of {} within the prefixes in {by}", machine(id))
        }
        PrivateSide::Several { machine: id, .. } => {
            write!(f, "with prefixes in POLICY_PRIVATE_PREFIXES that hold one address of {}", machine(id))
        }
        PrivateSide::Shared { address, .. } => write!(f, "when no other machine lists {address}"),
        PrivateSide::NotAttached { machine: id, .. } => {
            write!(f, "with an address of a network interface of {}", machine(id))
        }
        PrivateSide::Registered { .. } | PrivateSide::Registers { .. } => {
            f.write_str("never while Azure registers it; it follows by itself")
        }
    }
}
