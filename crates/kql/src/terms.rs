//! Texts and the terms in them: what `has`, `contains` and their kin find, and the terms of `has_any` and `has_all`.

use std::collections::HashSet;

use crate::ast::TextTest;
use crate::clock::{Clock, Stopped};

/// From so many words on, the words of the text are looked up, instead of each word being searched in the text.
const MANY: usize = 8;

/// Terms in small letters.
pub(crate) struct Terms {
    all: Vec<String>,
    /// Those that are one word of letters and digits, when they are many, and the others.
    words: HashSet<String>,
    others: Vec<String>,
}

impl Terms {
    pub(crate) fn new(terms: Vec<String>) -> Terms {
        let all: Vec<String> = terms.into_iter().map(|term| term.to_lowercase()).collect();
        let is_word = |term: &&String| !term.is_empty() && term.chars().all(char::is_alphanumeric);
        let (words, others): (Vec<&String>, Vec<&String>) = all.iter().partition(is_word);
        if words.len() < MANY {
            return Terms { words: HashSet::new(), others: all.clone(), all };
        }
        let (words, others) = (words.into_iter().cloned().collect(), others.into_iter().cloned().collect());
        Terms { all, words, others }
    }

    /// Whether the text, in small letters, has one of the terms.
    pub(crate) fn is_any_in(&self, text: &str, clock: &Clock) -> Result<bool, Stopped> {
        let has_word = !self.words.is_empty()
            && text.split(|c: char| !c.is_alphanumeric()).any(|word| self.words.contains(word));
        for term in self.others.iter().filter(|_| !has_word) {
            clock.work(text.len() / 4)?;
            if at_borders(text, term, true, true) {
                return Ok(true);
            }
        }
        Ok(has_word)
    }

    /// Whether the text, in small letters, has every term.
    pub(crate) fn are_all_in(&self, text: &str, clock: &Clock) -> Result<bool, Stopped> {
        for term in &self.all {
            clock.work(text.len() / 4)?;
            if !at_borders(text, term, true, true) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// One test on texts, made ready for one wanted text.
pub(crate) struct Search<'a> {
    test: TextTest,
    case: bool,
    wanted: &'a str,
    is_ascii: bool,
    /// Whether the wanted text has no letters, so that the case does not matter.
    is_caseless: bool,
}

impl<'a> Search<'a> {
    pub(crate) fn new(test: TextTest, case: bool, wanted: &'a str) -> Search<'a> {
        let is_caseless = wanted.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic());
        Search { test, case, wanted, is_ascii: wanted.is_ascii(), is_caseless }
    }

    pub(crate) fn finds(&self, text: &str) -> bool {
        if self.case || self.is_caseless {
            return test_exactly(self.test, text, self.wanted);
        }
        if self.is_ascii && text.is_ascii() {
            return self.finds_ascii(text.as_bytes());
        }
        test_exactly(self.test, &text.to_lowercase(), &self.wanted.to_lowercase())
    }

    /// Both are ASCII, and the case does not matter: nothing has to be copied.
    fn finds_ascii(&self, text: &[u8]) -> bool {
        let wanted = self.wanted.as_bytes();
        let part = match self.test {
            TextTest::Equals => Some(text),
            TextTest::StartsWith => text.get(..wanted.len()),
            TextTest::EndsWith => text.len().checked_sub(wanted.len()).map(|start| &text[start..]),
            TextTest::Contains | TextTest::Regex => return self.places(text).next().is_some(),
            TextTest::Has => return self.places(text).any(|at| self.has_borders(text, at, true, true)),
            TextTest::HasPrefix => {
                return self.places(text).any(|at| self.has_borders(text, at, true, false));
            }
            TextTest::HasSuffix => {
                return self.places(text).any(|at| self.has_borders(text, at, false, true));
            }
        };
        part.is_some_and(|part| part.eq_ignore_ascii_case(wanted))
    }

    /// Where the wanted text, which has letters here, stands.
    fn places(&self, text: &[u8]) -> impl Iterator<Item = usize> {
        let wanted = self.wanted.as_bytes();
        let first = wanted.first().copied().unwrap_or_default();
        memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text).filter(move |at| {
            let part = text.get(*at..at + wanted.len());
            part.is_some_and(|part| part.eq_ignore_ascii_case(wanted))
        })
    }

    /// Whether what was found has the border of a term before it, after it, or both.
    fn has_borders(&self, text: &[u8], at: usize, before: bool, after: bool) -> bool {
        let in_term = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let wanted = self.wanted.as_bytes();
        let left = at.checked_sub(1).and_then(|at| text.get(at));
        let is_open = |outer, inner| !in_term(outer) || !in_term(inner);
        (!before || is_open(left, wanted.first()))
            && (!after || is_open(text.get(at + wanted.len()), wanted.last()))
    }
}

fn test_exactly(test: TextTest, text: &str, wanted: &str) -> bool {
    match test {
        TextTest::Equals => text == wanted,
        TextTest::Contains | TextTest::Regex => text.contains(wanted),
        TextTest::StartsWith => text.starts_with(wanted),
        TextTest::EndsWith => text.ends_with(wanted),
        TextTest::Has => at_borders(text, wanted, true, true),
        TextTest::HasPrefix => at_borders(text, wanted, true, false),
        TextTest::HasSuffix => at_borders(text, wanted, false, true),
    }
}

/// Whether the text holds the wanted one with the border of a term before it, after it, or both.
fn at_borders(text: &str, wanted: &str, before: bool, after: bool) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let in_term = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (first, last) = (wanted.chars().next(), wanted.chars().next_back());
    text.match_indices(wanted).any(|(at, _)| {
        let left = text[..at].chars().next_back();
        let right = text[at + wanted.len()..].chars().next();
        let open_left = !before || !in_term(left) || !in_term(first);
        let open_right = !after || !in_term(right) || !in_term(last);
        open_left && open_right
    })
}

/// `text has term`, without case.
pub(crate) fn text_has(text: &str, term: &str) -> bool {
    Search::new(TextTest::Has, false, term).finds(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_words_are_found_as_few_are() {
        let texts = ["", "a", "a-b c_d", "web-01.example.com", "\u{e9}t\u{e9} 5", "abc"];
        let wanted = [
            "A",
            "b",
            "d",
            "01",
            "example.com",
            "\u{c9}T\u{c9}",
            "ab",
            "5",
            "z1",
            "z2",
            "z3",
            "z4",
            "z5",
            "z6",
        ];
        let many = Terms::new(wanted.map(str::to_owned).to_vec());
        assert!(!many.words.is_empty());
        for text in texts {
            let text = text.to_lowercase();
            let clock = Clock::new(None, 0);
            let one = |term: &&str| Terms::new(vec![(*term).to_owned()]).is_any_in(&text, &clock);
            let one_by_one = wanted.iter().any(|term| one(term) == Ok(true));
            assert_eq!(many.is_any_in(&text, &clock), Ok(one_by_one), "{text}");
        }
    }
}
