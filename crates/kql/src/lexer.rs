//! From text to words.

mod cursor;
mod number;
mod text;

use crate::error::{Fault, Outcome, Span};
use crate::token::{Token, TokenKind};

use cursor::Lexer;

/// Queries are at most this many bytes.
pub(crate) const MAX_TEXT: usize = 2_000_000;

const MARKS: [&str; 32] = [
    "==", "!=", "=~", "!~", "<=", ">=", "<>", "=>", "..", "(", ")", "[", "]", "{", "}", ",", ";", ":", ".",
    "|", "=", "<", ">", "+", "-", "*", "/", "%", "?", "@", "&", "^",
];

const TYPED: [&str; 18] = [
    "bool", "boolean", "int", "int32", "long", "int64", "real", "double", "datetime", "date", "timespan",
    "time", "guid", "uuid", "uniqueid", "dynamic", "decimal", "float",
];

/// Words with a hyphen, by the part before it.
const HYPHENATED: [&str; 23] = [
    "project-away",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-smart",
    "project-by-names",
    "mv-expand",
    "mv-apply",
    "make-series",
    "make-graph",
    "top-nested",
    "top-hitters",
    "sample-distinct",
    "parse-where",
    "parse-kv",
    "graph-match",
    "graph-to-table",
    "graph-mark-components",
    "graph-shortest-paths",
    "graph-where-edges",
    "execute-and-cache",
    "macro-expand",
    "assert-schema",
];

/// Splits the text into words; comments and blanks are left out.
pub(crate) fn lex(text: &str) -> Outcome<Vec<Token>> {
    if text.len() > MAX_TEXT {
        return Err(Fault::new(Span::default(), format!("the query is longer than {MAX_TEXT} bytes")));
    }
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    while lexer.skip_blank() {
        let token = lexer.token()?;
        lexer.tokens.push(token);
    }
    // Blanks at the end are not what is looked at: the place stands behind the last word or comment.
    let end = text.trim_end().len();
    let end = Span::new(end, end);
    lexer.tokens.push(Token { kind: TokenKind::End, span: end });
    Ok(lexer.tokens)
}

/// The word that begins at the place, or behind the blanks there, as the text has it; empty at the end. Of a literal with
/// a type it is the type, and of what is no word the first character.
pub(crate) fn word_at(text: &str, at: usize) -> &str {
    let mut lexer = Lexer { text, at, tokens: Vec::new() };
    if !text.is_char_boundary(at) || !lexer.skip_blank() {
        return "";
    }
    let rest = lexer.rest();
    let length = match lexer.token() {
        Ok(Token { kind: TokenKind::Typed(name, _), .. }) => name.len(),
        Ok(token) => token.span.end - token.span.start,
        Err(_) => rest.chars().next().map_or(0, char::len_utf8),
    };
    &rest[..length]
}

