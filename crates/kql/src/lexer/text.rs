//! Strings in all their forms: quoted, verbatim, fenced.

use super::Lexer;
use crate::digits::hexadecimal;
use crate::error::{Fault, Outcome, Span};
use crate::token::TokenKind;

impl Lexer<'_> {
    pub(super) fn quoted(&mut self) -> Outcome<String> {
        let start = self.at;
        let Some(quote) = self.peek() else { return Ok(String::new()) };
        self.at += 1;
        let mut text = String::new();
        while let Some(next) = self.peek() {
            self.at += next.len_utf8();
            match next {
                '\n' => break,
                '\\' => text.push(self.escape(start)?),
                next if next == quote => return Ok(text),
                next => text.push(next),
            }
        }
        self.fault(start, "the string is not closed")
    }

    fn escape(&mut self, start: usize) -> Outcome<char> {
        let Some(code) = self.peek() else { return self.fault(start, "the string is not closed") };
        self.at += code.len_utf8();
        Ok(match code {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '0' => '\0',
            'x' => self.hex(2)?,
            'u' => self.hex(4)?,
            'U' => self.hex(8)?,
            '\\' | '"' | '\'' | '/' => code,
            other => {
                let at = self.at - other.len_utf8() - 1;
                return Err(Fault::new(
                    Span::new(at, self.at),
                    format!(
                        "'\\{other}' is no escape; write '\\\\' for a backslash, or @\"…\" for a plain string"
                    ),
                ));
            }
        })
    }

    fn hex(&mut self, length: usize) -> Outcome<char> {
        let start = self.at;
        let digits = self.text.get(start..start + length).unwrap_or("");
        let code = hexadecimal(digits).and_then(char::from_u32);
        match code {
            Some(character) => {
                self.at += length;
                Ok(character)
            }
            None => self.fault(start, format!("the escape needs {length} hexadecimal digits of a character")),
        }
    }

    pub(super) fn verbatim(&mut self) -> Outcome<String> {
        let start = self.at;
        let Some(quote) = self.peek() else { return Ok(String::new()) };
        self.at += 1;
        let mut text = String::new();
        while let Some(next) = self.peek() {
            self.at += next.len_utf8();
            if next == quote {
                if self.peek() != Some(quote) {
                    return Ok(text);
                }
                self.at += 1;
            }
            text.push(next);
        }
        self.fault(start, "the string is not closed")
    }

    pub(super) fn fenced(&mut self) -> Outcome<TokenKind> {
        let start = self.at;
        let fence = &self.rest()[..3];
        self.at += 3;
        match self.rest().find(fence) {
            Some(length) => {
                let text = self.rest()[..length].to_owned();
                self.at += length + 3;
                Ok(TokenKind::Text(text))
            }
            None => self.fault(start, "the string is not closed"),
        }
    }
}
