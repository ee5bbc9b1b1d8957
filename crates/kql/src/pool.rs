//! Interned strings: equal texts have one number, so that equality, grouping and joining compare numbers.

use std::collections::{HashMap, HashSet};
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

/// A set hashed by [`QuickHasher`].
pub(crate) type QuickSet<T> = HashSet<T, BuildHasherDefault<QuickHasher>>;

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

/// Values by number, in blocks that are shared once they are full.
#[derive(Clone, Debug)]
struct Numbered<T> {
    full: Vec<Arc<[T]>>,
    tail: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered { full: Vec::new(), tail: Vec::new() }
    }
}

impl<T> Numbered<T> {
    fn len(&self) -> usize {
        self.full.len() * BLOCK + self.tail.len()
    }

    fn get(&self, id: u32) -> Option<&T> {
        let block = (id >> BLOCK_BITS) as usize;
        let index = id as usize & (BLOCK - 1);
        match self.full.get(block) {
            Some(block) => block.get(index),
            None if block == self.full.len() => self.tail.get(index),
            None => None,
        }
    }

    fn push(&mut self, value: T) -> u32 {
        let id = u32::try_from(self.len()).unwrap_or(u32::MAX);
        self.tail.push(value);
        if self.tail.len() == BLOCK {
            self.full.push(Arc::from(std::mem::take(&mut self.tail)));
        }
        id
    }
}

/// Where the numbers of texts are found: hash and number of each in one word, so that a look-up touches little memory.
#[derive(Clone, Debug, Default)]
struct Index {
    /// A power of two; 0 is free.
    slots: Vec<u64>,
    count: usize,
}

impl Index {
    fn hash(text: &str) -> u32 {
        let mut hasher = QuickHasher::default();
        hasher.write(text.as_bytes());
        (hasher.finish() >> 32) as u32
    }

    #[expect(clippy::cast_possible_truncation, reason = "two halves of a word")]
    fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots[place];
            if slot == 0 {
                return None;
            }
            let id = (slot as u32).wrapping_sub(1);
            if (slot >> 32) as u32 == hash && is_it(id) {
                return Some(id);
            }
            place = (place + 1) & mask;
        }
    }

    /// What stands where a look-up begins.
    fn first(&self, hash: u32) -> u64 {
        let mask = self.slots.len().wrapping_sub(1);
        self.slots.get(hash as usize & mask).copied().unwrap_or_default()
    }

    fn insert(&mut self, hash: u32, id: u32) {
        if self.count * 2 >= self.slots.len() {
            let larger = vec![0; (self.slots.len() * 2).max(64)];
            for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| *slot != 0) {
                self.place(slot);
            }
        }
        self.count += 1;
        self.place(u64::from(hash) << 32 | u64::from(id.wrapping_add(1)));
    }

    fn place(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut place = (slot >> 32) as usize & mask;
        while self.slots[place] != 0 {
            place = (place + 1) & mask;
        }
        self.slots[place] = slot;
    }
}

#[derive(Debug, Default)]
struct Inner {
    strings: Numbered<Arc<str>>,
    /// The number of each text in small letters: an index of the stored texts, for ids and names are compared so.
    lower: Numbered<u32>,
    /// Shared with the queries that run; copied when a text is new and one of them still looks things up in it.
    index: Arc<Index>,
}

impl Inner {
    fn intern(&mut self, text: &str) -> u32 {
        let hash = Index::hash(text);
        let known = self.index.find(hash, |id| self.strings.get(id).is_some_and(|known| **known == *text));
        known.unwrap_or_else(|| {
            let lower = in_small_letters(text).map(|lower| self.intern(&lower));
            let id = self.strings.push(Arc::from(text));
            self.lower.push(lower.unwrap_or(id));
            Arc::make_mut(&mut self.index).insert(hash, id);
            id
        })
    }
}

/// The text in small letters, where that is another one.
fn in_small_letters(text: &str) -> Option<String> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return None;
    }
    Some(text.to_lowercase()).filter(|lower| lower != text)
}

/// The pool of a database: it only grows, and snapshots of the database share it.
#[derive(Debug)]
pub(crate) struct Pool {
    inner: RwLock<Inner>,
}

impl Pool {
    pub(crate) fn new() -> Pool {
        let mut inner = Inner::default();
        inner.intern("");
        Pool { inner: RwLock::new(inner) }
    }

    /// The number of that text.
    pub(crate) fn intern(&self, text: &str) -> u32 {
        if text.is_empty() {
            return EMPTY;
        }
        self.inner.write().unwrap_or_else(PoisonError::into_inner).intern(text)
    }
}

/// Reads where the look-ups of those texts begin, and of the same in small letters. These reads wait for memory beside each
/// other, where those of one text after another would wait in a row.
pub(crate) fn announce(pool: &Pool, texts: &[&str]) {
    let small = texts.iter().filter_map(|text| in_small_letters(text).map(|text| Index::hash(&text)));
    let hashes: Vec<u32> = texts.iter().map(|text| Index::hash(text)).chain(small).collect();
    let inner = pool.inner.read().unwrap_or_else(PoisonError::into_inner);
    std::hint::black_box(hashes.into_iter().fold(0, |all, hash| all ^ inner.index.first(hash)));
}

/// What one query sees: the pool as it was when the query began, and the strings that the query makes.
#[derive(Debug)]
pub(crate) struct QueryPool {
    base: Numbered<Arc<str>>,
    base_lower: Numbered<u32>,
    base_index: Arc<Index>,
    base_len: u32,
    own: Numbered<Arc<str>>,
    own_index: Index,
    own_bytes: usize,
}

