//! The sentence of a brake: what it saw, and what opens it.

use std::fmt;

use super::super::why::Held;
use super::super::words::moment;
use super::converging;
use crate::domain::ZoneKind;

/// What a brake saw and what opens it; fits after its name and a colon.
impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converging { address, kind, sources, unread, gone, limit } => {
                converging::moves(f, *address, sources.saturating_sub(*gone), *gone)?;
                write!(f, "more than POLICY_MAX_SOURCES ({limit})")?;
                if *unread > 0 {
                    write!(f, ", counting {unread} for record sets that could not be read")?;
                }
                f.write_str(match kind {
                    ZoneKind::Public => {
                        ", as behind a proxy; add its range to POLICY_EXPECT_PREFIXES if that is meant."
                    }
                    ZoneKind::Private => {
                        ", and a private address is one machine's; look at who claims these names, or approve it below the \
                         brake if it is meant."
                    }
                })
            }
            Self::Surge { moving, present, limit, opens } => {
                match present {
                    Some(present) => {
                        write!(f, "{moving} of the zone's {present} present addresses would move at once, ")?;
                    }
                    None => write!(
                        f,
                        "{moving} of the zone's addresses would move at once, of how many could not be read, perhaps "
                    )?,
                }
                write!(
                    f,
                    "more than POLICY_MAX_MOVE_PERCENT ({limit}); it opens by itself at {}.",
                    moment(*opens)
                )
            }
            Self::Unproved { name } => write!(
                f,
                "{name}, the first change of its zone, was written but could not be proved; look at its \
             record set and name servers, the next run tries again."
            ),
        }
    }
}
