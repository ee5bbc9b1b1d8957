//! Where the policy says something, so that a sentence can send people there.

use std::fmt;

/// Where the policy says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// A variable, by its name.
    Setting(&'static str),
    /// A line of the policy file.
    Line(usize),
}

impl Whence {
    /// The short form as a whole.
    pub const NAMES: Self = Self::Setting("POLICY_NAMES");
    /// The policy file as a whole.
    pub const FILE: Self = Self::Setting("POLICY_FILE");
}

impl fmt::Display for Whence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting(name) => f.write_str(name),
            Self::Line(line) => write!(f, "line {line} of POLICY_FILE"),
        }
    }
}
