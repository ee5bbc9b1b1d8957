//! Regular expressions: compiled within limits, searched under the clock.

mod step;
mod syntax;

use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use regex_automata::meta::{BuildError, Regex};
use regex_automata::nfa::thompson::{Compiler, Config as NfaConfig, WhichCaptures};
use regex_automata::util::captures::Captures as Slots;
use regex_automata::util::syntax::Config as SyntaxConfig;
use regex_automata::{Anchored, Input};

use crate::clock::{Clock, Stopped};
use crate::pool::QuickMap;

use step::Stepper;

/// The memory that one compiled pattern may take.
const COMPILED_BYTES: usize = 10 << 20;
/// The memory of one pattern's cache while it searches.
const CACHE_BYTES: usize = 2 << 20;
/// How deep the brackets of a pattern may nest.
const NESTING: u32 = 100;
/// The states of a pattern times the bytes of a text that are searched in one go, which takes a third of a second at
/// worst. Beyond that the search goes in steps.
const AT_ONCE: usize = 1 << 26;
/// The same for the groups of a match, which cannot be found in steps.
const GROUPS_AT_ONCE: usize = 1 << 27;
/// How many patterns of the data are kept compiled.
const KEPT: usize = 50;

/// A regular expression.
#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    translated: String,
    states: OnceCell<usize>,
    stepper: OnceCell<Option<Stepper>>,
}

/// One match with its groups.
#[derive(Debug)]
pub(crate) struct Match<'t> {
    text: &'t str,
    slots: Slots,
}

impl<'t> Match<'t> {
    /// The bytes of the text that match.
    pub(crate) fn range(&self) -> Range<usize> {
        self.slots.get_group(0).map_or(0..0, |span| span.range())
    }

    /// The text of a group that took part.
    pub(crate) fn group(&self, index: usize) -> Option<&'t str> {
        self.slots.get_group(index).and_then(|span| self.text.get(span.range()))
    }

    /// The text of a group by its name.
    pub(crate) fn named(&self, name: &str) -> Option<&'t str> {
        self.slots.get_group_by_name(name).and_then(|span| self.text.get(span.range()))
    }
}

/// Where the next of many matches is looked for.
#[derive(Debug, Default)]
pub(crate) struct Place {
    from: usize,
    /// The end of the match before, where nothing more may match nothing.
    last: Option<usize>,
}

impl Pattern {
    /// Compiles a pattern of Kusto, or says why not.
    pub(crate) fn new(pattern: &str) -> Result<Pattern, String> {
        let translated = syntax::translate(pattern);
        let config = Regex::config().nfa_size_limit(Some(COMPILED_BYTES)).hybrid_cache_capacity(CACHE_BYTES);
        let regex = Regex::builder().syntax(syntax()).configure(config).build(&translated);
        let regex = regex.map_err(|error| reason(&error))?;
        Ok(Pattern { regex, translated, states: OnceCell::new(), stepper: OnceCell::new() })
    }

    /// Whether so many bytes may be searched in one go.
    fn is_within(&self, limit: usize, length: usize) -> bool {
        let quick = self.regex.memory_usage() / 8;
        quick.saturating_mul(length) <= limit || self.states().saturating_mul(length) <= limit
    }

    /// The size of the pattern: no byte of a text takes more steps.
    fn states(&self) -> usize {
        *self.states.get_or_init(|| {
            let config = NfaConfig::new().which_captures(WhichCaptures::None);
            let nfa = Compiler::new().syntax(syntax()).configure(config).build(&self.translated);
            nfa.map_or(COMPILED_BYTES, |nfa| nfa.states().len())
        })
    }

    /// How many groups there are, the whole match among them.
    pub(crate) fn groups(&self) -> usize {
        self.regex.captures_len()
    }

    /// The number of the group of that name.
    pub(crate) fn group_of(&self, name: &str) -> Option<usize> {
        self.regex.group_info().all_names().position(|(_, _, known)| known == Some(name))
    }

    pub(crate) fn is_match(&self, text: &str, clock: &Clock) -> Result<bool, Stopped> {
        self.first(text, 0, true, clock).map(|found| found.is_some())
    }

