//! The entries of a zone file: each a line, or several in parentheses, without comments, and where it begins.

use crate::host_name;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its first line, from 1 up.
    pub line: usize,
    /// Whether it begins with a blank: it is about the same name as the entry before it.
    pub is_of_the_last: bool,
    /// Its words; one in quotes keeps them.
    pub words: Vec<String>,
}

/// A record in its parts.
#[derive(Debug)]
pub(super) struct Parts<'e> {
    /// The name that it is about; none: that of the entry before it.
    pub owner: Option<&'e str>,
    /// Its TTL.
    pub ttl: Option<&'e str>,
    /// Its type.
    pub kind: Option<&'e str>,
    /// What stands behind the type.
    pub data: &'e [String],
}

impl Entry {
    /// Whether its first word is this directive.
    pub(super) fn is(&self, directive: &str) -> bool {
        self.words.first().is_some_and(|word| word.eq_ignore_ascii_case(directive))
    }

    /// Whether it is a directive of any kind.
    pub(super) fn is_directive(&self) -> bool {
        self.words.first().is_some_and(|word| word.starts_with('$'))
    }

    /// Its parts, if it is a record: TTL and class may stand in either order.
    pub(super) fn parts(&self) -> Parts<'_> {
        let (owner, words) = match self.words.split_first() {
            Some((owner, rest)) if !self.is_of_the_last => (Some(owner.as_str()), rest),
            _ => (None, self.words.as_slice()),
        };
        let is_time = |word: &str| word.starts_with(|letter: char| letter.is_ascii_digit());
        let is_class = |word: &str| ["IN", "CH", "HS"].iter().any(|class| word.eq_ignore_ascii_case(class));
        let before = words.iter().take(2).take_while(|word| is_time(word) || is_class(word)).count();
        let (before, after) = words.split_at_checked(before).unwrap_or((words, &[]));
        let ttl = before.iter().map(String::as_str).find(|word| is_time(word));
        let (kind, data) = match after.split_first() {
            Some((kind, data)) => (Some(kind.as_str()), data),
            None => (None, after),
        };
        Parts { owner, ttl, kind, data }
    }
}

/// The entries that have words, and the line of a quote or a parenthesis that does not end.
pub(super) fn entries(text: &str) -> (Vec<Entry>, Option<usize>) {
    let mut scan = Scan::default();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' if scan.is_quoted => return (scan.entries, Some(scan.line)),
            '\n' => scan.end_of_line(),
            _ if scan.is_comment => {}
            '\\' => {
                scan.word.push(letter);
                scan.word.extend(letters.next());
            }
            '"' => {
                scan.is_quoted = !scan.is_quoted;
                scan.word.push(letter);
            }
            _ if scan.is_quoted => scan.word.push(letter),
            ';' => scan.is_comment = true,
            '(' | ')' => scan.parenthesis(letter == '('),
            _ if letter.is_ascii_whitespace() => {
                scan.is_of_the_last |= scan.words.is_empty() && scan.word.is_empty() && scan.depth == 0;
                scan.end_of_word();
            }
            _ => scan.word.push(letter),
        }
    }
    let is_open = scan.is_quoted || scan.depth > 0;
    let line = scan.began;
    scan.depth = 0;
    scan.end_of_line();
    (scan.entries, is_open.then_some(line))
}

struct Scan {
    entries: Vec<Entry>,
    line: usize,
    /// The line of the entry at hand.
    began: usize,
    is_of_the_last: bool,
    words: Vec<String>,
    word: String,
    is_quoted: bool,
    is_comment: bool,
    depth: usize,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            line: 1,
            began: 1,
            is_of_the_last: false,
            words: Vec::new(),
            word: String::new(),
            is_quoted: false,
            is_comment: false,
            depth: 0,
        }
    }
}

impl Scan {
    fn end_of_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(in_a_labels(std::mem::take(&mut self.word)));
        }
    }

    fn parenthesis(&mut self, opens: bool) {
        self.end_of_word();
        self.depth = if opens { self.depth + 1 } else { self.depth.saturating_sub(1) };
    }

    fn end_of_line(&mut self) {
        self.end_of_word();
        self.is_comment = false;
        self.line += 1;
        if self.depth > 0 {
            return;
        }
        let words = std::mem::take(&mut self.words);
        if !words.is_empty() {
            self.entries.push(Entry { line: self.began, is_of_the_last: self.is_of_the_last, words });
        }
        self.is_of_the_last = false;
        self.began = self.line;
    }
}

/// A word that holds letters beyond ASCII, as they are or as octets `\DDD`, with A-labels in their place.
fn in_a_labels(word: String) -> String {
    if word.starts_with('"') {
        return word;
    }
    let mut octets = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let number = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u8>().ok());
        match number.filter(|number| *first == b'\\' && *number >= 128) {
            Some(number) => {
                octets.push(number);
                rest = &after[3..];
            }
            None => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    if octets.is_ascii() {
        return word;
    }
    let decoded = String::from_utf8(octets).ok();
    let name = decoded.as_deref().and_then(host_name::ascii);
    let dot = if word.ends_with('.') { "." } else { "" };
    name.map_or(word, |name| format!("{name}{dot}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(usize, bool, String)> {
        let (entries, open) = entries(text);
        assert_eq!(open, None, "{text}");
        entries.into_iter().map(|entry| (entry.line, entry.is_of_the_last, entry.words.join("|"))).collect()
    }

    #[test]
    fn lines_parentheses_comments_and_quotes() {
        let text =
            "; all\r\n@ IN SOA a. b. ( 1 ; serial\r\n  2 3 )\n\n  60 IN TXT \"a;b (c\" d\\;e ; x\nnas A 1\n";
        assert_eq!(
            words(text),
            [
                (2, false, "@|IN|SOA|a.|b.|1|2|3".to_owned()),
                (5, true, "60|IN|TXT|\"a;b (c\"|d\\;e".to_owned()),
                (6, false, "nas|A|1".to_owned()),
            ]
        );
        assert_eq!(entries("a TXT \"x\nb A 1\n").1, Some(1));
        assert_eq!(entries("a 1\nb SOA (\n1\n").1, Some(2));
    }

    #[test]
    fn letters_beyond_ascii_become_a_labels() {
        let text = "münchen A 1\nm\\195\\188nchen.Example.org. A 1\na\\.b TXT \"ü\"\n";
        let found: Vec<String> = words(text).into_iter().map(|(_, _, words)| words).collect();
        assert_eq!(found, ["xn--mnchen-3ya|A|1", "xn--mnchen-3ya.example.org.|A|1", "a\\.b|TXT|\"ü\""]);
    }
}
