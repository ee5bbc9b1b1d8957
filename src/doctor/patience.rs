//! How long answers are awaited.

use std::time::Duration;

/// How long one question may take.
pub(super) const EACH: Duration = Duration::from_secs(40);
/// How long the probe row is waited for.
pub(super) const ARRIVAL: Duration = Duration::from_secs(120);
/// How long the whole takes at most.
pub const LONGEST: Duration = Duration::from_secs(40 + 120);
