//! Source files as the checks see them: the text, and the same text with comments and literals blanked out.

use std::path::Path;

/// A file of the repository.
pub(super) struct Source {
    /// Path from the top of the repository, with forward slashes.
    pub(super) path: String,
    /// The file as it is.
    pub(super) text: String,
    /// The file with comments and the contents of literals replaced by blanks; empty unless it is Rust.
    pub(super) code: String,
}

/// Something that breaks a rule of the house.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fault {
    /// Path from the top of the repository.
    pub(super) path: String,
    /// Counted from one.
    pub(super) line: usize,
    /// What is wrong and what to do about it.
    pub(super) words: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.words)
    }
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let code = if path.ends_with(".rs") { blank(text) } else { String::new() };
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }

    pub(super) fn fault(&self, line: usize, words: impl Into<String>) -> Fault {
        Fault { path: self.path.clone(), line, words: words.into() }
    }

    /// Whether it is Rust below `folder` or is the file of the module of that name.
    pub(super) fn is_rust_of(&self, module: &str) -> bool {
        self.path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            && self.path.ends_with(".rs")
    }
}

/// A literal text of Rust.
pub(super) struct Literal {
    /// Where it begins, counted from one.
    pub(super) line: usize,
    /// What stands between its quotes, with the ends of lines that a backslash takes away taken away.
    pub(super) text: String,
    /// The code before it, from the last `;`, `{` or `}` on, without comments and literals.
    pub(super) before: String,
}

impl Source {
    /// The literal texts of the file, in their order.
    pub(super) fn literals(&self) -> Vec<Literal> {
        let (chars, code): (Vec<char>, Vec<char>) =
            (self.text.chars().collect(), self.code.chars().collect());
        let (mut literals, mut at) = (Vec::new(), 0);
        while at < code.len() {
            let end = literal_or_comment_end(&chars, at);
            let ends = |tail: &[char]| chars[at..end].ends_with(tail);
            if chars[at] != '/' && (ends(&['"']) || ends(&['"', '#'])) {
                let whole: String = chars[at..end].iter().collect();
                let within = whole.trim_start_matches(['r', 'b', 'c', '#']).trim_end_matches('#');
                let before: String = code[..at].iter().collect();
                let begin = before.rfind([';', '{', '}']).map_or(0, |last| last + 1);
                literals.push(Literal {
                    line: before.matches('\n').count() + 1,
                    text: joined(within.trim_matches('"')),
                    before: before[begin..].trim().to_owned(),
                });
            }
            at = if end > at {
                end
            } else if is_word(chars[at]) {
                (at..chars.len()).find(|i| !is_word(chars[*i])).unwrap_or(chars.len())
            } else {
                at + 1
            };
        }
        literals
    }
}

/// A text without the ends of lines that a backslash takes away, and the blanks behind them.
fn joined(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |text, line| text + line.trim_start())
}

/// Every text file of the repository that people write, sorted by path.
pub(super) fn repository() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    walk(root, root, &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn walk(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository can be listed") {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap_or_default());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            let left_out =
                ["target", ".git", ".venv", "node_modules", "__pycache__"].contains(&name.as_str());
            let other_checkout = folder != root && path.join(".git").exists();
            if !left_out && !other_checkout {
                walk(root, &path, sources);
            }
        } else if kind.is_file() && is_written_by_people(&name) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let relative = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&relative, &text));
        }
    }
}

fn is_written_by_people(name: &str) -> bool {
    let endings = [".rs", ".toml", ".md", ".kql", ".sh", ".py", ".bicep", ".example"];
    endings.iter().any(|ending| name.ends_with(ending)) || name == "run"
}

/// Replaces comments and the contents of string and character literals by blanks; lines stay where they are.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_or_comment_end(&chars, at);
        if end > at {
            code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else if is_word(chars[at]) {
            let end = (at..chars.len()).find(|i| !is_word(chars[*i])).unwrap_or(chars.len());
            code.extend(&chars[at..end]);
            at = end;
        } else {
            code.push(chars[at]);
            at += 1;
        }
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the literal or comment that begins at `at` ends; `at` itself when none begins there.
fn literal_or_comment_end(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => (at..chars.len()).find(|i| chars[*i] == '\n').unwrap_or(chars.len()),
        '/' if next == Some('*') => block_comment_end(chars, at),
        '"' => string_end(chars, at),
        '\'' => character_end(chars, at),
        'r' | 'b' | 'c' => prefixed_end(chars, at),
        _ => at,
    }
}

fn block_comment_end(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at.min(chars.len())
}

fn string_end(chars: &[char], quote: usize) -> usize {
    let mut at = quote + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// A character literal ends at its quote; a lifetime has none and is left as it is.
fn character_end(chars: &[char], quote: usize) -> usize {
    match (chars.get(quote + 1), chars.get(quote + 2)) {
        (Some('\\'), _) => {
            (quote + 3..chars.len()).find(|i| chars[*i] == '\'').map_or(chars.len(), |end| end + 1)
        }
        (Some(_), Some('\'')) => quote + 3,
        _ => quote,
    }
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `c"…"`, `b'…'`; anything else that begins so is a word.
fn prefixed_end(chars: &[char], at: usize) -> usize {
    let letters = chars[at..].iter().take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    let raw = chars[at..at + letters].contains(&'r');
    let open = at + letters;
    match chars.get(open) {
        Some('"') if !raw => string_end(chars, open),
        Some('\'') if letters == 1 && chars[at] == 'b' => character_end(chars, open),
        Some('"' | '#') if raw => {
            let hashes = chars[open..].iter().take_while(|c| **c == '#').count();
            if chars.get(open + hashes) != Some(&'"') {
                return at;
            }
            let closes = |i: usize| {
                chars[i] == '"' && chars[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes
            };
            (open + hashes + 1..chars.len()).find(|i| closes(*i)).map_or(chars.len(), |end| end + 1 + hashes)
        }
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::blank;

    #[test]
    fn comments_and_literals_become_blanks() {
        assert_eq!(blank("a // b\nc"), "a     \nc");
        assert_eq!(blank("a /* b /* c */ */ d"), "a                 d");
        assert_eq!(blank(r#"a("b \" c", 'd')"#), "a(        ,    )");
        assert_eq!(blank("r#\"a \" b\"# c"), "           c");
        assert_eq!(blank(r"b'\'' x"), "      x");
    }

    #[test]
    fn lifetimes_words_and_raw_names_stay() {
        assert_eq!(blank("fn f<'a>(r: &'a str)"), "fn f<'a>(r: &'a str)");
        assert_eq!(blank("barber r#type crab"), "barber r#type crab");
    }
}
