//! Which file uses which: paths followed through `use` lines and re-exports to the file that defines what they name.
//!
//! `mod x;` and a `pub use` that its own file does not need are no use: a module may show its children as its own. An
//! inherent `impl` in another file than its type's belongs to that type, so a call of such a method by the type's own
//! file is a use of the other file.

use std::collections::BTreeMap;

use super::module::Module;
use super::source::Source;

/// Longer chains of re-exports lead nowhere.
const HOPS: usize = 12;

/// One file needs another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) line: usize,
    pub(super) to: String,
    /// As it is written in the first file.
    pub(super) what: String,
}

/// The uses between the files of one crate, whose sources lie in `folder`; each pair of files once.
pub(super) fn edges(sources: &[Source], folder: &str) -> Vec<Edge> {
    let modules: Vec<Module> = sources
        .iter()
        .filter_map(|source| {
            let inside = source.path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".rs")?;
            (inside != "main").then(|| Module::read(source, inside))
        })
        .collect();
    let tree = Tree { places: modules.iter().map(|module| (module.place.clone(), module)).collect() };
    let mut found: BTreeMap<(String, String), Edge> = BTreeMap::new();
    for module in &modules {
        let mut add = |to: &Module, line: usize, what: String| {
            if to.path != module.path {
                let pair = (module.path.clone(), to.path.clone());
                let edge = Edge { from: module.path.clone(), line, to: to.path.clone(), what };
                found.entry(pair).or_insert(edge);
            }
        };
        for (path, line) in needed(module, &tree) {
            if let Some(to) = tree.find(module, &path, 0) {
                add(to, line, path.join("::"));
            }
        }
        for other in &modules {
            for (owner, method) in &other.methods {
                let is_own = module.defined.contains(owner)
                    && tree
                        .find(other, std::slice::from_ref(owner), 0)
                        .is_some_and(|to| to.path == module.path);
                if let Some(line) = module.members.get(method).filter(|_| is_own) {
                    add(other, *line, format!(".{method}()"));
                }
            }
        }
    }
    found.into_values().collect()
}

struct Tree<'a> {
    places: BTreeMap<Vec<String>, &'a Module>,
}

impl<'a> Tree<'a> {
    /// The module that defines what a path names, as it is written in `from`; none: another crate's, or a module itself.
    fn find(&self, from: &'a Module, path: &[String], hops: usize) -> Option<&'a Module> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(&[], rest, hops),
            "self" => self.walk(&from.place, rest, hops),
            "super" => {
                let ups = path.iter().take_while(|segment| *segment == "super").count();
                let place = from.place.get(..from.place.len().checked_sub(ups)?)?;
                self.walk(place, &path[ups..], hops)
            }
            _ => self.walk_from(from, path, hops),
        }
    }

    /// Goes down from a module as far as there are modules, then looks the name up there.
    fn walk(&self, place: &[String], path: &[String], hops: usize) -> Option<&'a Module> {
        let mut place = place.to_vec();
        let mut rest = path;
        while let Some((first, behind)) = rest.split_first() {
            place.push(first.clone());
            if !self.places.contains_key(&place) {
                place.pop();
                break;
            }
            rest = behind;
        }
        if rest.is_empty() {
            return None;
        }
        let module = self.places.get(&place)?;
        // A name that nothing here defines comes out of a macro, or is a variant that was imported.
        self.walk_from(module, rest, hops).or(Some(*module))
    }

    /// A path that begins with a name of this module.
    fn walk_from(&self, module: &'a Module, path: &[String], hops: usize) -> Option<&'a Module> {
        let (first, rest) = path.split_first()?;
        if hops > HOPS {
            return None;
        }
        if module.defined.contains(first) {
            return Some(module);
        }
        if let Some(found) = module.uses.iter().find(|found| found.name == *first) {
            let whole: Vec<String> = found.path.iter().chain(rest).cloned().collect();
            // `use std::fmt;` names a crate, not a module of ours that happens to have the same name.
            return if found.path == [first.clone()] { None } else { self.find(module, &whole, hops + 1) };
        }
        let child: Vec<String> = module.place.iter().chain([first]).cloned().collect();
        if self.places.contains_key(&child) {
            return self.walk(&module.place, path, hops + 1);
        }
        module.uses.iter().filter(|found| found.name == "*").find_map(|found| {
            let target = self.module(module, &found.path)?;
            (target.path != module.path).then(|| self.walk_from(target, path, hops + 1)).flatten()
        })
    }

    /// The module that a path names.
    fn module(&self, from: &Module, path: &[String]) -> Option<&'a Module> {
        let ups = path.iter().take_while(|segment| *segment == "super").count();
        let place: Vec<String> = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("self") => from.place.iter().chain(&path[1..]).cloned().collect(),
            _ => {
                let above = from.place.get(..from.place.len().checked_sub(ups)?)?;
                above.iter().chain(&path[ups..]).cloned().collect()
            }
        };
        self.places.get(&place).copied()
    }
}

