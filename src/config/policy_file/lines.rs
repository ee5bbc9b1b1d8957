//! On which line of a text something stands.

use std::ops::Range;

/// Where the lines of a text end.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The line on which a part begins, from 1 on.
    pub(super) fn at(&self, part: &Range<usize>) -> usize {
        self.0.partition_point(|end| *end < part.start) + 1
    }
}
