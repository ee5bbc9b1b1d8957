//! Rows as JSON, in batches of at most a megabyte.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

/// The limit for one call, compressed and uncompressed alike (contract azure-monitor, section 1.5).
pub const LARGEST: usize = 1_048_576;

/// Rows as JSON on their way into batches.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    text: Vec<u8>,
    /// Where each row ends.
    ends: Vec<usize>,
    /// Why a row could not be written.
    fault: Option<String>,
}

/// Octets of a row with long ids; what is not used is never touched.
const USUAL: usize = 1024;

impl Rows {
    /// No rows yet, and room for so many.
    pub(crate) fn for_about(rows: usize) -> Self {
        Self { text: Vec::with_capacity(rows * USUAL), ends: Vec::with_capacity(rows), fault: None }
    }

    /// Adds a row. What cannot be written is told when the rows are sent.
    pub(crate) fn push<T: Serialize>(&mut self, row: &T) {
        let begin = self.text.len();
        match serde_json::to_writer(&mut self.text, row) {
            Ok(()) => self.ends.push(self.text.len()),
            Err(fault) => {
                self.text.truncate(begin);
                self.fault = Some(format!("the row cannot be written as JSON: {fault}"));
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The texts of the rows, or why there is one without a text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Result<&[u8], String>> {
        let mut begin = 0;
        let texts = self.ends.iter().map(move |end| {
            let text = &self.text[begin..*end];
            begin = *end;
            Ok(text)
        });
        texts.chain(self.fault.clone().map(Err))
    }
}

/// Rows as JSON, ready to become the body of one call.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The rows with a comma after each.
    text: Vec<u8>,
    /// Where each row, its comma included, ends.
    ends: Vec<usize>,
    /// Room for the batch after this one, which an earlier one has left.
    spare: Vec<u8>,
}

impl Batch {
    /// Whoever has rows by the hundred thousand fills whole batches: growing one step by step would copy it over and over.
    fn make_room(&mut self) {
        if self.text.len() > LARGEST / 16 && self.text.capacity() < LARGEST {
            self.text.reserve_exact(LARGEST - self.text.len());
        }
    }

    /// Adds a row. When it has no room any more, the batch starts anew with it and the full one is given back.
    pub(super) fn push<T: Serialize>(&mut self, row: &T) -> Result<Option<Self>, String> {
        self.make_room();
        let begin = self.text.len();
        if let Err(fault) = serde_json::to_writer(&mut self.text, row) {
            self.text.truncate(begin);
            return Err(format!("the row cannot be written as JSON: {fault}"));
        }
        self.close(begin)
    }

    /// Adds a row that is JSON already, like [`Batch::push`].
    pub(super) fn push_text(&mut self, row: &[u8]) -> Result<Option<Self>, String> {
        self.make_room();
        let begin = self.text.len();
        self.text.extend_from_slice(row);
        self.close(begin)
    }

    /// Ends the row that begins there.
    fn close(&mut self, begin: usize) -> Result<Option<Self>, String> {
        let length = self.text.len() - begin;
        // An array needs two brackets; the last row has no comma.
        if length + 2 > LARGEST {
            self.text.truncate(begin);
            return Err(format!("the row has {length} bytes, more than a call may carry"));
        }
        self.text.push(b',');
        if self.text.len() < LARGEST {
            self.ends.push(self.text.len());
            return Ok(None);
        }
        let mut text = std::mem::take(&mut self.spare);
        text.reserve_exact(LARGEST);
        text.extend_from_slice(&self.text[begin..]);
        self.text.truncate(begin);
        let ends = vec![text.len()];
        Ok(Some(std::mem::replace(self, Self { text, ends, spare: Vec::new() })))
    }

    /// Uses the room of a batch that was sent, instead of asking the system for as much again.
    pub(crate) fn reuse(&mut self, sent: Self) {
        self.spare = sent.text;
        self.spare.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The body of a call, an array of the rows, packed. Fast rather than small: rows of one kind shrink to a tenth
    /// either way.
    pub(super) fn packed(&self) -> std::io::Result<Vec<u8>> {
        let rows = self.text.strip_suffix(b",").unwrap_or(&self.text);
        let mut encoder = GzEncoder::new(Vec::with_capacity(rows.len() / 8 + 64), Compression::fast());
        encoder.write_all(b"[")?;
        encoder.write_all(rows)?;
        encoder.write_all(b"]")?;
        encoder.finish()
    }

    /// The first and the second half of the rows.
    pub(super) fn halves(mut self) -> (Self, Self) {
        let rows = self.ends.len() / 2;
        let cut = rows.checked_sub(1).map_or(0, |last| self.ends[last]);
        let text = self.text.split_off(cut);
        let ends = self.ends.split_off(rows).into_iter().map(|end| end - cut).collect();
        (self, Self { text, ends, spare: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::{Value, json};

    use super::*;

    fn body(batch: &Batch) -> Vec<u8> {
        let packed = batch.packed().unwrap();
        let mut body = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut body).unwrap();
        body
    }

    fn rows(batch: &Batch) -> Vec<Value> {
        let body = body(batch);
        assert!(body.len() <= LARGEST, "{} bytes", body.len());
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn rows_fill_batches_up_to_the_limit_and_none_is_lost() {
        let mut batch = Batch::default();
        let mut full = Vec::new();
        for index in 0..5000 {
            full.extend(batch.push(&json!({"index": index, "text": "x".repeat(index % 997)})).unwrap());
        }
        let sizes: Vec<_> = full.iter().map(|batch| body(batch).len()).collect();
        assert!(sizes.iter().all(|size| *size > LARGEST - 1100), "{sizes:?}");
        full.push(batch);
        let all: Vec<_> = full.iter().flat_map(rows).map(|row| row["index"].as_u64().unwrap()).collect();
        assert_eq!(all, (0..5000).collect::<Vec<_>>());
    }

    #[test]
    fn a_batch_may_be_exactly_as_large_as_the_limit() {
        let mut batch = Batch::default();
        let row = |bytes: usize| "x".repeat(bytes - 2);
        assert!(batch.push(&row(LARGEST / 2)).unwrap().is_none());
        assert!(batch.push(&row(LARGEST - LARGEST / 2 - 3)).unwrap().is_none());
        assert_eq!(body(&batch).len(), LARGEST);
        assert_eq!(batch.push(&row(2)).unwrap().map(|full| full.len()), Some(2));
        assert!(Batch::default().push(&row(LARGEST - 2)).unwrap().is_none());
        assert!(Batch::default().push(&row(LARGEST - 1)).is_err());
    }

    #[test]
    fn halves_hold_all_rows_in_order() {
        let mut batch = Batch::default();
        for index in 0..7 {
            batch.push(&json!({ "index": index })).unwrap();
        }
        let (first, second) = batch.halves();
        assert_eq!((first.len(), second.len()), (3, 4));
        let all: Vec<_> = rows(&first).into_iter().chain(rows(&second)).collect();
        assert_eq!(all[6]["index"], 6);
        assert_eq!(all.len(), 7);
    }

    #[test]
    fn the_room_of_a_batch_that_was_sent_serves_a_later_one_and_none_of_its_rows() {
        let mut batch = Batch::default();
        let row = |index: usize| json!({"index": index, "text": "x".repeat(1000)});
        let mut index = 0;
        let mut full = |batch: &mut Batch| loop {
            index += 1;
            if let Some(full) = batch.push(&row(index)).unwrap() {
                return full;
            }
        };
        let first = full(&mut batch);
        let (room, last) = (first.text.as_ptr(), rows(&first).len());
        batch.reuse(first);
        let second = full(&mut batch);
        assert_eq!(batch.text.as_ptr(), room);
        assert_eq!(rows(&second)[0]["index"], last + 1);
        let third = full(&mut batch);
        assert_eq!(third.text.as_ptr(), room);
        assert_eq!(rows(&third)[0]["index"], last + 1 + second.len());
    }

    #[test]
    fn rows_that_are_text_already_are_the_same_rows() {
        let mut rows_of = Rows::default();
        let mut one = Batch::default();
        let mut other = Batch::default();
        for index in 0..9 {
            let row = json!({ "index": index });
            rows_of.push(&row);
            one.push(&row).unwrap();
        }
        for text in rows_of.texts() {
            other.push_text(text.unwrap()).unwrap();
        }
        assert_eq!((rows_of.len(), rows(&one)), (9, rows(&other)));
    }
}
