//! The paths that a Rust file mentions, `use` lines with nested braces and qualified paths alike, each made absolute.

use super::source::Source;

/// A path that a file mentions.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mention {
    /// Its segments; those of our own crate begin with `crate`.
    pub(super) path: Vec<String>,
    /// Counted from one.
    pub(super) line: usize,
    /// Inside a module that only tests compile.
    pub(super) in_test: bool,
}

impl Mention {
    /// Whether the path is `prefix` (written with `::`) or lies below it.
    pub(super) fn is_below(&self, prefix: &str) -> bool {
        let mut own = self.path.iter();
        prefix.split("::").all(|segment| own.next().is_some_and(|name| name == segment))
    }
}

/// A word or a sign of a Rust file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// Cuts code (comments and literals already blanked) into words and signs; `::` is one sign.
pub(super) fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if first.is_alphanumeric() || first == '_' {
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(Token { text: rest[..length].to_owned(), line: number + 1 });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// Every path of two segments or more in the file.
pub(super) fn mentions(source: &Source) -> Vec<Mention> {
    let tokens = tokens(&source.code);
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut modules = Modules::of_file(&source.path);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        modules.step(&tokens, at);
        let begins = is_name(text(at)) && text(at + 1) == "::" && (at == 0 || text(at - 1) != "::");
        if begins {
            let mut paths = Vec::new();
            let end = tree(&tokens, at, &[], &mut paths);
            for (path, line) in paths {
                let path = modules.absolute(path);
                found.push(Mention { path, line, in_test: modules.in_test() });
            }
            at = end.max(at + 1);
        } else {
            at += 1;
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// Reads one path or tree of paths from `at`; returns where it ends.
fn tree(tokens: &[Token], at: usize, prefix: &[String], paths: &mut Vec<(Vec<String>, usize)>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut path = prefix.to_vec();
    let mut at = at;
    loop {
        let line = tokens.get(at).map_or(0, |token| token.line);
        match text(at) {
            "{" => {
                at += 1;
                while at < tokens.len() && text(at) != "}" {
                    at = if text(at) == "," { at + 1 } else { tree(tokens, at, &path, paths) };
                }
                return at + 1;
            }
            // `a::{self}` and `a::*` mention `a`.
            "self" | "*" if !path.is_empty() => {}
            name if is_name(name) => path.push(name.to_owned()),
            _ => return at + 1,
        }
        at += 1;
        if text(at) == "as" {
            at += 2;
        }
        if text(at) != "::" || !(is_name(text(at + 1)) || ["{", "*"].contains(&text(at + 1))) {
            paths.push((path, line));
            return at;
        }
        at += 1;
    }
}

/// Where in the tree of modules the reader stands.
struct Modules {
    file: Vec<String>,
    inline: Vec<Inline>,
    depth: usize,
}

struct Inline {
    name: String,
    depth: usize,
    test: bool,
}

impl Modules {
    fn of_file(path: &str) -> Self {
        let inside = path.rsplit_once("src/").map_or(path, |(_, inside)| inside);
        let stem = inside.strip_suffix(".rs").unwrap_or(inside);
        let file = match stem {
            "lib" | "main" => Vec::new(),
            _ => stem.split('/').map(str::to_owned).collect(),
        };
        Self { file, inline: Vec::new(), depth: 0 }
    }

    fn step(&mut self, tokens: &[Token], at: usize) {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        match text(at) {
            "mod" if text(at + 2) == "{" => {
                let before: String =
                    tokens[..at].iter().rev().take(12).map(|t| t.text.as_str()).rev().collect();
                let test = before.trim_end_matches("pub").ends_with("#[cfg(test)]");
                self.inline.push(Inline { name: text(at + 1).to_owned(), depth: self.depth, test });
            }
            "{" => self.depth += 1,
            "}" => {
                self.depth = self.depth.saturating_sub(1);
                if self.inline.last().is_some_and(|module| module.depth >= self.depth) {
                    self.inline.pop();
                }
            }
            _ => {}
        }
    }

    fn in_test(&self) -> bool {
        self.inline.iter().any(|module| module.test)
    }

    /// `self::x` and `super::x` become `crate::…::x`; our own crate's name becomes `crate`.
    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let mut here: Vec<String> = std::iter::once("crate".to_owned()).chain(self.file.clone()).collect();
        here.extend(self.inline.iter().map(|module| module.name.clone()));
        let mut rest = path.as_slice();
        match rest.first().map(String::as_str) {
            Some("self") => rest = &rest[1..],
            Some("super") => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    here.pop();
                    rest = &rest[1..];
                }
            }
            Some("heartbeat_dns") => {
                here.truncate(1);
                rest = &rest[1..];
            }
            _ => return path,
        }
        here.extend_from_slice(rest);
        here
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(path: &str, text: &str) -> Vec<String> {
        mentions(&Source::new(path, text)).into_iter().map(|m| m.path.join("::")).collect()
    }

    #[test]
    fn nested_braces_are_taken_apart() {
        let found =
            paths("src/plan/change.rs", "use crate::{azure::{dns, error::{self, Error}}, domain::*};");
        assert_eq!(
            found,
            ["crate::azure::dns", "crate::azure::error", "crate::azure::error::Error", "crate::domain"]
        );
    }

    #[test]
    fn qualified_paths_in_code_are_seen() {
        let found = paths("src/plan.rs", "fn f() -> crate::azure::Error { crate::azure::dns::get::<u8>() }");
        assert_eq!(found, ["crate::azure::Error", "crate::azure::dns::get"]);
    }

    #[test]
    fn self_and_super_are_made_absolute() {
        assert_eq!(paths("src/plan/change.rs", "use super::super::azure::Error;"), ["crate::azure::Error"]);
        assert_eq!(paths("src/plan.rs", "use self::change::Change;"), ["crate::plan::change::Change"]);
        let text = "#[cfg(test)]\nmod tests { use super::super::azure::Error; }";
        assert_eq!(paths("src/plan.rs", text), ["crate::azure::Error"]);
        assert_eq!(paths("src/main.rs", "use heartbeat_dns::cli;"), ["crate::cli"]);
    }

    #[test]
    fn comments_strings_and_visibility_are_no_paths() {
        assert!(
            paths("src/a.rs", "pub(crate) fn f() {} // crate::azure\nconst A: &str = \"crate::azure\";")
                .is_empty()
        );
    }

    #[test]
    fn modules_of_tests_are_told_apart_and_end() {
        let text = "#[cfg(test)]\nmod tests {\n fn f() { a::b() }\n}\nfn g() { c::d() }";
        let found = mentions(&Source::new("src/plan.rs", text));
        let flags: Vec<_> = found.iter().map(|m| (m.path.join("::"), m.line, m.in_test)).collect();
        assert_eq!(flags, [("a::b".to_owned(), 3, true), ("c::d".to_owned(), 5, false)]);
    }
}
