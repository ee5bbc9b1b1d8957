//! A column while its values are made, one after the other.

use std::sync::Arc;

use crate::data::Data;
use crate::pool::{EMPTY, QueryPool};
use crate::types::Type;
use crate::value::Value;

/// How many new texts get their numbers at once.
const BLOCK: usize = 128;

/// The values so far.
pub(super) struct Made {
    data: Data,
    /// New texts, which have no numbers yet, and their rows.
    texts: Vec<Arc<str>>,
    rows: Vec<usize>,
}

impl Made {
    pub(super) fn with_capacity(ty: Type, capacity: usize) -> Made {
        Made { data: Data::with_capacity(ty, capacity), texts: Vec::new(), rows: Vec::new() }
    }

    /// Appends a value, and of a text that the pool has already its number.
    pub(super) fn push(&mut self, value: Value, known: Option<u32>, pool: &mut QueryPool) {
        match (&mut self.data, value) {
            (Data::String(numbers), Value::String(text)) => match known {
                Some(number) => numbers.push(number),
                None => {
                    self.rows.push(numbers.len());
                    self.texts.push(text);
                    numbers.push(EMPTY);
                    if self.texts.len() == BLOCK {
                        self.settle(pool);
                    }
                }
            },
            (data, value) => data.push(&value, pool),
        }
    }

    /// Gives the new texts their numbers: from then on the pool counts what they take.
    pub(super) fn settle(&mut self, pool: &mut QueryPool) {
        if let Data::String(numbers) = &mut self.data {
            for (row, number) in self.rows.drain(..).zip(pool.intern_block(&self.texts)) {
                numbers[row] = number;
            }
            self.texts.clear();
        }
    }

    pub(super) fn end(mut self, pool: &mut QueryPool) -> Data {
        self.settle(pool);
        self.data
    }
}
