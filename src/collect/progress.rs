//! How far a sweep has come.

use std::sync::atomic::AtomicU64;

/// How far a sweep has come, for whoever watches.
#[derive(Debug, Default)]
pub struct SweepProgress {
    /// Machines with the tag that were read.
    pub machines: AtomicU64,
    /// Record sets that were read.
    pub record_sets: AtomicU64,
}
