//! Interned strings: equal texts have one number, so that equality, grouping and joining compare numbers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

/// The number of the empty string in every pool.
pub(crate) const EMPTY: u32 = 0;

const BLOCK: usize = 1 << BLOCK_BITS;
const BLOCK_BITS: u32 = 12;

/// A quick hash for numbers and short texts; the tables it serves are small enough not to fear collisions.
#[derive(Clone, Copy, Default)]
pub(crate) struct QuickHasher(u64);

/// A map keyed by [`QuickHasher`].
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

impl QuickHasher {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
        #[expect(clippy::cast_possible_truncation, reason = "both halves of the product are folded")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        self.0 = folded.rotate_left(23) ^ 0x517c_c1b7_2722_0a95;
    }
}

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        let rest = chunks.remainder();
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(word) ^ ((rest.len() as u64) << 56));
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }
}

/// Strings by number, in blocks that are shared once they are full.
#[derive(Clone, Debug, Default)]
struct Strings {
    full: Vec<Arc<[Arc<str>]>>,
    tail: Vec<Arc<str>>,
}

impl Strings {
    fn len(&self) -> usize {
        self.full.len() * BLOCK + self.tail.len()
    }

    fn get(&self, id: u32) -> Option<&Arc<str>> {
        let block = (id >> BLOCK_BITS) as usize;
        let index = id as usize & (BLOCK - 1);
        match self.full.get(block) {
            Some(block) => block.get(index),
            None if block == self.full.len() => self.tail.get(index),
            None => None,
        }
    }

    fn push(&mut self, text: Arc<str>) -> u32 {
        let id = u32::try_from(self.len()).unwrap_or(u32::MAX);
        self.tail.push(text);
        if self.tail.len() == BLOCK {
            self.full.push(Arc::from(std::mem::take(&mut self.tail)));
        }
        id
    }
}

#[derive(Debug, Default)]
struct Inner {
    strings: Strings,
    ids: QuickMap<Arc<str>, u32>,
}

/// The pool of a database: it only grows, and snapshots of the database share it.
#[derive(Debug)]
pub(crate) struct Pool {
    inner: RwLock<Inner>,
}

impl Pool {
    pub(crate) fn new() -> Pool {
        let mut inner = Inner::default();
        inner.strings.push(Arc::from(""));
        inner.ids.insert(Arc::from(""), EMPTY);
        Pool { inner: RwLock::new(inner) }
    }

    /// The number of that text.
    pub(crate) fn intern(&self, text: &str) -> u32 {
        if text.is_empty() {
            return EMPTY;
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = inner.ids.get(text) {
            return *id;
        }
        let text: Arc<str> = Arc::from(text);
        let id = inner.strings.push(Arc::clone(&text));
        inner.ids.insert(text, id);
        id
    }
}

/// What one query sees: the pool as it was when the query began, and the strings that the query makes.
#[derive(Debug)]
pub(crate) struct QueryPool {
    shared: Arc<Pool>,
    base: Strings,
    base_len: u32,
    own: Strings,
    own_ids: QuickMap<Arc<str>, u32>,
    own_bytes: usize,
}

impl QueryPool {
    pub(crate) fn new(shared: &Arc<Pool>) -> QueryPool {
        let base = shared.inner.read().unwrap_or_else(PoisonError::into_inner).strings.clone();
        QueryPool {
            shared: Arc::clone(shared),
            base_len: u32::try_from(base.len()).unwrap_or(u32::MAX),
            base,
            own: Strings::default(),
            own_ids: QuickMap::default(),
            own_bytes: 0,
        }
    }

    /// How many numbers are given away: all are below this.
    pub(crate) fn len(&self) -> usize {
        self.base.len() + self.own.len()
    }

    /// Bytes of the strings that the query made.
    pub(crate) fn own_bytes(&self) -> usize {
        self.own_bytes
    }

    /// The text of a number; empty for a number that was never given.
    pub(crate) fn get(&self, id: u32) -> &str {
        self.shared_text(id).map_or("", |text| text)
    }

    pub(crate) fn shared_text(&self, id: u32) -> Option<&Arc<str>> {
        if id < self.base_len { self.base.get(id) } else { self.own.get(id - self.base_len) }
    }

    /// The number of a text, if any row or any value made so far has it.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        if let Some(id) = self.own_ids.get(text) {
            return Some(*id);
        }
        let inner = self.shared.inner.read().unwrap_or_else(PoisonError::into_inner);
        inner.ids.get(text).copied().filter(|id| *id < self.base_len)
    }

    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return EMPTY;
        }
        match self.find(text) {
            Some(id) => id,
            None => self.add(Arc::from(text)),
        }
    }

    pub(crate) fn intern_shared(&mut self, text: &Arc<str>) -> u32 {
        if text.is_empty() {
            return EMPTY;
        }
        match self.find(text) {
            Some(id) => id,
            None => self.add(Arc::clone(text)),
        }
    }

    fn add(&mut self, text: Arc<str>) -> u32 {
        self.own_bytes += text.len() + 48;
        let id = self.base_len + self.own.push(Arc::clone(&text));
        self.own_ids.insert(text, id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_keeps_its_numbers_while_the_pool_grows() {
        let pool = Arc::new(Pool::new());
        let a = pool.intern("a");
        let mut query = QueryPool::new(&pool);
        let later = pool.intern("later");
        let own = query.intern("later");
        assert_eq!(query.intern("a"), a);
        assert_eq!(later, own, "the numbers overlap, and the query does not see the pool's new one");
        assert_eq!(query.get(own), "later");
        assert_eq!(query.get(EMPTY), "");
        for number in 0..10_000 {
            let text = number.to_string();
            let id = query.intern(&text);
            assert_eq!(query.get(id), text);
        }
    }
}
