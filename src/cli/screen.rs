//! How results look: as wide as the terminal is, and in colours where they are wanted.

use std::io;
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use terminal_size::{Height, Width, terminal_size_of};

use super::phrase::{Phrase, ToRun, Uttered};
use crate::config::Variables;
use pure::shown::one_line;

/// Text is no wider than this, whatever the terminal is: longer lines are hard to read.
const WIDEST_TEXT: usize = 100;
/// A terminal that is narrower than this is taken for one of this width.
const NARROWEST: usize = 40;
/// What parts a command from the words behind it.
const STOPS: &str = ".,;:";

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
#[derive(Debug, Clone, Default)]
pub(super) struct Screen {
    /// Its columns; none: nothing is broken into lines.
    pub(super) width: Option<usize>,
    /// Whether somebody has said how wide it is: then sentences are as wide.
    pub(super) is_told: bool,
    /// What each command that is shown ends with: the file of variables that this call was given.
    pub(super) env: String,
    /// Whether colours are shown: `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM` decide, as for the help.
    pub(super) is_coloured: bool,
}

impl Screen {
    /// Standard output.
    pub(super) fn of_stdout(env_file: Option<&Path>) -> Self {
        let is_coloured = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        Self::of(terminal_size_of(io::stdout()), is_coloured, env_file)
    }

    /// Standard error.
    pub(super) fn of_stderr(env_file: Option<&Path>) -> Self {
        let is_coloured = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
        Self::of(terminal_size_of(io::stderr()), is_coloured, env_file)
    }

    fn of(terminal: Option<(Width, Height)>, is_coloured: bool, env_file: Option<&Path>) -> Self {
        let told = || Variables::process().get("COLUMNS").and_then(|told| told.trim().parse().ok());
        // Whoever reads a file or a pipe looks for whole sentences, unless COLUMNS says how wide they may be.
        let told = || told().map(|told: usize| told.max(NARROWEST));
        let (width, is_told) = match terminal {
            Some(terminal) => (Some(columns(terminal)), false),
            None => (told(), true),
        };
        let env = env_file.map(env_option).unwrap_or_default();
        Self { width, is_told, env, is_coloured }
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

    /// A sentence in lines that fit, each after so many blanks. A command is never broken but where a shell reads on: one that
    /// does not fit on a line of its own goes on behind a backslash. No words follow a command on its line, for a shell would
    /// take them as its arguments: where the sentence goes on, the command has its lines for itself.
    pub(super) fn wrapped(&self, phrase: impl Into<Phrase>, indent: usize) -> Vec<String> {
        let margin = " ".repeat(indent);
        let words = self.words(&phrase.into());
        let Some(width) = self.width else {
            let words: Vec<String> =
                words.into_iter().map(|word| format!("{}{}", word.text, word.close)).collect();
            return vec![format!("{margin}{}", words.join(" "))];
        };
        let room = self.room(width, indent);
        let mut lines = vec![String::new()];
        let mut used = 0;
        let last = words.iter().rposition(|word| !word.text.is_empty()).unwrap_or_default();
        for (at, mut word) in words.into_iter().enumerate() {
            let (is_whole, goes_on) = (word.is_whole, at < last);
            // The end of its line stands for what parts a command from the rest.
            if !(is_whole && goes_on && word.close.chars().all(|letter| STOPS.contains(letter))) {
                word.text.push_str(&word.close);
            }
            let pieces = word.pieces(room);
            // Whoever copies a command of several lines takes whole lines: nothing else stands on them.
            let stands_alone = is_whole && (goes_on || pieces.len() > 1);
            for piece in pieces {
                let length = piece.chars().count();
                if used > 0 && (stands_alone || used + 1 + length > room) {
                    lines.push(String::new());
                    used = 0;
                }
                if let Some(line) = lines.last_mut() {
                    if used > 0 {
                        line.push(' ');
                        used += 1;
                    }
                    line.push_str(&piece);
                }
                used += length;
            }
            if stands_alone {
                used = room;
            }
        }
        lines.into_iter().map(|line| format!("{margin}{}", line.trim_end())).collect()
    }

    /// Whether the sentence begins with a command that takes several lines: what labels it stands above them.
    pub(super) fn begins_with_lines(&self, phrase: &Phrase, indent: usize) -> bool {
        let first = self.words(phrase).into_iter().next();
        match (first, self.width) {
            (Some(first), Some(width)) if first.is_whole => first.pieces(self.room(width, indent)).len() > 1,
            _ => false,
        }
    }

    /// The columns of a sentence behind so many blanks.
    fn room(&self, width: usize, indent: usize) -> usize {
        let widest = if self.is_told { width } else { width.min(WIDEST_TEXT) };
        widest.saturating_sub(indent).max(NARROWEST - indent.min(NARROWEST / 2))
    }

    /// A command of another program in lines that fit, each after so many blanks.
    pub(super) fn whole(&self, command: &str, indent: usize) -> Vec<String> {
        let margin = " ".repeat(indent);
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(indent));
        folded(command, room).into_iter().map(|line| format!("{margin}{line}")).collect()
    }

