//! Why a name is not allowed: by the short form, or by a file of claims.

use std::fmt;

use crate::plan::grant::{Unfilled, Whence};
use crate::plan::sentence::Speech;
use crate::plan::words::{machine, quote};

/// What to do differs: the short form holds for every machine, a line of the file for some.
pub(super) fn sentence(
    f: &mut dyn Speech,
    name: &str,
    id: Option<&str>,
    policy: Whence,
    unfilled: Option<&Unfilled>,
) -> fmt::Result {
    let to = id.map_or_else(String::new, |id| format!(" to {}", machine(id)));
    match unfilled {
        _ if policy == Whence::NAMES => {
            write!(f, "{policy} does not allow {name}; add it or a pattern that fits, or correct the tag.")
        }
        None => write!(
            f,
            "No claim of {policy} gives {name}{to}; add one whose names and scope fit, or correct the tag."
        ),
        Some(Unfilled { placeholder, value, line }) => {
            let value = match value.as_str() {
                "" => "nothing".to_owned(),
                value => format!("{}, which is not one label of a name", quote(value)),
            };
            let by = line.map_or(policy, Whence::Line);
            write!(
                f,
                "No claim of {policy} gives {name}{to}: the placeholder {placeholder} on {by} would be filled with \
                 {value}; correct that, or correct the tag."
            )
        }
    }
}
