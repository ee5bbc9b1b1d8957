//! The sentence of a set that is marked for another machine, which keeps it.

use std::fmt;

use jiff::SignedDuration;

use crate::plan::sentence::Speech;
use crate::plan::words::{list, machine, span, whole};

pub(super) fn keeps(
    f: &mut dyn Speech,
    name: &str,
    id: &str,
    unreadable: bool,
    heard: Option<SignedDuration>,
    dormant: SignedDuration,
    twin: Option<&str>,
) -> fmt::Result {
    let holder = machine(id);
    // An earlier run asked, and the log knows no more than its answer.
    let heard = heard.map_or_else(
        || format!("and was heard within {} when that was last asked", whole(dormant)),
        |age| format!("and was heard {} ago", span(age)),
    );
    let claims = if unreadable { "cannot be read, so it still claims it," } else { "still claims it" };
    write!(f, "{name} belongs to {holder}, which {claims} {heard}; ")?;
    if let Some(twin) = twin {
        write!(f, "{} is probably the same machine, for both have one VMUUID: ", machine(twin))?;
        f.command(format_args!("adopt {name}"))?;
        f.write_str(" hands it over at once. Or ")?;
    }
    write!(f, "take the name off the tag of {holder}, or wait until it is silent for {}.", whole(dormant))
}

/// Nothing is to be adopted.
pub(super) fn ours_already(f: &mut dyn Speech, name: &str, id: &str) -> fmt::Result {
    write!(f, "{name} carries our mark for {} already; nothing to do.", machine(id))
}

/// Whoever may be the same machine under another id does not say so.
pub(super) fn silent_heir(f: &mut dyn Speech, name: &str, id: &str, heirs: &[String]) -> fmt::Result {
    let heirs: Vec<String> = heirs.iter().map(|id| machine(id)).collect();
    let (heirs, is_heard, sends) = match heirs.len() {
        1 => (list(&heirs), "is", "it sends"),
        _ => (list(&heirs), "are", "one sends"),
    };
    write!(
        f,
        "{name} carries our mark for {}; {heirs} {is_heard} not heard, and without heartbeats nobody knows which address is \
         its, so nothing is handed over. As soon as {sends} heartbeats, run ",
        machine(id)
    )?;
    f.command(format_args!("adopt {name}"))?;
    f.write_str(" again.")
}