impl Lexer<'_> {
    fn token(&mut self) -> Outcome<Token> {
        let start = self.at;
        let kind = self.kind()?;
        Ok(Token { kind, span: Span::new(start, self.at) })
    }

    fn kind(&mut self) -> Outcome<TokenKind> {
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(TokenKind::End) };
        if first.is_ascii_digit() {
            return self.number();
        }
        if rest.starts_with("```") || rest.starts_with("~~~") {
            return self.fenced();
        }
        if matches!(first, '"' | '\'') {
            return Ok(TokenKind::Text(self.quoted()?));
        }
        let mut after = rest.chars().skip(1);
        match (first, after.next(), after.next()) {
            ('@', Some('"' | '\''), _) => {
                self.at += 1;
                return Ok(TokenKind::Text(self.verbatim()?));
            }
            ('h' | 'H', Some('"' | '\''), _) => {
                self.at += 1;
                return Ok(TokenKind::Text(self.quoted()?));
            }
            ('h' | 'H', Some('@'), Some('"' | '\'')) => {
                self.at += 2;
                return Ok(TokenKind::Text(self.verbatim()?));
            }
            ('!', Some(next), _) if next.is_ascii_alphabetic() => {
                self.at += 1;
                let name = self.word();
                let tilde = self.tilde(name);
                return Ok(TokenKind::Name(format!("!{name}{tilde}")));
            }
            ('[', _, _) => {
                if let Some(name) = self.bracketed()? {
                    return Ok(TokenKind::QuotedName(name));
                }
            }
            _ => {}
        }
        if first.is_alphabetic() || matches!(first, '_' | '$') {
            return self.name();
        }
        if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            self.at += mark.len();
            return Ok(TokenKind::Mark(mark));
        }
        self.at += first.len_utf8();
        if matches!(first, '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}' | '\u{2032}' | '\u{2033}') {
            return self.fault(start, format!("'{first}' is a typographic quote; write \" or '"));
        }
        self.fault(start, format!("the character '{}' has no meaning here", first.escape_default()))
    }

    /// The mark that belongs to `in~` and its kin.
    fn tilde(&mut self, name: &str) -> &'static str {
        let belongs = name == "in" && self.rest().starts_with('~');
        self.at += usize::from(belongs);
        if belongs { "~" } else { "" }
    }

    fn name(&mut self) -> Outcome<TokenKind> {
        let name = self.word();
        if self.tilde(name) == "~" {
            return Ok(TokenKind::Name("in~".to_owned()));
        }
        if self.peek() == Some('-') {
            let tail = self.rest();
            for word in HYPHENATED {
                if let Some(wanted) = word.strip_prefix(name).filter(|wanted| wanted.starts_with('-')) {
                    let more = tail.as_bytes().get(wanted.len()).is_some_and(u8::is_ascii_alphanumeric);
                    if tail.starts_with(wanted) && !more {
                        self.at += wanted.len();
                        return Ok(TokenKind::Name(word.to_owned()));
                    }
                }
            }
        }
        if TYPED.contains(&name) {
            let (end, is_dynamic) = (self.at, name == "dynamic");
            if is_dynamic {
                self.skip_blank();
            } else {
                self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
            }
            if self.peek() == Some('(') {
                self.at += 1;
                let start = self.at;
                self.typed_end(is_dynamic)?;
                let inner = Span::new(start, self.at);
                self.at += 1;
                return Ok(TokenKind::Typed(name.to_owned(), inner));
            }
            self.at = end;
        }
        Ok(TokenKind::Name(name.to_owned()))
    }

    /// Moves to the bracket that ends a typed literal.
    fn typed_end(&mut self, nested: bool) -> Outcome<()> {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(next) = self.peek() {
            match next {
                '"' | '\'' => {
                    self.quoted()?;
                    continue;
                }
                '@' if self.rest()[1..].starts_with(['"', '\'']) => {
                    self.at += 1;
                    self.verbatim()?;
                    continue;
                }
                '/' if nested && self.rest().starts_with("//") => {
                    self.skip_blank();
                    continue;
                }
                ')' if depth == 0 => return Ok(()),
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                '\n' | ';' if !nested => break,
                _ => {}
            }
            self.at += next.len_utf8();
        }
        self.fault(start, "the literal is not closed: ')' is missing")
    }

    fn bracketed(&mut self) -> Outcome<Option<String>> {
        let start = self.at;
        let inside = self.text[self.at + 1..].trim_start_matches([' ', '\t']);
        // After a bracket it is an index or a table's only value; after a name, the parser says.
        let is_index = matches!(
            self.tokens.last().map(|token| &token.kind),
            Some(TokenKind::QuotedName(_) | TokenKind::Mark(")" | "]") | TokenKind::Typed(..))
        );
        let plain = inside.strip_prefix('@').unwrap_or(inside);
        if is_index || !plain.starts_with(['"', '\'']) {
            return Ok(None);
        }
        self.at = self.text.len() - plain.len();
        let name = if plain == inside { self.quoted()? } else { self.verbatim()? };
        let rest = self.rest();
        let trimmed = rest.trim_start_matches([' ', '\t']);
        if trimmed.starts_with(']') {
            self.at = self.text.len() - trimmed.len() + 1;
            return Ok(Some(name));
        }
        self.at = start;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_at_its_place() {
        let text = "T\n| mv-expand )x == datetime(2026-01-01) 'a b' 15m \u{e9} 'open";
        for (at, word) in [
            (0, "T"),
            (1, "|"),
            (4, "mv-expand"),
            (14, ")"),
            (15, "x"),
            (17, "=="),
            (20, "datetime"),
            (41, "'a b'"),
            (47, "15m"),
            (50, "\u{e9}"),
            (52, ""),
            (54, "'"),
            (text.len(), ""),
            (text.len() + 1, ""),
        ] {
            assert_eq!(word_at(text, at), word, "{at}");
        }
    }

    #[test]
    fn the_end_stands_behind_the_last_word() {
        for (text, end) in [("T |", 3), ("T |  \n\t\n", 3), (" \n", 0), ("T // x\n", 6)] {
            let tokens = lex(text).map(|tokens| tokens.last().map(|token| token.span.start));
            assert_eq!(tokens.ok().flatten(), Some(end), "{text:?}");
        }
    }

    fn kinds(text: &str) -> Vec<TokenKind> {
        lex(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn words_numbers_and_marks() {
        assert_eq!(
            kinds("T|where x>=1.5h and y!in(1..2)"),
            vec![
                TokenKind::Name("T".into()),
                TokenKind::Mark("|"),
                TokenKind::Name("where".into()),
                TokenKind::Name("x".into()),
                TokenKind::Mark(">="),
                TokenKind::Timespan(54_000_000_000),
                TokenKind::Name("and".into()),
                TokenKind::Name("y".into()),
                TokenKind::Name("!in".into()),
                TokenKind::Mark("("),
                TokenKind::Long(1),
                TokenKind::Mark(".."),
                TokenKind::Long(2),
                TokenKind::Mark(")"),
                TokenKind::End,
            ]
        );
    }

    #[test]
    fn hyphens_belong_to_operators_only() {
        assert_eq!(kinds("project-away")[0], TokenKind::Name("project-away".into()));
        assert_eq!(kinds("a-b").len(), 4);
    }

    #[test]
    fn strings_in_every_form() {
        for text in ["'a\\'b'", "\"a'b\"", "@'a''b'", "h'a\\'b'", "```a'b```"] {
            assert_eq!(kinds(text)[0], TokenKind::Text("a'b".into()), "{text}");
        }
        assert!(lex("'open").is_err());
    }
}