    /// The words of a sentence; a command is one of them, together with what is written close to it.
    fn words(&self, phrase: &Phrase) -> Vec<Word> {
        let mut words = vec![Word::default()];
        let uttered = phrase.uttered();
        for (at, part) in uttered.iter().enumerate() {
            let (first, rest, is_whole) = match part {
                Uttered::Command(to_run) => (self.command(to_run), Vec::new(), true),
                Uttered::Whole(text) => (text.clone(), Vec::new(), true),
                // Whoever copies the command that a sentence ends with takes the full stop with it.
                Uttered::Plain(plain) if plain == "." && at > 0 && at + 1 == uttered.len() => continue,
                Uttered::Plain(plain) => {
                    let mut parts = plain.split(' ').map(str::to_owned);
                    (parts.next().unwrap_or_default(), parts.collect(), false)
                }
            };
            if let Some(last) = words.last_mut() {
                let end = if last.is_whole && !is_whole { &mut last.close } else { &mut last.text };
                end.push_str(&first);
                last.is_whole |= is_whole;
            }
            words.extend(rest.into_iter().map(|text| Word { text, ..Word::default() }));
        }
        words
    }

    /// A command of this program as a person types it here.
    fn command(&self, to_run: &ToRun) -> String {
        let under = to_run.under().map(|variable| format!("{variable} ")).unwrap_or_default();
        format!("{under}heartbeat-dns {}{}", to_run.arguments(), self.env)
    }

    /// Whether a line of so many columns fits.
    pub(super) fn fits(&self, columns: usize) -> bool {
        self.width.is_none_or(|width| columns <= width)
    }
}

/// What is not broken at a blank.
#[derive(Default)]
struct Word {
    text: String,
    /// Whether it is a command, or holds one.
    is_whole: bool,
    /// What is written close behind a command.
    close: String,
}

impl Word {
    /// In pieces that fit: an id may be longer than any terminal is wide, and a command too.
    fn pieces(self, room: usize) -> Vec<String> {
        let Self { text, is_whole, .. } = self;
        if text.chars().count() <= room {
            return vec![text];
        }
        if is_whole {
            return folded(&text, room);
        }
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(room).map(|piece| piece.iter().collect()).collect()
    }
}

/// A command in lines of so many columns, broken before options alone and each but the last with a backslash at its end, so
/// that it can be copied as it stands.
fn folded(command: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in options(command) {
        match lines.last_mut() {
            // The backslash takes two columns.
            Some(last) if last.chars().count() + 1 + part.chars().count() + 2 <= room => {
                last.push(' ');
                last.push_str(part);
            }
            Some(last) => {
                last.push_str(" \\");
                lines.push(format!("  {part}"));
            }
            None => lines.push(part.to_owned()),
        }
    }
    lines
}

/// A command in its parts: what it begins with, then each option with its value. A dash within quotes begins none.
fn options(command: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut quote, mut is_escaped) = (Vec::new(), 0, None, false);
    for (at, letter) in command.char_indices() {
        match (quote, letter) {
            _ if is_escaped => is_escaped = false,
            (None | Some('"'), '\\') => is_escaped = true,
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, ' ') if command[at..].starts_with(" --") => {
                parts.push(&command[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&command[begin..]);
    parts
}

/// The option that names a file of variables once more.
fn env_option(file: &Path) -> String {
    format!(" --env {}", as_argument(&file.to_string_lossy()))
}

/// A text as one argument of a shell's command.
pub(super) fn as_argument(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./:@%+=,\\".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", one_line(text).replace('\'', r"'\''"))
    }
}

