//! JSON out of a file, one value after another; no more than a value and a block is held.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize as _;
use serde::de::IgnoredAny;
use serde_json::Deserializer;
use serde_json::de::SliceRead;

/// How much is read at a time.
const BLOCK: usize = 1 << 18;

/// A word that the end of a block has cut, such as `47.`, may be refused where it stands: so near to the end.
const CUT: usize = 16;

/// Why a file could not be read on.
pub(super) enum Fault {
    File(io::Error),
    Json(serde_json::Error),
}

/// The JSON of a file.
pub(super) struct Stream<R = File> {
    source: R,
    /// What was read; the first `at` bytes of it are done with.
    block: Vec<u8>,
    at: usize,
    is_read: bool,
    /// Lines that ended before `at`.
    lines: usize,
}

impl Stream {
    pub(super) fn open(path: &Path) -> Result<Stream, Fault> {
        File::open(path).map(Stream::new).map_err(Fault::File)
    }
}

impl<R: Read> Stream<R> {
    pub(super) fn new(source: R) -> Stream<R> {
        Stream { source, block: Vec::new(), at: 0, is_read: false, lines: 0 }
    }

    /// The line of the next byte, counted from 1.
    pub(super) fn line(&self) -> usize {
        self.lines + 1
    }

    /// The next byte that is no white space; none at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let rest = &self.block[self.at..];
            let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
            let found = rest.get(blank).copied();
            self.advance(blank);
            if found.is_some() || self.is_read {
                return Ok(found);
            }
            self.read_more()?;
        }
    }

    /// Takes the byte that [`Stream::peek`] has shown.
    pub(super) fn take(&mut self) {
        self.advance(1);
    }

    /// Reads the next value. `read` may be called more than once, with more of the text each time; only what it
    /// made at last counts.
    pub(super) fn value<T>(
        &mut self,
        mut read: impl FnMut(&mut Deserializer<SliceRead<'_>>) -> serde_json::Result<T>,
    ) -> Result<T, Fault> {
        loop {
            let mut json = Deserializer::from_slice(&self.block[self.at..]);
            let value = read(&mut json);
            let length = json.into_iter::<IgnoredAny>().byte_offset();
            match value {
                // A number that ends with the block may go on in the next.
                Ok(value) if self.is_read || self.at + length < self.block.len() => {
                    self.advance(length);
                    return Ok(value);
                }
                Err(error) if self.is_read || self.at + length + CUT < self.block.len() => {
                    return Err(Fault::Json(error));
                }
                _ => self.read_more()?,
            }
        }
    }

    /// Goes past the next value.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        self.value(|json| IgnoredAny::deserialize(json).map(|_| ()))
    }

    fn advance(&mut self, bytes: usize) {
        let end = self.at + bytes;
        self.lines += self.block[self.at..end].iter().filter(|byte| **byte == b'\n').count();
        self.at = end;
    }

    fn read_more(&mut self) -> Result<(), Fault> {
        self.block.drain(..self.at);
        self.at = 0;
        // A long value is tried again at twice its length.
        let wanted = self.block.len().max(BLOCK) as u64;
        let count = (&mut self.source).take(wanted).read_to_end(&mut self.block).map_err(Fault::File)?;
        self.is_read = (count as u64) < wanted;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    #[test]
    fn values_that_lie_across_blocks_are_whole() {
        let long = "x".repeat(3 * BLOCK);
        let values: Vec<Json> =
            (0..40_000).map(|n| json!([n, {"a": "\u{e4}\n"}])).chain([json!(long)]).collect();
        let text: String =
            values.iter().map(|value| format!("{value:#}\n")).chain(["-12.5e1".to_owned()]).collect();
        let mut stream = Stream::new(text.as_bytes());
        for value in &values {
            assert!(matches!(stream.peek(), Ok(Some(b'[' | b'"'))));
            assert_eq!(stream.value(|json| Json::deserialize(json)).ok().as_ref(), Some(value));
        }
        assert!(matches!(stream.peek(), Ok(Some(b'-'))));
        assert_eq!(stream.line(), text.lines().count());
        assert_eq!(stream.value(|json| Json::deserialize(json)).ok(), Some(json!(-125.0)));
        assert!(matches!(stream.peek(), Ok(None)));
    }

    #[test]
    fn no_more_than_a_block_is_held() {
        let text = "{\"a\": [1, 2, 3]}\n".repeat(100_000);
        let mut stream = Stream::new(text.as_bytes());
        while matches!(stream.peek(), Ok(Some(_))) {
            assert!(stream.skip().is_ok());
            assert!(stream.block.len() <= 2 * BLOCK, "{}", stream.block.len());
        }
        assert_eq!(stream.line(), 100_001);
    }

    #[test]
    fn a_value_may_be_cut_anywhere() {
        let value = json!({"a": -47.125e-3, "b\u{e4}": ["\u{1f600}\"", null, true, false], "c": 12});
        let text = value.to_string().replace('\u{1f600}', "\\ud83d\\ude00");
        for cut in 1..text.len() {
            let padding = " ".repeat(BLOCK - cut);
            let text = format!("{padding}{text}");
            let mut stream = Stream::new(text.as_bytes());
            assert!(matches!(stream.peek(), Ok(Some(b'{'))));
            assert_eq!(stream.value(|json| Json::deserialize(json)).ok().as_ref(), Some(&value), "{cut}");
        }
    }

    #[test]
    fn a_value_without_an_end_is_a_fault() {
        for text in ["[1, 2", "\"x", "{\"a\": \"\u{e4}", "tru"] {
            assert!(
                matches!(
                    Stream::new(text.as_bytes()).value(|json| Json::deserialize(json)),
                    Err(Fault::Json(_))
                ),
                "{text}"
            );
        }
    }
}
