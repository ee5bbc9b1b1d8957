//! The sentences of holds: until when, why, by whom, and what a hold cannot be put on.

use std::fmt;

use crate::domain::{Hold, Until, who};
use crate::plan::grant::Whence;
use crate::plan::order::OrderKind;
use crate::plan::sentence::Speech;
use crate::plan::words::{list, moment, quote};

/// No run writes it.
pub(super) fn stands(f: &mut dyn Speech, name: &str, hold: &Hold, marked: bool) -> fmt::Result {
    write!(f, "{name} is held{}; ", words(hold))?;
    match (hold.until, marked) {
        // The command writes into our mark, and there is none.
        (_, false) => write!(f, "take heartbeat_dns_hold out of its metadata to let it go."),
        (Until::Unreadable, true) => {
            f.write_str("correct heartbeat_dns_hold in its metadata, or run ")?;
            f.command(format_args!("unhold {name}"))?;
            f.write_str(" to let it go.")
        }
        (Until::Time(_) | Until::Forever, true) => {
            f.write_str("run ")?;
            f.command(format_args!("unhold {name}"))?;
            f.write_str(" to let it go.")
        }
    }
}

/// The policy lets no run write it.
pub(super) fn by_claim(f: &mut dyn Speech, name: &str, to: &[String], by: Whence) -> fmt::Result {
    let would = match to {
        [] => String::new(),
        to => format!(" It would hold {}.", list(to)),
    };
    write!(f, "{name} is held by its claim: take hold off {by} to have it written.{would}")
}

/// Until when, by whom and why: what somebody set by hand may say anything, and is quoted.
fn words(hold: &Hold) -> String {
    let until = match hold.until {
        Until::Time(time) => format!(" until {}", moment(time)),
        Until::Forever => " until somebody lets it go".to_owned(),
        Until::Unreadable => " until a time that cannot be read".to_owned(),
    };
    let part = |begin: &str, text: &str| match text {
        "" => String::new(),
        text => format!("{begin}{}", quote(text)),
    };
    format!("{}{until}{}", part(" by ", &who(&hold.by)), part(", because ", &hold.why))
}

/// It is held in these words already.
pub(super) fn already(f: &mut dyn Speech, name: &str, hold: &Hold) -> fmt::Result {
    write!(f, "{name} is held already:{}.", words(hold))
}

/// There is nothing that could be held.
pub(super) fn nothing(f: &mut dyn Speech, name: &str) -> fmt::Result {
    write!(
        f,
        "There is no A or AAAA record set {name}, and a hold stands in the mark of one; take the name off the tag to keep \
         it from being created."
    )
}

/// There is nothing that could be let go.
pub(super) fn nothing_to_let_go(f: &mut dyn Speech, name: &str) -> fmt::Result {
    write!(f, "There is no A or AAAA record set {name}, so nobody holds one, and there is nothing to let go.")
}

/// Nobody has marked it: what that means for the order. Only a hold is of any use there, once the set is ours.
pub(super) fn not_ours(f: &mut dyn Speech, name: &str, order: OrderKind) -> fmt::Result {
    write!(f, "{name} has a record set that carries no mark of ours, ")?;
    match order {
        OrderKind::Hold => {
            f.write_str(
                "and a hold stands in that mark; where a machine's tag claims the name, make it ours first: ",
            )?;
            f.command(format_args!("adopt {name}"))?;
            f.write_str(".")
        }
        OrderKind::Unhold => f.write_str("so nobody holds it by one, and there is nothing to let go."),
        OrderKind::Rollback => {
            f.write_str("so no change of ours stands in it, and there is nothing to take back.")
        }
        OrderKind::Release => f.write_str("so it is not ours, and there is nothing to release."),
    }
}
