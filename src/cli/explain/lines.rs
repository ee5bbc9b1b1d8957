//! Lines with a label before them: `  heard        06:16 |--203.0.113.17--| 07:06`.

use std::io::{self, Write};

use crate::cli::phrase::Phrase;
use crate::cli::screen::Screen;

/// Blanks before a label.
const MARGIN: usize = 2;
/// The longest label, and the blanks after it.
const LABEL: usize = "claimed by".len() + 3;
/// Where what is labelled begins.
const TEXT: usize = MARGIN + LABEL;

/// A sentence below a label: what begins its first line, and what is broken into lines beside that.
pub(super) struct Line {
    head: String,
    text: Phrase,
}

impl Line {
    /// A sentence whose later lines are as deep as its first.
    pub(super) fn of(text: impl Into<Phrase>) -> Self {
        Self { head: String::new(), text: text.into() }
    }

    /// A sentence beside something.
    pub(super) fn beside(head: impl Into<String>, text: impl Into<Phrase>) -> Self {
        Self { head: head.into(), text: text.into() }
    }

    /// Whether it begins with a command that takes several lines.
    fn begins_with_lines(&self, screen: &Screen) -> bool {
        self.head.is_empty() && screen.begins_with_lines(&self.text, TEXT)
    }

    fn lines(&self, screen: &Screen) -> Vec<String> {
        let depth = self.head.chars().count();
        let lines = screen.wrapped(&self.text, TEXT + depth);
        let beside = |(at, line): (usize, &String)| {
            let head = if at == 0 { self.head.as_str() } else { "" };
            // The later lines of a command are deeper than its first.
            format!("{head:depth$}{}", line.get(TEXT + depth..).unwrap_or_default())
        };
        lines.iter().enumerate().map(beside).collect()
    }
}

/// Writes labelled sentences, each from a line of its own.
pub(super) fn labelled(
    label: &str,
    sentences: &[Line],
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let lines = sentences.iter().flat_map(|sentence| sentence.lines(screen));
    let stands_above = sentences.first().is_some_and(|first| first.begins_with_lines(screen));
    let above = stands_above.then(String::new);
    for (at, line) in above.into_iter().chain(lines).enumerate() {
        let label = if at == 0 { label } else { "" };
        let line = format!("{:MARGIN$}{label:LABEL$}{}", "", line.trim_end());
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_stands_before_the_first_line_alone_and_lines_end_where_the_terminal_does() {
        let screen = Screen { width: Some(48), ..Screen::default() };
        let second = Line::beside("  > second  ", "no, for it is the second one");
        let sentences = [Line::of("one sentence that is longer than one line"), second];
        let mut out = Vec::new();
        labelled("heard", &sentences, &screen, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "  heard        one sentence that is longer than\n               one line\n                 \
             > second  no, for it is the\n                           second one\n"
        );
    }

    #[test]
    fn a_label_stands_above_a_command_of_several_lines() {
        let screen = Screen { width: Some(48), ..Screen::default() };
        let shown = |text: Phrase| {
            let mut out = Vec::new();
            labelled("commands", &[Line::of(text)], &screen, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let command = "az lock delete --ids /subscriptions/s --yes";
        assert_eq!(
            shown(Phrase::default().whole(command)),
            "  commands\n               az lock delete \\\n                 --ids /subscriptions/s --yes\n"
        );
        let short = shown(Phrase::default().whole("az lock list"));
        assert_eq!(short, "  commands     az lock list\n");
    }
}
