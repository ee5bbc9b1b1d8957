//! A search that goes over the text in steps and asks the clock between them: for patterns and texts whose product is
//! too large to search in one go.
//!
//! The steps are those of a lazy automaton, forward to the end of the match and back to its start. Each takes as long
//! as the pattern is large at worst.

use std::ops::Range;

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::hybrid::regex::Regex;
use regex_automata::{Anchored, Input, MatchError};

use crate::clock::{Clock, Stopped};

/// The memory for the states that are kept of one direction.
const CACHE_BYTES: usize = 2 << 20;

/// The automata of a pattern, and the size of each step.
#[derive(Debug)]
pub(super) struct Stepper {
    regex: Regex,
    /// Units of work that a new state may take.
    states: usize,
}

/// Why a search ended early.
enum Failed {
    Stopped(Stopped),
    Automaton,
}

impl From<Stopped> for Failed {
    fn from(stopped: Stopped) -> Failed {
        Failed::Stopped(stopped)
    }
}

impl From<MatchError> for Failed {
    fn from(_: MatchError) -> Failed {
        Failed::Automaton
    }
}

impl Stepper {
    pub(super) fn new(translated: &str, states: usize) -> Option<Stepper> {
        // Borders of words of letters beyond ASCII are more than an automaton can tell: it gives up at such letters.
        let config = DFA::config()
            .cache_capacity(CACHE_BYTES)
            .skip_cache_capacity_check(true)
            .unicode_word_boundary(true);
        let regex = Regex::builder().syntax(super::syntax()).dfa(config).build(translated).ok()?;
        Some(Stepper { regex, states })
    }

    /// The first match from a place on; when only its existence is asked, its end may be any.
    pub(super) fn find(
        &self,
        text: &str,
        from: usize,
        earliest: bool,
        clock: &Clock,
    ) -> Result<Option<Range<usize>>, Stopped> {
        let mut cache = self.regex.create_cache();
        let (forward, reverse) = cache.as_parts_mut();
        match self.search(text, from, earliest, clock, forward, reverse) {
            Ok(found) => Ok(found),
            Err(Failed::Stopped(stopped)) => Err(stopped),
            Err(Failed::Automaton) => Err(clock.stop(
                "a regular expression with borders of words is too much work for a text of this size"
                    .to_owned(),
            )),
        }
    }

    fn search(
        &self,
        text: &str,
        mut from: usize,
        earliest: bool,
        clock: &Clock,
        forward: &mut Cache,
        reverse: &mut Cache,
    ) -> Result<Option<Range<usize>>, Failed> {
        while from <= text.len() {
            let Some(end) = self.end(text, from, earliest, clock, forward)? else { return Ok(None) };
            if earliest {
                return Ok(Some(end..end));
            }
            let start = self.start(text, from, end, clock, reverse)?;
            if start < end || text.is_char_boundary(end) {
                return Ok(Some(start..end));
            }
            // Nothing, in the middle of a character.
            from = end + 1;
        }
        Ok(None)
    }

    /// Where the first match ends. A state tells of a match one byte late.
    fn end(
        &self,
        text: &str,
        from: usize,
        earliest: bool,
        clock: &Clock,
        cache: &mut Cache,
    ) -> Result<Option<usize>, Failed> {
        let dfa = self.regex.forward();
        let input = Input::new(text).range(from..);
        let mut state = dfa.start_state_forward(cache, &input)?;
        let mut found = None;
        for (place, byte) in text.bytes().enumerate().skip(from) {
            state = self.step(dfa, cache, state, byte, clock)?;
            if state.is_tagged() {
                if state.is_match() {
                    found = Some(place);
                    if earliest && text.is_char_boundary(place) {
                        return Ok(found);
                    }
                } else if state.is_dead() {
                    return Ok(found);
                } else if state.is_quit() {
                    return Err(Failed::Automaton);
                }
            }
        }
        state = dfa.next_eoi_state(cache, state).map_err(|_| Failed::Automaton)?;
        Ok(if state.is_match() { Some(text.len()) } else { found })
    }

    /// Where the match with that end starts.
    fn start(
        &self,
        text: &str,
        from: usize,
        end: usize,
        clock: &Clock,
        cache: &mut Cache,
    ) -> Result<usize, Failed> {
        let dfa = self.regex.reverse();
        let input = Input::new(text).range(from..end).anchored(Anchored::Yes);
        let mut state = dfa.start_state_reverse(cache, &input)?;
        let mut found = end;
        for place in (from..end).rev() {
            state = self.step(dfa, cache, state, text.as_bytes()[place], clock)?;
            if state.is_match() {
                found = place + 1;
            } else if state.is_dead() {
                return Ok(found);
            } else if state.is_quit() {
                return Err(Failed::Automaton);
            }
        }
        state = match from.checked_sub(1) {
            None => dfa.next_eoi_state(cache, state).map_err(|_| Failed::Automaton)?,
            Some(before) => self.step(dfa, cache, state, text.as_bytes()[before], clock)?,
        };
        Ok(if state.is_match() { from } else { found })
    }

    fn step(
        &self,
        dfa: &DFA,
        cache: &mut Cache,
        state: LazyStateID,
        byte: u8,
        clock: &Clock,
    ) -> Result<LazyStateID, Failed> {
        // A state that is not known yet takes as long as the pattern is large; few are not.
        clock.work(1 + self.states / 64)?;
        dfa.next_state(cache, state, byte).map_err(|_| Failed::Automaton)
    }
}
