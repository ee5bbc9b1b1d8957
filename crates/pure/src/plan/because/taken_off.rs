//! The sentences of record sets without a mark: nobody's, or ours until another hand took the mark off.

use std::fmt;

use jiff::Timestamp;

use crate::domain::ZoneKind;
use crate::plan::grant::Whence;
use crate::plan::sentence::Speech;
use crate::plan::words::{entry, list, moment};

/// Its addresses are not known as those of the machines that claim it.
pub(super) fn unproved(
    f: &mut dyn Speech,
    name: &str,
    addresses: &[String],
    machines: &[String],
    was_ours: Option<Timestamp>,
) -> fmt::Result {
    whose(f, name, was_ours)?;
    write!(f, ", and {} was not reported by {} within 30 days; run ", list(addresses), list(machines))?;
    f.command(format_args!("adopt {name}"))?;
    f.write_str(" if the machine may have it.")
}

/// Private addresses prove nothing of whose it is.
pub(super) fn no_evidence(
    f: &mut dyn Speech,
    name: &str,
    policy: Whence,
    was_ours: Option<Timestamp>,
) -> fmt::Result {
    whose(f, name, was_ours)?;
    f.write_str(
        ", and private addresses are not unique, so that having listed them proves nothing; if the machine may have it, list ",
    )?;
    write!(f, "{} in {policy}, or run ", entry(ZoneKind::Private, name))?;
    f.command(format_args!("adopt {name}"))?;
    f.write_str(".")
}

/// The log knows the answer.
pub(super) fn refused_before(f: &mut dyn Speech, name: &str, was_ours: Option<Timestamp>) -> fmt::Result {
    whose(f, name, was_ours)?;
    f.write_str(", as was found before, and nothing has changed since; run ")?;
    f.command(format_args!("adopt {name}"))?;
    f.write_str(" if the machine may have it. The next sweep asks again.")
}

fn whose(f: &mut dyn Speech, name: &str, was_ours: Option<Timestamp>) -> fmt::Result {
    match was_ours {
        None => write!(f, "{name} has a record set that is not ours"),
        Some(time) => write!(
            f,
            "{name} has a record set that was ours when a run wrote it at {}; another hand has taken our mark off \
             since, so it is not ours now",
            moment(time)
        ),
    }
}
