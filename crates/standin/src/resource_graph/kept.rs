//! What is kept for later calls: the latest of several, and fewer of them when they are large.

/// How many are kept at most.
const MOST: usize = 8;
/// How many rows all but the latest may have together. A row of a table takes about half a kilobyte.
const MOST_ROWS: usize = 2_000_000;

/// Something that has rows.
pub(super) trait HasRows {
    /// How many.
    fn rows(&self) -> usize;
}

/// Those that were asked for last, the latest first.
#[derive(Debug)]
pub(super) struct Kept<T>(Vec<T>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: HasRows> Kept<T> {
    /// One of them, which is the latest from now on.
    pub(super) fn find(&mut self, is_it: impl Fn(&T) -> bool) -> Option<&T> {
        let place = self.0.iter().position(is_it)?;
        self.0[..=place].rotate_right(1);
        self.0.first()
    }

    /// Adds one; the oldest go when they become too many or too large.
    pub(super) fn put(&mut self, new: T) {
        let mut rows = 0_usize;
        self.0.truncate(MOST - 1);
        self.0.retain(|old| {
            rows = rows.saturating_add(old.rows());
            rows <= MOST_ROWS
        });
        self.0.insert(0, new);
    }

    /// Forgets those of which this holds.
    pub(super) fn forget(&mut self, outdated: impl Fn(&T) -> bool) {
        self.0.retain(|known| !outdated(known));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl HasRows for (u32, usize) {
        fn rows(&self) -> usize {
            self.1
        }
    }

    fn numbers(kept: &Kept<(u32, usize)>) -> Vec<u32> {
        kept.0.iter().map(|(number, _)| *number).collect()
    }

    #[test]
    fn the_latest_stay() {
        let mut kept = Kept::default();
        (0..9).for_each(|number| kept.put((number, 1)));
        assert_eq!(numbers(&kept), [8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(kept.find(|(number, _)| *number == 2), Some(&(2, 1)));
        assert_eq!(kept.find(|(number, _)| *number == 0), None);
        assert_eq!(numbers(&kept), [2, 8, 7, 6, 5, 4, 3, 1]);
        kept.put((9, 1));
        assert_eq!(numbers(&kept), [9, 2, 8, 7, 6, 5, 4, 3]);
        kept.forget(|(number, _)| *number > 3);
        assert_eq!(numbers(&kept), [2, 3]);
    }

    #[test]
    fn large_ones_make_room() {
        let mut kept = Kept::default();
        (0..4).for_each(|number| kept.put((number, 1_000_000)));
        assert_eq!(numbers(&kept), [3, 2, 1]);
        kept.put((4, 9_000_000));
        assert_eq!(numbers(&kept), [4, 3, 2], "the latest is kept, however large");
        kept.put((5, 1));
        assert_eq!(numbers(&kept), [5]);
    }
}
