//! The sentences of changes that are not undone, and of sets that were released.

use std::fmt;
use std::net::IpAddr;

use crate::plan::reason::Reason;
use crate::plan::sentence::Speech;
use crate::plan::words::{is_run, list};

/// No change that is meant has moved it.
pub(super) fn nothing(f: &mut dyn Speech, name: &str) -> fmt::Result {
    write!(f, "No change that is meant has moved {name}, so there is nothing to undo; ")?;
    f.command(format_args!("history {name}"))?;
    f.write_str(" lists its changes.")
}

/// A rollback has been here.
pub(super) fn already(f: &mut dyn Speech, name: &str, by: &str) -> fmt::Result {
    write!(f, "{name} is rolled back already; to undo that rollback: ")?;
    // Only the log may have said which run it was, and what is to be copied must be one.
    if is_run(by) {
        return f.command(format_args!("rollback {name} --run {by}"));
    }
    f.command(format_args!("history {name} -o json"))?;
    f.write_str(" tells its run, for --run.")
}

/// There is no set that could go back.
pub(super) fn nothing_to_put_back(f: &mut dyn Speech, name: &str) -> fmt::Result {
    write!(
        f,
        "There is no A or AAAA record set {name}, and what is gone is not put back; where a \
                 tag claims the name, the next run makes it; "
    )?;
    f.command(format_args!("history {name}"))?;
    f.write_str(" lists what it held.")
}

/// Somebody has written it since.
pub(super) fn changed_since(
    f: &mut dyn Speech,
    name: &str,
    present: &[String],
    wrote: &[String],
) -> fmt::Result {
    let held = |addresses: &[String]| match addresses {
        [] => "no address".to_owned(),
        addresses => list(addresses),
    };
    write!(
        f,
        "{name} was changed since: it holds {}, and that change wrote {}; ",
        held(present),
        held(wrote)
    )?;
    f.command(format_args!("history {name}"))?;
    f.write_str(" lists its changes.")
}

/// What the log says of a run does not fit.
pub(super) fn contradicted(f: &mut dyn Speech, name: &str, told: &str, known: &[String]) -> fmt::Result {
    let known = if known.is_empty() { "no address".to_owned() } else { list(known) };
    write!(
        f,
        "What the log says of run {told} does not fit what is known of {name}, which held {known} then; undo the newest change \
         first, or set it by hand."
    )
}

/// There was nothing before.
pub(super) fn only_created(f: &mut dyn Speech, name: &str, is_vouched: bool) -> fmt::Result {
    if is_vouched {
        write!(
            f,
            "That change made the record set of {name}, and nothing stood there before; say \
                 --delete to have it deleted, or hold it: "
        )?;
        f.command(format_args!("hold {name}"))?;
        return f.write_str(".");
    }
    write!(
        f,
        "Only the log says that there was no record set {name} before, and on its word none \
                 is deleted; once no tag claims it: "
    )?;
    f.command(format_args!("release {name} --delete"))?;
    f.write_str(".")
}

/// Machines claim what is to go.
pub(super) fn still_claimed(f: &mut dyn Speech, name: &str, machines: &[String]) -> fmt::Result {
    write!(
        f,
        "{name} is claimed by {}, and the next run would make it again; take the name off the tag first.",
        list(machines)
    )
}

/// The log still has a machine claim what is to go.
pub(super) fn still_swept(f: &mut dyn Speech, name: &str, machine: &str) -> fmt::Result {
    write!(
        f,
        "By the newest sweep of the tags {machine} claims {name}, though not by its tag as it is read here. Set HOSTNAME_TAG and          HOSTNAME_TEMPLATE as the function has them; is the claim off by these, have the tags swept first: "
    )?;
    f.command(format_args!("collect"))?;
    f.write_str(".")
}

/// A rule keeps what stood there before from being written.
pub(super) fn not_written_back(
    f: &mut dyn Speech,
    name: &str,
    address: IpAddr,
    refused: Reason,
) -> fmt::Result {
    write!(
        f,
        "{name} would hold {address} again, which the rule {} lets nobody write; set it by hand if it must be.",
        refused.as_str()
    )
}

/// A person has released it.
pub(super) fn released(f: &mut dyn Speech, name: &str, is_ordered: bool) -> fmt::Result {
    write!(f, "{name} was released by hand, so that no run writes it; ")?;
    if is_ordered {
        f.write_str("where no tag claims it, delete it: ")?;
        f.command(format_args!("release {name} --delete"))?;
        f.write_str("; where one does, ")?;
    }
    f.write_str("have it kept again: ")?;
    f.command(format_args!("adopt {name}"))?;
    f.write_str(".")
}

/// There is nothing that could be released.
pub(super) fn nothing_to_release(f: &mut dyn Speech, name: &str) -> fmt::Result {
    write!(f, "There is no A or AAAA record set {name}, so there is nothing to release.")
}
