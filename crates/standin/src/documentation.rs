//! The README tells what the page of the library tells of the stand-in's own surface, and names all members of a world.

use std::collections::BTreeSet;

const README: &str = include_str!("../README.md");

/// The first cells of rows that name a call below `/standin`.
fn calls<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    lines.filter(|line| line.contains(" /standin/")).filter_map(|line| line.split('|').nth(1)).collect()
}

#[test]
fn the_readme_has_every_call_of_the_own_surface() {
    let page = include_str!("lib.rs").lines().filter_map(|line| line.strip_prefix("//! "));
    let expected = calls(page.filter(|line| line.starts_with('|')));
    assert!(expected.len() > 5, "{expected:?}");
    assert_eq!(calls(README.lines().filter(|line| line.starts_with("| `"))), expected);
}

#[test]
fn the_readme_has_every_member_of_a_world() {
    let (_, after) = README.split_once("The world is one JSON object with ").unwrap();
    let (told, _) = after.split_once(". ").unwrap();
    let told: BTreeSet<String> = told.split('`').skip(1).step_by(2).map(str::to_lowercase).collect();
    let form = include_str!("world/form.rs");
    let (_, reading) = form.split_once("match name.to_ascii_lowercase().as_str() {").unwrap();
    let arms = reading.lines().filter_map(|line| line.strip_prefix("        \"")?.split_once("\" => "));
    assert_eq!(told, arms.map(|(name, _)| name.to_owned()).collect());
}
