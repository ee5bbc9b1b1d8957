//! The sentence of names that move to one address: how many places they leave, and how many were left before.

use std::fmt;
use std::net::IpAddr;

/// Whence names move there now, and whence others did within the day.
pub(super) fn moves(f: &mut fmt::Formatter<'_>, to: IpAddr, now: usize, gone: usize) -> fmt::Result {
    match (now, gone) {
        (now, 0) => write!(f, "names of {now} different addresses move to {to}, "),
        (now, gone) => write!(
            f,
            "names of {} move to {to} and of {} did within 24 h, together ",
            counted(now, "address", "different addresses"),
            counted(gone, "other", "others")
        ),
    }
}

fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
