//! How results look: as wide as the terminal is, and in colours where they are wanted.

use std::io;

use anstream::{AutoStream, ColorChoice};
use terminal_size::{Height, Width, terminal_size_of};

/// Text is no wider than this, whatever the terminal is: longer lines are hard to read.
const WIDEST_TEXT: usize = 100;
/// A terminal that is narrower than this is taken for one of this width.
const NARROWEST: usize = 40;

/// What a colour says, once more after the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    /// Written and true.
    Green,
    /// It waits for somebody.
    Yellow,
    /// It failed.
    Red,
}

/// The place where text is shown.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Screen {
    /// Columns of the terminal; none without one: nothing is broken into lines for a file or a program.
    pub(super) width: Option<usize>,
    /// Whether colours are shown: `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM` decide, as for the help.
    pub(super) is_coloured: bool,
}

impl Screen {
    /// Standard output.
    pub(super) fn of_stdout() -> Self {
        let is_coloured = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        Self { width: terminal_size_of(io::stdout()).map(columns), is_coloured }
    }

    /// Standard error.
    pub(super) fn of_stderr() -> Self {
        let is_coloured = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
        Self { width: terminal_size_of(io::stderr()).map(columns), is_coloured }
    }

    /// The text in its colour.
    pub(super) fn paint(&self, colour: Option<Colour>, text: &str) -> String {
        let Some(colour) = colour.filter(|_| self.is_coloured) else { return text.to_owned() };
        let code = match colour {
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Red => 31,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// A sentence in lines that fit, each after so many blanks.
    pub(super) fn wrapped(&self, text: &str, indent: usize) -> Vec<String> {
        let margin = " ".repeat(indent);
        let Some(width) = self.width else { return vec![format!("{margin}{text}")] };
        let room = width.min(WIDEST_TEXT).saturating_sub(indent).max(NARROWEST - indent.min(NARROWEST / 2));
        let mut lines = vec![String::new()];
        let mut used = 0;
        for word in text.split(' ').flat_map(|word| pieces(word, room)) {
            let word = word.as_str();
            let length = word.chars().count();
            if used > 0 && used + 1 + length > room {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                if used > 0 {
                    line.push(' ');
                    used += 1;
                }
                line.push_str(word);
            }
            used += length;
        }
        lines.into_iter().map(|line| format!("{margin}{line}")).collect()
    }

    /// Whether a line of so many columns fits.
    pub(super) fn fits(&self, columns: usize) -> bool {
        self.width.is_none_or(|width| columns <= width)
    }
}

/// A word in pieces that fit: an id may be longer than any terminal is wide.
fn pieces(word: &str, room: usize) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    if chars.len() <= room {
        return vec![word.to_owned()];
    }
    chars.chunks(room).map(|piece| piece.iter().collect()).collect()
}

fn columns((width, _): (Width, Height)) -> usize {
    usize::from(width.0).max(NARROWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_broken_where_the_terminal_ends_and_never_beyond() {
        let screen = Screen { width: Some(40), is_coloured: false };
        let lines = screen.wrapped(&"word ".repeat(20), 6);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= 40), "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with("      word")), "{lines:?}");
        let long = "x".repeat(60);
        let (first, rest) = (format!("  {}", "x".repeat(38)), format!("  {} b", "x".repeat(22)));
        assert_eq!(screen.wrapped(&format!("a {long} b"), 2), ["  a", &first, &rest]);
        let wide = Screen { width: Some(300), is_coloured: false };
        assert!(wide.wrapped(&"word ".repeat(40), 0).iter().all(|line| line.len() <= WIDEST_TEXT));
        assert_eq!(Screen::default().wrapped(&"word ".repeat(40), 0).len(), 1, "for a file it is one line");
    }

    #[test]
    fn colours_are_shown_to_whoever_wants_them() {
        let coloured = Screen { width: None, is_coloured: true };
        assert_eq!(coloured.paint(Some(Colour::Red), "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(coloured.paint(None, "x"), "x");
        assert_eq!(Screen::default().paint(Some(Colour::Green), "x"), "x");
    }
}
