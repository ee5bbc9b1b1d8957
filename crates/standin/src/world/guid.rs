//! Ids that nobody has seen before.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A fresh id in the form of a GUID. The standard library's hash keys are random per process, which is random
/// enough for ids that only have to differ.
pub(crate) fn guid() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static KEYS: LazyLock<(RandomState, RandomState)> = LazyLock::new(Default::default);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let half = |keys: &RandomState| {
        let mut hasher = keys.build_hasher();
        hasher.write_u64(count);
        hasher.finish()
    };
    let (high, low) = (half(&KEYS.0), half(&KEYS.1));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_have_the_form() {
        let (one, two) = (guid(), guid());
        assert_ne!(one, two);
        assert_eq!(one.len(), 36);
        assert_eq!(one.matches('-').count(), 4);
    }
}
