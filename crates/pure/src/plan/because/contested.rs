//! The sentence of a record set at which somebody else undoes our writes.

use std::fmt;

use crate::plan::sentence::Speech;
use crate::plan::why::{Contested, Revert};
use crate::plan::words::{list, moment};

pub(super) fn sentence(f: &mut dyn Speech, contested: &Contested) -> fmt::Result {
    let Contested { name, record_type, by, present, undone, next } = contested;
    let times = match undone {
        1 => "once more".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    };
    let what = match by {
        Revert::Deleting => format!("deleted the {record_type} record set of {name}"),
        Revert::Stripping => format!("taken our mark off {name} and put {} there", list(present)),
        Revert::Keeping => format!("put {} at {name} under our mark", list(present)),
    };
    let next = moment(*next);
    write!(
        f,
        "Another tool has {what}, {times} within a day; take the name out of that tool \
                 (external-dns, Terraform, octoDNS or the like), then run "
    )?;
    f.command(format_args!("{} {name}", by.opened_by()))?;
    write!(f, ". Until then it is tried once a day, next after {next}.")
}

impl Revert {
    /// The verb that has the name written again: nobody can adopt what is not there.
    pub(super) fn opened_by(self) -> &'static str {
        match self {
            Self::Deleting => "apply",
            Self::Stripping | Self::Keeping => "adopt",
        }
    }
}