impl QueryPool {
    pub(crate) fn new(shared: &Pool) -> QueryPool {
        let inner = shared.inner.read().unwrap_or_else(PoisonError::into_inner);
        QueryPool {
            base: inner.strings.clone(),
            base_lower: inner.lower.clone(),
            base_index: Arc::clone(&inner.index),
            base_len: u32::try_from(inner.strings.len()).unwrap_or(u32::MAX),
            own: Numbered::default(),
            own_index: Index::default(),
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

    /// The number of a stored text in small letters; none for one that the query made.
    pub(crate) fn lower(&self, id: u32) -> Option<u32> {
        if id < self.base_len { self.base_lower.get(id).copied() } else { None }
    }

    /// The number of a text, if any row or any value made so far has it.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.find_hashed(Index::hash(text), text)
    }

    fn find_hashed(&self, hash: u32, text: &str) -> Option<u32> {
        let known = self.base_index.find(hash, |id| self.base.get(id).is_some_and(|known| **known == *text));
        known.or_else(|| self.own_index.find(hash, |id| self.get(id) == text))
    }

    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        self.intern_with(text, |text| Arc::from(text))
    }

    pub(crate) fn intern_shared(&mut self, text: &Arc<str>) -> u32 {
        self.intern_with(text, |_| Arc::clone(text))
    }

    /// The numbers of a block of texts. Where their look-ups begin is read for all of them first: these reads wait for
    /// memory beside each other, where those of one text after another would wait in a row.
    pub(crate) fn intern_block(&mut self, texts: &[Arc<str>]) -> Vec<u32> {
        let hashes: Vec<u32> = texts.iter().map(|text| Index::hash(text)).collect();
        let reads = hashes.iter().map(|hash| self.base_index.first(*hash) ^ self.own_index.first(*hash));
        std::hint::black_box(reads.fold(0, |all, slot| all ^ slot));
        let block = texts.iter().zip(hashes);
        block.map(|(text, hash)| self.intern_hashed(text, hash, |_| Arc::clone(text))).collect()
    }

    fn intern_with(&mut self, text: &str, make: impl FnOnce(&str) -> Arc<str>) -> u32 {
        self.intern_hashed(text, Index::hash(text), make)
    }

    fn intern_hashed(&mut self, text: &str, hash: u32, make: impl FnOnce(&str) -> Arc<str>) -> u32 {
        if text.is_empty() {
            return EMPTY;
        }
        self.find_hashed(hash, text).unwrap_or_else(|| {
            self.own_bytes += text.len() + 48;
            let id = self.base_len + self.own.push(make(text));
            self.own_index.insert(hash, id);
            id
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_keeps_its_numbers_while_the_pool_grows() {
        let pool = Pool::new();
        let a = pool.intern("a");
        let mut query = QueryPool::new(&pool);
        let later = pool.intern("later");
        let own = query.intern("later");
        assert_eq!(query.intern("a"), a);
        assert_eq!(later, own, "the numbers overlap, and the query does not see the pool's new one");
        assert_eq!(query.get(own), "later");
        assert_eq!(query.get(EMPTY), "");
        assert_eq!((query.lower(own), query.lower(EMPTY)), (None, Some(EMPTY)));
        for number in 0..10_000 {
            let text = number.to_string();
            let id = query.intern(&text);
            assert_eq!(query.get(id), text);
        }
    }

    #[test]
    fn stored_texts_know_their_small_letters() {
        let pool = Pool::new();
        let texts = ["Rg-Edge", "rg-edge", "ÄRMEL", "straße", "İ", "7:30"];
        let ids = texts.map(|text| pool.intern(text));
        let query = QueryPool::new(&pool);
        for (text, id) in texts.into_iter().zip(ids) {
            let lower = query.lower(id).unwrap();
            assert_eq!(query.get(lower), text.to_lowercase());
            assert_eq!(query.lower(lower), Some(lower), "{text}");
        }
    }

    /// Texts that differ in little lie apart: a look-up meets few others.
    #[test]
    fn texts_that_look_alike_do_not_crowd() {
        let names = |number: u32| {
            let (a, b, c) = (number >> 16, number >> 8 & 255, number & 255);
            [
                format!(
                    "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/m{number}"
                ),
                format!("203.{a}.{b}.{c}"),
                format!("m{number:05}.example.com"),
                format!("0000:0000:0000:0000:0000:ffff:cb{a:02x}:{b:02x}{c:02x}"),
                format!("{number}"),
            ]
        };
        let mut index = Index::default();
        for (id, text) in (0..).zip((0..50_000).flat_map(names)) {
            index.insert(Index::hash(&text), id);
        }
        let mask = index.slots.len() - 1;
        let taken = index.slots.iter().enumerate().filter(|(_, slot)| **slot != 0);
        let probes: usize = taken.map(|(place, slot)| place.wrapping_sub((slot >> 32) as usize) & mask).sum();
        assert!(probes < 250_000 * 2, "{probes}");
    }

    /// Half of the texts are in the pool, and each is asked for twice.
    #[test]
    fn every_text_has_one_number_however_many_there_are() {
        let pool = Pool::new();
        let text = |number: u32| format!("{}", u64::from(number).wrapping_mul(0x1_0000_0001));
        let stored: Vec<u32> = (0..20_000).map(|number| pool.intern(&text(number))).collect();
        let mut query = QueryPool::new(&pool);
        let asked: Vec<u32> = (0..40_000).map(|number| query.intern(&text(number))).collect();
        assert_eq!(asked[..20_000], stored);
        assert_eq!(query.len(), 40_001);
        for (number, id) in (0..).zip(&asked) {
            assert_eq!((query.find(&text(number)), query.get(*id)), (Some(*id), &*text(number)));
        }
        assert_eq!(query.find("no number"), None);
    }
}