fn columns((width, _): (Width, Height)) -> usize {
    usize::from(width.0).max(NARROWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_broken_where_the_terminal_ends_and_never_beyond() {
        let screen = Screen { width: Some(40), ..Screen::default() };
        let lines = screen.wrapped("word ".repeat(20), 6);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= 40), "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with("      word")), "{lines:?}");
        let long = "x".repeat(60);
        let (first, rest) = (format!("  {}", "x".repeat(38)), format!("  {} b", "x".repeat(22)));
        assert_eq!(screen.wrapped(format!("a {long} b"), 2), ["  a", &first, &rest]);
        let wide = Screen { width: Some(300), ..Screen::default() };
        assert!(wide.wrapped("word ".repeat(40), 0).iter().all(|line| line.len() <= WIDEST_TEXT));
        assert_eq!(Screen::default().wrapped("word ".repeat(40), 0).len(), 1, "for a file it is one line");
    }

    #[test]
    fn a_command_names_the_file_of_variables_and_is_never_broken_but_where_a_shell_reads_on() {
        let screen =
            |width| Screen { width: Some(width), env: env_option(Path::new("my env")), ..Screen::default() };
        let phrase = Phrase::from("hold it, or run ").run("adopt nas.home.example.com").and(" now");
        let wide = ["hold it, or run", "heartbeat-dns adopt nas.home.example.com --env 'my env'", "now"];
        assert_eq!(screen(64).wrapped(&phrase, 0), wide);
        let narrow =
            ["hold it, or run", "heartbeat-dns adopt nas.home.example.com \\", "  --env 'my env'", "now"];
        assert_eq!(screen(45).wrapped(&phrase, 0), narrow);
        let untold = Screen::default().wrapped(&phrase, 2);
        assert_eq!(untold, ["  hold it, or run heartbeat-dns adopt nas.home.example.com now"]);
        let close = Phrase::from("(").run("collect").and(") again");
        assert_eq!(Screen::default().wrapped(close, 0), ["(heartbeat-dns collect) again"]);
        let last = Phrase::from("ask it: ").run("collect").and(".");
        assert_eq!(
            Screen::default().wrapped(last, 0),
            ["ask it: heartbeat-dns collect"],
            "a full stop is no argument"
        );
    }

    #[test]
    fn a_command_is_broken_before_options_and_stays_the_same_command() {
        let command = "az role assignment create --assignee-object-id 1c2f --role \"Monitoring Metrics Publisher\" --scope /a/b";
        let screen = Screen { width: Some(60), ..Screen::default() };
        let lines = screen.whole(command, 10);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= 60), "{lines:#?}");
        let joined: Vec<&str> = lines.iter().map(|line| line.trim_end_matches('\\').trim()).collect();
        assert_eq!(joined.join(" "), command);
        assert_eq!(Screen::default().whole(command, 10).len(), 1, "without a width it is one line");
        let quoted = r"hold a --why 'it'\''s --not an option' --env b";
        assert_eq!(options(quoted), ["hold a", r"--why 'it'\''s --not an option'", "--env b"]);
    }

    /// On terminals of every width: what can be copied line by line is the command, no word more and none less.
    #[test]
    fn a_command_of_several_lines_shares_them_with_nothing() {
        let command = "az tag update --resource-id /subscriptions/s/machines/m --operation merge --tags DNSHostName=nas.example.com";
        let own =
            "heartbeat-dns unhold nas.home.example.com --run 5f31c0d2 --expect b0fcfca1b363 --env 'my env'";
        let phrases = [
            Phrase::from("write it:  ")
                .run("unhold nas.home.example.com --run 5f31c0d2 --expect b0fcfca1b363"),
            Phrase::from("correct its tag:").whole(command).and(" then look again"),
            Phrase::default().whole(command).whole(command),
        ];
        let mut folded = 0;
        for (width, phrase) in (NARROWEST..200).flat_map(|width| phrases.iter().map(move |it| (width, it))) {
            let screen =
                Screen { width: Some(width), env: env_option(Path::new("my env")), ..Screen::default() };
            let lines = screen.wrapped(phrase, 2);
            let mut begin = 0;
            for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.ends_with('\\')) {
                if at > begin {
                    let copied = lines[begin..=at].iter().map(|line| line.trim_end_matches('\\').trim());
                    let copied = copied.collect::<Vec<_>>().join(" ");
                    assert!(copied == command || copied == own, "{width}: {lines:#?}");
                    folded += 1;
                }
                begin = at + 1;
                assert!(!line.is_empty(), "{width}: {lines:#?}");
            }
            assert_eq!(begin, lines.len(), "nothing follows the last backslash at {width}: {lines:#?}");
            let is_first_alone = lines[0].ends_with('\\');
            assert_eq!(screen.begins_with_lines(phrase, 2), is_first_alone, "{width}: {lines:#?}");
        }
        assert!(folded > 100, "{folded} commands took several lines");
    }

    #[test]
    fn somebody_who_says_how_wide_it_is_gets_sentences_as_wide() {
        let told = Screen { width: Some(300), is_told: true, ..Screen::default() };
        assert_eq!(told.wrapped("word ".repeat(40).trim(), 0).len(), 1);
    }

    #[test]
    fn colours_are_shown_to_whoever_wants_them() {
        let coloured = Screen { is_coloured: true, ..Screen::default() };
        assert_eq!(coloured.paint(Some(Colour::Red), "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(coloured.paint(None, "x"), "x");
        assert_eq!(Screen::default().paint(Some(Colour::Green), "x"), "x");
    }
}
