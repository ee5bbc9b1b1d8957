//! The sentence of a machine that was not heard.

use std::fmt;

use crate::plan::sentence::Speech;
use crate::plan::why::Unheard;
use crate::plan::words::{machine, span};

pub(super) fn no_heartbeat(f: &mut dyn Speech, id: &str, quiet: Unheard) -> fmt::Result {
    write!(f, "{} carries the tag but ", machine(id))?;
    match quiet {
        Unheard::AnHour => f.write_str("sent no heartbeat within the hour")?,
        Unheard::For(age) => write!(f, "was last heard {} ago", span(age))?,
        Unheard::Longer(age) => write!(f, "was not heard for {}", span(age))?,
    }
    f.write_str("; start it, or give it a data collection rule that sends Heartbeat to the workspace")?;
    let is_long = matches!(quiet, Unheard::Longer(_));
    f.write_str(if is_long { ", or remove the tag if the machine is gone." } else { "." })
}