/// The paths that a file needs, as they are written.
fn needed(module: &Module, tree: &Tree<'_>) -> Vec<(Vec<String>, usize)> {
    let mut needed = module.mentions.clone();
    for one in &module.uses {
        if one.name == "*" {
            // Of all that a glob brings, what is spoken of.
            let all = tree.module(module, &one.path).filter(|all| all.path != module.path);
            let names = all
                .into_iter()
                .flat_map(|all| all.defined.iter().chain(all.uses.iter().map(|shown| &shown.name)).cloned());
            let spoken = names.filter(|name| module.words.contains(name) && !module.defined.contains(name));
            needed.extend(spoken.map(|name| (one.path.iter().cloned().chain([name]).collect(), one.line)));
        } else if !one.is_public || module.words.contains(&one.name) {
            needed.push((one.path.clone(), one.line));
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<Source> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        edges(&sources, "src").iter().map(|edge| format!("{} > {}", edge.from, edge.to)).collect()
    }

    #[test]
    fn a_path_leads_to_the_file_that_defines_what_it_names() {
        let edges = found(&[
            ("src/lib.rs", "pub mod a;\npub mod b;"),
            ("src/a.rs", "mod deep;\npub use deep::Deep;\npub struct Flat;"),
            ("src/a/deep.rs", "pub struct Deep;"),
            ("src/b.rs", "use crate::a::{self, Deep};\nfn f(_: a::Flat) {}"),
        ]);
        assert_eq!(edges, ["src/b.rs > src/a.rs", "src/b.rs > src/a/deep.rs"]);
    }

    #[test]
    fn what_a_parent_only_shows_it_does_not_use() {
        let child = ("src/a/b.rs", "use super::Both;\npub struct B(Both);");
        let shown = ("src/a.rs", "mod b;\npub use b::B;\npub struct Both;");
        assert_eq!(found(&[shown, child]), ["src/a/b.rs > src/a.rs"]);
        let used = ("src/a.rs", "mod b;\npub use b::B;\npub struct Both;\nfn f(_: B) {}");
        assert_eq!(found(&[used, child]), ["src/a.rs > src/a/b.rs", "src/a/b.rs > src/a.rs"]);
        let by_path = ("src/a.rs", "mod b;\npub struct Both;\nfn f(_: b::B) {}");
        assert_eq!(found(&[by_path, child]).len(), 2);
    }

    #[test]
    fn what_tests_use_does_not_count() {
        let files = [
            ("src/a.rs", "mod b;\npub struct A;\n#[cfg(test)]\nmod tests { use super::b::B; }"),
            ("src/a/b.rs", "use super::A;\npub struct B(A);"),
        ];
        assert_eq!(found(&files), ["src/a/b.rs > src/a.rs"]);
    }

    #[test]
    fn a_glob_brings_what_is_spoken_of() {
        let files = [
            ("src/a.rs", "pub struct A;\npub struct Other;"),
            ("src/b.rs", "use crate::a::*;\nfn f(_: A) {}"),
            ("src/c.rs", "use crate::a::*;\nfn f() {}"),
        ];
        assert_eq!(found(&files), ["src/b.rs > src/a.rs"]);
    }

    #[test]
    fn a_method_that_stands_in_another_file_is_a_use_of_that_file() {
        let files = [
            ("src/a.rs", "mod b;\npub struct A;\nimpl A { fn f(&self) { self.more() } }"),
            ("src/a/b.rs", "use super::A;\nimpl A { pub(super) fn more(&self) {} }"),
        ];
        assert_eq!(found(&files), ["src/a.rs > src/a/b.rs", "src/a/b.rs > src/a.rs"]);
    }
}
