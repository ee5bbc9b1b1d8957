//! A file as a module: its `use` lines, what it defines, and every path and word outside of its tests.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{Token, tokens};
use super::source::Source;

/// A `use` of one name, or of all (`*`).
#[derive(Debug)]
pub(super) struct Use {
    pub(super) name: String,
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    pub(super) is_public: bool,
}

/// A file as a module.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) path: String,
    pub(super) place: Vec<String>,
    pub(super) uses: Vec<Use>,
    pub(super) defined: BTreeSet<String>,
    /// Paths of two segments or more outside of `use` lines.
    pub(super) mentions: Vec<(Vec<String>, usize)>,
    /// Every word outside of `use` lines.
    pub(super) words: BTreeSet<String>,
    /// Words behind a dot: fields and methods.
    pub(super) members: BTreeMap<String, usize>,
    /// Methods by the type whose inherent `impl` holds them.
    pub(super) methods: Vec<(String, String)>,
}

impl Module {
    pub(super) fn read(source: &Source, inside: &str) -> Self {
        let tokens = outside_tests(&tokens(&source.code));
        let place = if inside == "lib" { Vec::new() } else { inside.split('/').map(str::to_owned).collect() };
        let mut module = Self {
            path: source.path.clone(),
            place,
            uses: Vec::new(),
            defined: BTreeSet::new(),
            mentions: Vec::new(),
            words: BTreeSet::new(),
            members: BTreeMap::new(),
            methods: Vec::new(),
        };
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        let (mut at, mut depth) = (0, 0_usize);
        let mut owner: Option<String> = None;
        while at < tokens.len() {
            match text(at) {
                "use" => {
                    let is_public = at > 0 && ["pub", ")"].contains(&text(at - 1));
                    at = use_tree(&tokens, at + 1, &[], is_public, &mut module.uses) + 1;
                    continue;
                }
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    owner = owner.filter(|_| depth > 0);
                }
                "impl" if depth == 0 => owner = inherent(&tokens, at),
                "fn" if depth == 1 && owner.is_some() => {
                    module.methods.extend(owner.clone().map(|owner| (owner, text(at + 1).to_owned())));
                }
                "struct" | "enum" | "trait" | "type" | "fn" | "const" | "static" | "union"
                | "macro_rules"
                    if depth == 0 =>
                {
                    let name = if text(at + 1) == "!" { text(at + 2) } else { text(at + 1) };
                    module.defined.insert(name.to_owned());
                }
                _ => {}
            }
            if is_name(text(at)) {
                module.words.insert(text(at).to_owned());
                if at > 0 && text(at - 1) == "." {
                    module.members.entry(text(at).to_owned()).or_insert(tokens[at].line);
                }
                if text(at + 1) == "::" && (at == 0 || text(at - 1) != "::") {
                    let mut path = vec![text(at).to_owned()];
                    let mut end = at + 1;
                    while text(end) == "::" && is_name(text(end + 1)) {
                        path.push(text(end + 1).to_owned());
                        end += 2;
                    }
                    if path.len() > 1 {
                        module.mentions.push((path, tokens[at].line));
                    }
                }
            }
            at += 1;
        }
        module
    }
}

fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// The type whose own `impl` begins at `at`; none for the `impl` of a trait.
fn inherent(tokens: &[Token], at: usize) -> Option<String> {
    let head = tokens[at + 1..].iter().take_while(|token| token.text != "{");
    let words: Vec<&str> = head.map(|token| token.text.as_str()).collect();
    if words.contains(&"for") {
        return None;
    }
    let mut depth = 0_i32;
    for word in words {
        match word {
            "<" => depth += 1,
            ">" => depth -= 1,
            name if depth == 0 && is_name(name) => return Some(name.to_owned()),
            _ => {}
        }
    }
    None
}

/// Reads one tree of a `use` line from `at`; returns where it ends.
fn use_tree(tokens: &[Token], at: usize, prefix: &[String], is_public: bool, uses: &mut Vec<Use>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut path = prefix.to_vec();
    let mut at = at;
    loop {
        let line = tokens.get(at).map_or(0, |token| token.line);
        match text(at) {
            "{" => {
                at += 1;
                while at < tokens.len() && text(at) != "}" {
                    at = if text(at) == "," { at + 1 } else { use_tree(tokens, at, &path, is_public, uses) };
                }
                return at + 1;
            }
            "*" => {
                uses.push(Use { name: "*".to_owned(), path, line, is_public });
                return at + 1;
            }
            "self" if !path.is_empty() => {}
            name if is_name(name) => path.push(name.to_owned()),
            _ => {}
        }
        at += 1;
        if text(at) == "::" {
            at += 1;
            continue;
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if text(at) == "as" {
            name = text(at + 1).to_owned();
            at += 2;
        }
        uses.push(Use { name, path, line, is_public });
        return at;
    }
}

/// The code without what only tests compile.
fn outside_tests(tokens: &[Token]) -> Vec<Token> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let here = tokens[at..].iter().take(MARK.len()).map(|token| token.text.as_str());
        if !here.eq(MARK) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let mut depth = 0_usize;
        at += MARK.len();
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token.text.as_str() {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && ["}", ";"].contains(&token.text.as_str()) {
                break;
            }
        }
    }
    kept
}
