//! What many names have in common that stay as they are for one cause: it is said once, above all of them.

use crate::domain::ZONE_SETTINGS;
use crate::plan::blindness::{Blindness, Wanted};
use crate::plan::why::Why;

/// One cause of many skips.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedCause {
    /// What is so, in words that follow after a number of names.
    pub what: String,
    /// What a service said of it; empty where none did.
    pub because: String,
    /// What ends it.
    pub ends: String,
}

impl Why {
    /// What it has in common with that of other names; none where it is about one name alone.
    #[must_use]
    pub fn shared_cause(&self) -> Option<SharedCause> {
        match self {
            Self::NoZone { zones, .. } => Some(SharedCause {
                what: format!("in no managed zone ({zones})"),
                because: String::new(),
                ends: format!("add their zone to {ZONE_SETTINGS}, or correct the tags"),
            }),
            Self::Blind { cause: Blindness::Unavailable { wanted, because } } => {
                let unread = match wanted {
                    Wanted::Tag { .. } => "their live tags could not be read".to_owned(),
                    Wanted::Fleet | Wanted::Claimants { .. } => {
                        "the live tags of all machines could not be read".to_owned()
                    }
                    Wanted::Cuts { zone } => {
                        format!("the NS record sets of the zone {zone} could not be read")
                    }
                    Wanted::Set { .. } => "their live record sets could not be read".to_owned(),
                    Wanted::Holder { .. } => "their public IP resources could not be read".to_owned(),
                    Wanted::Listers { .. } => {
                        "the newest heartbeats of the fleet could not be read".to_owned()
                    }
                    Wanted::Interfaces { .. } => "their network interfaces could not be read".to_owned(),
                    Wanted::Links { zone } => {
                        format!("the links of the private zone {zone} could not be read")
                    }
                    Wanted::Evidence { .. } => "their heartbeats of 30 days could not be read".to_owned(),
                };
                Some(SharedCause {
                    what: format!("left as they are: {unread}"),
                    because: because.clone(),
                    ends: "the next run asks again".to_owned(),
                })
            }
            _ => None,
        }
    }
}