    /// The first match.
    pub(crate) fn find(&self, text: &str, clock: &Clock) -> Result<Option<Range<usize>>, Stopped> {
        self.first(text, 0, false, clock)
    }

    /// The next of many matches, none of which overlap.
    pub(crate) fn find_next(
        &self,
        text: &str,
        place: &mut Place,
        clock: &Clock,
    ) -> Result<Option<Range<usize>>, Stopped> {
        loop {
            let Some(found) = self.first(text, place.from, false, clock)? else { return Ok(None) };
            place.from = found.end;
            if found.is_empty() {
                // The next search begins at the next character.
                place.from += text[found.end..].chars().next().map_or(1, char::len_utf8);
                if place.last == Some(found.end) {
                    continue;
                }
            }
            place.last = Some(found.end);
            return Ok(Some(found));
        }
    }

    /// The first match with its groups.
    pub(crate) fn captures<'t>(&self, text: &'t str, clock: &Clock) -> Result<Option<Match<'t>>, Stopped> {
        match self.find(text, clock)? {
            Some(found) => self.groups_of(text, found, clock).map(Some),
            None => Ok(None),
        }
    }

    /// The next of many matches with its groups.
    pub(crate) fn captures_next<'t>(
        &self,
        text: &'t str,
        place: &mut Place,
        clock: &Clock,
    ) -> Result<Option<Match<'t>>, Stopped> {
        match self.find_next(text, place, clock)? {
            Some(found) => self.groups_of(text, found, clock).map(Some),
            None => Ok(None),
        }
    }

    fn first(
        &self,
        text: &str,
        from: usize,
        earliest: bool,
        clock: &Clock,
    ) -> Result<Option<Range<usize>>, Stopped> {
        if from > text.len() {
            return Ok(None);
        }
        let length = text.len() - from;
        if self.is_within(AT_ONCE, length) {
            let input = Input::new(text).range(from..).earliest(earliest);
            let found = self.regex.search(&input).map(|found| found.range());
            // How far the search went is not known, but that it found something there.
            clock.work(64 + found.as_ref().map_or(length, |found| found.end - from))?;
            return Ok(found);
        }
        let stepper = self.stepper.get_or_init(|| Stepper::new(&self.translated, self.states()));
        match stepper {
            Some(stepper) => stepper.find(text, from, earliest, clock),
            None => Err(self.too_much(length, clock)),
        }
    }

    /// The groups of a match that is known.
    fn groups_of<'t>(&self, text: &'t str, found: Range<usize>, clock: &Clock) -> Result<Match<'t>, Stopped> {
        let length = found.len();
        if !self.is_within(GROUPS_AT_ONCE, length) {
            return Err(self.too_much(length, clock));
        }
        let mut slots = self.regex.create_captures();
        let input = Input::new(text).range(found).anchored(Anchored::Yes);
        self.regex.search_captures(&input, &mut slots);
        clock.work(64 + length)?;
        Ok(Match { text, slots })
    }

    fn too_much(&self, length: usize, clock: &Clock) -> Stopped {
        clock.stop(format!(
            "a regular expression of {} states is too much work for a text of {length} bytes",
            self.states()
        ))
    }
}

/// How patterns are read.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::new().nest_limit(NESTING).octal(true)
}

fn wrong(why: &str) -> String {
    format!("the regular expression is wrong: {why}")
}

fn reason(error: &BuildError) -> String {
    if error.size_limit().is_some() {
        return "the regular expression is too large".to_owned();
    }
    match error.syntax_error() {
        Some(error) => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or("it cannot be read").trim();
            wrong(last.trim_start_matches("error: "))
        }
        None => wrong("it cannot be read"),
    }
}

/// A text in which nothing has a meaning of its own in a pattern.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The patterns of a query, compiled once.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    known: RefCell<QuickMap<String, Option<Rc<Pattern>>>>,
}

