//! One thing on a screen: a sign, a name, what becomes of it, and below it why.

use std::io::{self, Write};

use super::phrase::Phrase;
use super::screen::{Colour, Screen};

/// How much somebody who has no time must see it, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Failed,
    Held,
    Changed,
    Quiet,
}

/// One thing, and why.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) weight: Weight,
    pub(super) sign: char,
    pub(super) colour: Option<Colour>,
    pub(super) name: String,
    /// In the place of a name: a sentence.
    pub(super) title: Phrase,
    pub(super) kind: &'static str,
    /// What becomes of it: addresses.
    pub(super) what: String,
    /// How it stands, in a word or two.
    pub(super) tail: String,
    /// Sentences, each from a line of its own.
    pub(super) below: Vec<Phrase>,
    /// Lines that are not to be broken.
    pub(super) listed: Vec<String>,
}

/// Blanks before a sign.
const MARGIN: usize = 2;
/// Blanks before what stands below a sign.
const BELOW: usize = 6;
/// The longest type.
const KIND: usize = "AAAA".len();

/// How wide the columns of all entries are.
struct Columns {
    name: usize,
    what: usize,
    /// Whether a line of all columns fits; where not, each name has lines of its own.
    fit: bool,
}

impl Columns {
    fn of(entries: &[Entry], screen: &Screen) -> Self {
        let rows = || entries.iter().filter(|entry| !entry.kind.is_empty());
        let widest =
            |text: fn(&Entry) -> &str| rows().map(|entry| text(entry).chars().count()).max().unwrap_or(0);
        let (name, what, tail) = (widest(|e| &e.name), widest(|e| &e.what), widest(|e| &e.tail));
        let whole = MARGIN + 2 + name + 2 + KIND + 2 + what + 3 + tail;
        Self { name, what, fit: screen.fits(whole) }
    }
}

/// Writes entries below each other.
pub(super) fn write(entries: &[Entry], screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let columns = Columns::of(entries, screen);
    for entry in entries {
        entry.write(&columns, screen, out)?;
    }
    Ok(())
}

impl Entry {
    /// A sentence by itself.
    pub(super) fn titled(sign: char, colour: Colour, weight: Weight, title: Phrase) -> Self {
        Self {
            weight,
            sign,
            colour: Some(colour),
            name: String::new(),
            title,
            kind: "",
            what: String::new(),
            tail: String::new(),
            below: Vec::new(),
            listed: Vec::new(),
        }
    }

    fn write(&self, columns: &Columns, screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let Self { name, title, kind, what, tail, .. } = self;
        let sign = screen.paint(self.colour, &self.sign.to_string());
        let margin = " ".repeat(MARGIN);
        let below = " ".repeat(BELOW);
        if kind.is_empty() {
            // A sentence of its own.
            for (at, line) in screen.wrapped(title, MARGIN + 2).iter().enumerate() {
                let line = line.trim_start();
                let sign = if at == 0 { sign.as_str() } else { " " };
                writeln!(out, "{margin}{sign} {line}")?;
            }
        } else if columns.fit {
            let line = format!("{name:0$}  {kind:KIND$}  {what:1$}   {tail}", columns.name, columns.what);
            writeln!(out, "{margin}{sign} {}", line.trim_end())?;
        } else {
            writeln!(out, "{margin}{sign} {name} {kind}")?;
            let parts: Vec<&str> =
                [what, tail].into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            let line = format!("{below}{}", parts.join("   "));
            if screen.fits(line.chars().count()) {
                writeln!(out, "{line}")?;
            } else {
                parts.iter().try_for_each(|part| writeln!(out, "{below}{part}"))?;
            }
        }
        for sentence in &self.below {
            for line in screen.wrapped(sentence, BELOW) {
                writeln!(out, "{line}")?;
            }
        }
        for line in &self.listed {
            writeln!(out, "{below}{line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Entry {
        Entry {
            weight: Weight::Changed,
            sign: '~',
            colour: None,
            name: name.to_owned(),
            title: Phrase::default(),
            kind: "A",
            what: "203.0.113.15 -> 198.51.100.7".to_owned(),
            tail: "ttl 60".to_owned(),
            below: vec!["m05 (rg-edge) reports it".into()],
            listed: Vec::new(),
        }
    }

    fn shown(entries: &[Entry], width: Option<usize>) -> String {
        let mut out = Vec::new();
        write(entries, &Screen { width, ..Screen::default() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_name_has_lines_of_its_own_where_the_columns_do_not_fit() {
        let entries = [entry("m05.example.com"), entry("a.example.com")];
        assert_eq!(
            shown(&entries, Some(80)),
            "  ~ m05.example.com  A     203.0.113.15 -> 198.51.100.7   ttl 60\n      m05 (rg-edge) reports it\n  \
             ~ a.example.com    A     203.0.113.15 -> 198.51.100.7   ttl 60\n      m05 (rg-edge) reports it\n"
        );
        let narrow = shown(&entries, Some(60));
        assert!(
            narrow.starts_with("  ~ m05.example.com A\n      203.0.113.15 -> 198.51.100.7   ttl 60\n"),
            "{narrow}"
        );
        assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
    }
}
