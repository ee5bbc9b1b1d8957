//! Circles: files that need each other, directly or by way of others, so that none can be read before the other.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Edge, edges};
use super::source::Source;

/// The crates of the product, by the folder of their sources; Cargo forbids circles between crates.
const CRATES: [&str; 2] = ["src", "crates/pure/src"];

/// Parts of other crates that are free of circles in themselves: the folder of the crate's sources, and the part.
const PARTS: [(&str, &str); 1] = [("crates/standin/src", "crates/standin/src/arm")];

/// A circle: its files, and the uses among them.
struct Circle {
    files: BTreeSet<String>,
    edges: Vec<Edge>,
}

/// What is wrong, in words with every circle and its edges; none when no file stands in one.
pub(super) fn fault(sources: &[Source]) -> Option<String> {
    let whole = CRATES.into_iter().map(|folder| edges(sources, folder));
    let parts = PARTS.into_iter().map(|(folder, part)| {
        let mut all = edges(sources, folder);
        all.retain(|edge| edge.from.starts_with(part) && edge.to.starts_with(part));
        all
    });
    let circles = whole.chain(parts).flat_map(|edges| circles(&edges));
    let told: String = circles.map(|circle| circle.told()).collect();
    (!told.is_empty()).then(|| format!("put what both sides need into a leaf file\n{told}"))
}

impl Circle {
    fn told(&self) -> String {
        let mut text = format!("a circle of {} files:\n", self.files.len());
        for edge in &self.edges {
            text.push_str(&format!("  {}:{} needs {} ({})\n", edge.from, edge.line, edge.to, edge.what));
        }
        text
    }
}

/// Files that reach each other.
fn circles(edges: &[Edge]) -> Vec<Circle> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for edge in edges {
        next.entry(&edge.from).or_default().push(&edge.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|from| (*from, reachable(from, &next))).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (file, reach) in &reached {
        if !reach.contains(file) || seen.contains(file) {
            continue;
        }
        let files: BTreeSet<&str> = reach
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
            .copied()
            .collect();
        seen.extend(files.iter().copied());
        let inner = edges.iter().filter(|edge| files.contains(&*edge.from) && files.contains(&*edge.to));
        found.push(Circle {
            edges: inner.cloned().collect(),
            files: files.into_iter().map(str::to_owned).collect(),
        });
    }
    found
}

/// Every file that can be reached from one, itself only by a way back.
fn reachable<'a>(from: &str, next: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = next.get(from).into_iter().flatten().copied().collect();
    while let Some(file) = open.pop() {
        if found.insert(file) {
            open.extend(next.get(file).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)]) -> Option<String> {
        let sources: Vec<Source> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        let circles = circles(&edges(&sources, "src"));
        (!circles.is_empty()).then(|| circles.iter().map(Circle::told).collect())
    }

    #[test]
    fn a_circle_over_three_files_is_told_with_its_edges() {
        let files = [
            ("src/a.rs", "use crate::b::B;\npub struct A(B);"),
            ("src/b.rs", "pub struct B(crate::c::C);"),
            ("src/c.rs", "use crate::a::A;\npub struct C(A);"),
            ("src/d.rs", "use crate::a::A;\npub struct D(A);"),
        ];
        let words = told(&files).unwrap();
        assert!(words.starts_with("a circle of 3 files:\n"), "{words}");
        assert!(words.contains("  src/b.rs:1 needs src/c.rs (crate::c::C)\n"), "{words}");
        assert!(!words.contains("src/d.rs"), "{words}");
        assert_eq!(told(&files[1..]), None);
    }
}
