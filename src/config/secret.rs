//! A text that never shows itself.

use std::fmt;

/// A secret: `Debug` hides it, and there is no `Display`.
///
/// ```
/// use heartbeat_dns::config::Secret;
///
/// assert_eq!(format!("{:?}", Secret::new("hush")), "Secret(…)");
/// assert_eq!(Secret::new("hush").expose(), "hush");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