impl Patterns {
    /// The compiled form of a pattern; nothing when it is none.
    pub(crate) fn get(&self, pattern: &str, clock: &Clock) -> Option<Rc<Pattern>> {
        let mut known = self.known.borrow_mut();
        if let Some(pattern) = known.get(pattern) {
            return pattern.clone();
        }
        if known.len() >= KEPT {
            known.clear();
        }
        // A large pattern takes a good part of a second.
        clock.look().ok()?;
        let compiled = Pattern::new(pattern).ok().map(Rc::new);
        known.insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All matches of a pattern, searched at once and in steps.
    fn all(pattern: &str, text: &str) -> Vec<Range<usize>> {
        let clock = Clock::new(None, usize::MAX);
        let quick = Pattern::new(pattern).unwrap();
        let stepper = Stepper::new(&syntax::translate(pattern), 1);
        let mut place = Place::default();
        let mut found = Vec::new();
        loop {
            let from = place.from;
            let next = quick.find_next(text, &mut place, &clock).unwrap();
            // From the same place on, both find the same.
            if from <= text.len() {
                let stepper = stepper.as_ref().unwrap();
                let stepped = stepper.find(text, from, false, &clock).unwrap();
                assert_eq!(stepped, quick.first(text, from, false, &clock).unwrap(), "{pattern} in {text:?}");
                let some = stepper.find(text, from, true, &clock).unwrap().is_some();
                assert_eq!(some, stepped.is_some(), "{pattern} in {text:?}");
            }
            match next {
                Some(range) => found.push(range),
                None => return found,
            }
        }
    }

    #[test]
    fn steps_find_what_one_search_finds() {
        let texts =
            ["", "a", "aab ab", "x\u{e9}\u{20ac} a\nb", "foo12, bar7", "\u{1f600}\u{1f600}", "abcabc"];
        for pattern in [
            "a",
            "a+?b|a",
            "",
            "x*",
            "(?-u:\\b)",
            "^a|b$",
            "(?m)^.",
            "[^a]",
            "(foo|ba)r?\\d+",
            "(?i)ABC$",
            "b*\\z",
        ] {
            for text in texts {
                all(pattern, text);
            }
        }
        assert_eq!(all("a|ab", "abab"), [0..1, 2..3], "the first alternative wins");
        assert_eq!(
            all("x*", "\u{e9}x"),
            [0..0, 2..3],
            "nothing matches inside a character or behind a match"
        );
    }

    #[test]
    fn groups_are_those_of_the_match() {
        let clock = Clock::new(None, usize::MAX);
        let pattern = Pattern::new("(?<key>a|ab)(c|bcd)(d*)").unwrap();
        let found = pattern.captures("-abcd-", &clock).unwrap().unwrap();
        let groups: Vec<_> = (0..pattern.groups()).map(|index| found.group(index)).collect();
        assert_eq!(groups, [Some("abcd"), Some("a"), Some("bcd"), Some("")]);
        assert_eq!((found.named("key"), pattern.group_of("key")), (Some("a"), Some(1)));
    }

    #[test]
    fn a_search_is_stopped_on_its_way() {
        let late = Clock::new(Some(std::time::Duration::ZERO), usize::MAX);
        let pattern = Pattern::new("(a?){500}(a?){500}b").unwrap();
        assert_eq!(pattern.is_match(&"a".repeat(1 << 20), &late), Err(Stopped));
        let free = Clock::new(None, usize::MAX);
        let text = format!("{}b", "a".repeat(1 << 20));
        assert!(Pattern::new("(a|b)*").unwrap().captures(&text, &free).is_ok_and(|found| found.is_some()));
        let large = Pattern::new("((a|b){1,500}){1,2}(a|b)*b").unwrap();
        assert_eq!(large.captures(&text, &free).err(), Some(Stopped));
        assert!(free.stopped().is_some_and(|reason| reason.message.contains("too much work")));
    }

    #[test]
    fn a_quoted_text_is_found_as_it_is() {
        let text = "a.b*(c)[d]{e}|f?+^$\\g#&-~ \u{e9}<_>";
        assert_eq!(all(&quoted(text), text).first(), Some(&(0..text.len())));
    }
}
