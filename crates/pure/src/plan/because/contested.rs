//! The sentence of a record set at which somebody else undoes our writes.

use std::fmt;

use crate::plan::sentence::Speech;
use crate::plan::why::Contested;
use crate::plan::words::{list, moment};

pub(super) fn sentence(f: &mut dyn Speech, contested: &Contested) -> fmt::Result {
    let Contested { name, record_type, present, undone, next } = contested;
    let times = match undone {
        1 => "once more".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    };
    let (what, verb) = match present.as_slice() {
        [] => (format!("deleted the {record_type} record set of {name}"), "apply"),
        present => (format!("taken our mark off {name} and put {} there", list(present)), "adopt"),
    };
    let next = moment(*next);
    write!(
        f,
        "Another tool has {what}, {times} within a day; take the name out of that tool \
                 (external-dns, Terraform, octoDNS or the like), then run "
    )?;
    f.command(format_args!("{verb} {name}"))?;
    write!(f, ". Until then it is tried once a day, next after {next}.")
}
