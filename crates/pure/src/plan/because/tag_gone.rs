//! The sentences about a tag that does not say so any more.

use std::fmt;

use crate::plan::sentence::Speech;
use crate::plan::why::TagGone;
use crate::plan::words::list;
use crate::shown::shown;

pub(super) fn sentence(f: &mut dyn Speech, name: &str, machine: &str, gone: &TagGone) -> fmt::Result {
    match gone {
        TagGone::Says { names } if names.is_empty() => write!(
            f,
            "The live tag of {machine} names nothing any more, so {name} is no longer its; set the tag again if \
             it is."
        ),
        TagGone::Says { names } => write!(
            f,
            "The live tag of {machine} names {}, no longer {name}; set the tag again if it is.",
            list(names)
        ),
        TagGone::Elsewhere { key } => write!(
            f,
            "{machine} has no tag of the key that HOSTNAME_TAG names, and its tag {} names {name}; correct \
             HOSTNAME_TAG, or the key of the tag if that was changed.",
            shown(key)
        ),
        TagGone::Deleted => write!(
            f,
            "{machine} was deleted from Azure, so {name} is no longer its; give the tag to the machine that has \
             the name now."
        ),
        TagGone::Unreadable => write!(
            f,
            "{machine} is not in the complete live answer and cannot be read, so its claim on {name} is not \
             believed; give our identity the role Reader on it."
        ),
        TagGone::NoId => write!(
            f,
            "The heartbeat comes from {machine}, which is no resource id, so no live tag proves its claim on \
             {name}; look who writes to Heartbeat."
        ),
    }
}
