//! Whether this identity may do more than its roles are to give: whoever gets hold of it could do that too.
//!
//! Azure is asked at each zone and at its resource group, beside the first round of a process and once a day after that. No
//! run waits for it, and what cannot be asked is asked again with the next round.

mod given;
mod look;
mod self_check;

pub(crate) use look::{Looked, look};
pub(crate) use self_check::SelfCheck;
