//! The sentence of a record set at which somebody else undoes our writes.

use std::fmt;

use jiff::Timestamp;

use crate::domain::RecordType;
use crate::plan::words::list;

pub(super) fn sentence(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    record_type: RecordType,
    present: &[String],
    (undone, next): (usize, Timestamp),
) -> fmt::Result {
    let times = match undone {
        1 => "once more".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    };
    let (what, verb) = match present {
        [] => (format!("deleted the {record_type} record set of {name}"), "apply"),
        present => (format!("put {} back at {name} and taken our mark off", list(present)), "adopt"),
    };
    let next = next.strftime("%Y-%m-%d %H:%M UTC");
    write!(
        f,
        "Another tool has {what}, {times} within a day; take the name out of that tool (external-dns, Terraform, octoDNS \
         or the like), then run heartbeat-dns {verb} {name}. Until then it is tried once a day, next after {next}."
    )
}
