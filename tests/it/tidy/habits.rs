//! Habits that a compiler does not check: file heads and sizes, names, the environment, embedded queries, loose ends.

use super::paths::{mentions, tokens};
use super::source::{Fault, Source};

/// Files over the limit, each with the reason why it holds one idea all the same.
const LONG: [(&str, &str); 0] = [];

const LINES: usize = 400;

/// The tables of the product, `infra/tables`.
const OUR_TABLES: [&str; 3] = ["TagData", "DNSData", "DNSChange"];

const VAGUE: [&str; 10] =
    ["util", "utils", "helper", "helpers", "common", "manager", "managers", "service", "services", "misc"];

/// Names that are vague as a part of others and exact when they stand alone, each with what they mean then.
const EXACT: [(&str, &str); 1] = [("service", "a service of Azure that the program calls")];

/// The first line of a file says its idea.
pub(super) fn head(source: &Source) -> Vec<Fault> {
    let first = source.text.lines().next().unwrap_or_default();
    if source.path.ends_with(".rs") && !first.starts_with("//! ") {
        return vec![source.fault(1, "begin the file with `//! ` and its one idea in a sentence")];
    }
    Vec::new()
}

/// A file past the limit holds a second idea, or a reason stands in the list above.
pub(super) fn size(source: &Source) -> Vec<Fault> {
    let lines = source.text.lines().count();
    let excused = LONG.iter().any(|(path, reason)| *path == source.path && !reason.is_empty());
    if source.path.ends_with(".rs") && lines > LINES && !excused {
        let words = format!("{lines} lines, more than {LINES}: split the file by its second idea");
        return vec![source.fault(lines, words)];
    }
    Vec::new()
}

/// Names that say nothing, in paths and in the names of modules and types; `mod.rs` likewise.
pub(super) fn names(source: &Source) -> Vec<Fault> {
    if !source.path.ends_with(".rs") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let stem = source.path.trim_end_matches(".rs");
    if stem.ends_with("/mod") {
        faults.push(source.fault(1, "use `foo.rs` beside `foo/` instead of `foo/mod.rs`"));
    }
    for part in stem.split('/') {
        if let Some(word) = vague(part) {
            faults.push(
                source.fault(1, format!("`{word}` in a file name says nothing: name what the file holds")),
            );
        }
    }
    for pair in tokens(&source.code).windows(2) {
        let defines = ["mod", "struct", "enum", "trait", "type", "union"].contains(&pair[0].text.as_str());
        if let Some(word) = vague(&pair[1].text).filter(|_| defines) {
            let words = format!("`{}`: `{word}` says nothing, name what it holds or does", pair[1].text);
            faults.push(source.fault(pair[1].line, words));
        }
    }
    faults
}

fn vague(name: &str) -> Option<&'static str> {
    if EXACT.iter().any(|(exact, meaning)| name.eq_ignore_ascii_case(exact) && !meaning.is_empty()) {
        return None;
    }
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c.is_uppercase() || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    VAGUE.into_iter().find(|vague| words.iter().any(|word| word == vague))
}

/// Only `config` reads the environment; everything below it takes built values.
pub(super) fn environment(source: &Source) -> Vec<Fault> {
    let ours = source.path.starts_with("src/") && source.path.ends_with(".rs");
    if !ours || source.is_rust_of("src/config") {
        return Vec::new();
    }
    let readers = ["var", "var_os", "vars", "vars_os"];
    let reads = mentions(source).into_iter().filter(|mention| {
        mention.path.windows(2).any(|pair| pair[0] == "env" && readers.contains(&pair[1].as_str()))
    });
    let mut lines: Vec<_> = reads.map(|mention| mention.line).collect();
    // clap's `#[arg(env = "…")]` reads it as well.
    lines.extend(
        tokens(&source.code)
            .windows(3)
            .filter(|three| {
                matches!(three[0].text.as_str(), "(" | ",") && three[1].text == "env" && three[2].text == "="
            })
            .map(|three| three[1].line),
    );
    lines
        .into_iter()
        .map(|line| source.fault(line, "only `src/config` reads the environment: take a built value instead"))
        .collect()
}

/// `anyhow` ends at the command line; everywhere else an error has one of its three homes.
pub(super) fn error_homes(source: &Source) -> Vec<Fault> {
    let ours = source.path.starts_with("src/") && source.path.ends_with(".rs");
    if !ours || source.path == "src/main.rs" || source.is_rust_of("src/cli") {
        return Vec::new();
    }
    mentions(source)
        .iter()
        .filter(|mention| mention.is_below("anyhow"))
        .map(|mention| {
            source.fault(mention.line, "`anyhow` is for `cli` alone: use this module's own error type")
        })
        .collect()
}

/// The stand-in is a reading of the wire of its own, and so is the scenery around it; the engine knows neither.
pub(super) fn independence(source: &Source) -> Vec<Fault> {
    let allowed: &[&str] = match source.path.as_str() {
        "crates/standin/Cargo.toml" => &["standin", "kql"],
        "crates/kql/Cargo.toml" => &["kql"],
        "crates/local/Cargo.toml" => &["local", "standin", "kql"],
        "crates/pure/Cargo.toml" => &["pure"],
        "crates/xtask/Cargo.toml" => &["xtask"],
        _ => return Vec::new(),
    };
    let ours = ["heartbeat-dns", "kql", "local", "pure", "standin", "xtask"];
    let named = |line: &str| {
        let name: String = line.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
        ours.into_iter().find(|crate_name| *crate_name == name && !allowed.contains(crate_name))
    };
    source
        .text
        .lines()
        .enumerate()
        .filter_map(|(number, line)| Some((number + 1, named(line)?)))
        .map(|(line, name)| {
            let words = format!("must not depend on `{name}`: two readings of the wire share no type");
            source.fault(line, words)
        })
        .collect()
}

/// The engine answers queries over anybody's tables: those of the product are declared where they are needed.
pub(super) fn tables_of_ours(source: &Source) -> Vec<Fault> {
    if !source.path.starts_with("crates/kql/src/") {
        return Vec::new();
    }
    let names = |line: &str| OUR_TABLES.into_iter().find(|table| line.contains(table));
    let lines = source.text.lines().enumerate().filter_map(|(number, line)| Some((number + 1, names(line)?)));
    lines
        .map(|(line, table)| {
            source.fault(line, format!("`{table}` is the product's: the engine knows nothing of us"))
        })
        .collect()
}

/// Loose ends: work put off in a comment, and tests that are switched off.
pub(super) fn loose_ends(source: &Source) -> Vec<Fault> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[", "ignore"), concat!("X", "XX")];
    let mut faults = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        for mark in marks.iter().filter(|mark| has_word(line, mark)) {
            faults
                .push(source.fault(number + 1, format!("`{mark}`: do it now or write it down as an issue")));
        }
    }
    faults
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(|c| c.is_alphanumeric() || c == '_')
    })
}

/// A path of the machine on which the repository lies.
pub(super) fn machine_paths(source: &Source, top: &str) -> Vec<Fault> {
    let lines = source.text.lines().enumerate().filter(|(_, line)| line.contains(top));
    lines
        .map(|(number, _)| {
            source.fault(number + 1, "a path of this machine: write it from the top of the repository")
        })
        .collect()
}

/// Queries of `infra/kql` are embedded once, in `src/queries`, and copied nowhere.
pub(super) fn queries(sources: &[Source]) -> Vec<Fault> {
    let is_home = |source: &&Source| source.path.starts_with("infra/kql/") && source.path.ends_with(".kql");
    let mut faults = Vec::new();
    for query in sources.iter().filter(is_home) {
        let file = format!("{}\"", query.path);
        let (home, elsewhere): (Vec<_>, Vec<_>) = sources
            .iter()
            .flat_map(|source| embeddings(source, &file).into_iter().map(move |line| (source, line)))
            .partition(|(source, _)| source.is_rust_of("src/queries"));
        let wrong = home.into_iter().skip(1).chain(elsewhere);
        faults.extend(wrong.map(|(source, line)| {
            source
                .fault(line, format!("{} is embedded once, in `src/queries`: take it from there", query.path))
        }));
        let copies = sources.iter().filter(|other| other.path != query.path && other.text == query.text);
        faults.extend(copies.map(|copy| copy.fault(1, format!("a copy of {}: read that file", query.path))));
    }
    faults
}

/// Lines on which a file is embedded.
fn embeddings(source: &Source, file: &str) -> Vec<usize> {
    let lines = source.text.lines().zip(source.code.lines()).enumerate();
    lines
        .filter(|(_, (text, code))| code.contains("include_str!") && text.contains(file))
        .map(|(number, _)| number + 1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(rule: fn(&Source) -> Vec<Fault>, path: &str, text: &str) -> usize {
        rule(&Source::new(path, text)).len()
    }

    #[test]
    fn a_file_without_its_idea_is_a_fault() {
        assert_eq!(count(head, "src/a.rs", "use std::fmt;\n"), 1);
        assert_eq!(count(head, "src/a.rs", "//! One idea.\n"), 0);
    }

    #[test]
    fn a_file_past_the_limit_is_a_fault() {
        assert_eq!(count(size, "src/a.rs", &"\n".repeat(LINES + 1)), 1);
        assert_eq!(count(size, "src/a.rs", &"\n".repeat(LINES)), 0);
        assert_eq!(count(size, "README.md", &"\n".repeat(LINES + 1)), 0);
    }

    #[test]
    fn names_that_say_nothing_are_faults() {
        assert_eq!(count(names, concat!("src/ut", "ils.rs"), ""), 1);
        assert_eq!(count(names, "src/azure/mod.rs", ""), 1);
        assert_eq!(count(names, "src/a.rs", concat!("struct ZoneMan", "ager;")), 1);
        assert_eq!(count(names, "src/a.rs", concat!("mod comm", "on;")), 1);
        assert_eq!(count(names, "src/azure/zone.rs", "struct Commonwealth; fn f() {}"), 0);
    }

    #[test]
    fn the_environment_is_read_in_config_only() {
        for text in [
            "fn f() { std::env::var(\"X\") }",
            "use std::env; fn f() { env::var_os(\"X\") }",
            "use std::{env::{vars}, fs};",
            "#[arg(long, env = \"X\")] x: u8",
        ] {
            assert!(count(environment, "src/cli/plan.rs", text) > 0, "{text}");
            assert_eq!(count(environment, "src/config/read.rs", text), 0, "{text}");
        }
        assert_eq!(count(environment, "src/main.rs", "fn f() { std::env::args() }"), 0);
    }

    #[test]
    fn anyhow_ends_at_the_command_line() {
        assert_eq!(count(error_homes, "src/azure/dns.rs", "fn f() -> anyhow::Result<()> { Ok(()) }"), 1);
        assert_eq!(count(error_homes, "src/cli/plan.rs", "use anyhow::Result;"), 0);
    }

    #[test]
    fn the_standin_depends_on_the_engine_only() {
        let path = "crates/standin/Cargo.toml";
        assert_eq!(count(independence, path, "[dependencies]\nheartbeat-dns = { path = \"../..\" }\n"), 1);
        assert_eq!(count(independence, path, "[dependencies]\nkql.workspace = true\n"), 0);
        assert_eq!(count(independence, "crates/kql/Cargo.toml", "standin.workspace = true\n"), 1);
        let path = "crates/local/Cargo.toml";
        assert_eq!(count(independence, path, "standin.workspace = true\n"), 0);
        assert_eq!(count(independence, path, "pure.workspace = true\nheartbeat-dns = \"1\"\n"), 2);
    }

    #[test]
    fn a_table_of_ours_in_the_engine_is_a_fault() {
        let text = "const TABLES: [&str; 1] = [\"TagData_CL\"];\n";
        assert_eq!(count(tables_of_ours, "crates/kql/src/builtin.rs", text), 1);
        assert_eq!(count(tables_of_ours, "crates/standin/src/ingestion/rule.rs", text), 0);
    }

    #[test]
    fn loose_ends_are_faults_and_longer_words_are_none() {
        assert_eq!(count(loose_ends, "a.py", concat!("# TO", "DO: later")), 1);
        assert_eq!(count(loose_ends, "src/a.rs", concat!("#[", "ignore]")), 1);
        assert_eq!(count(loose_ends, "src/a.rs", concat!("#[", "ignore = \"slow\"]")), 1);
        assert_eq!(count(loose_ends, "src/a.rs", concat!("const TO", "DOS: u8 = 1;")), 0);
    }

    #[test]
    fn a_path_of_this_machine_is_a_fault() {
        let source = Source::new("README.md", "see\n/home/someone/checkout/src\n");
        assert_eq!(machine_paths(&source, "/home/someone/").len(), 1);
        assert_eq!(machine_paths(&source, "/home/nobody/").len(), 0);
    }

    #[test]
    fn a_query_embedded_twice_elsewhere_or_copied_is_a_fault() {
        let embed = "const A: &str = include_str!(\"../infra/kql/a.kql\");\n";
        let query = || Source::new("infra/kql/a.kql", "Heartbeat");
        let home = || Source::new("src/queries.rs", embed);
        assert_eq!(queries(&[query(), home()]), []);
        assert_eq!(queries(&[query(), Source::new("src/queries.rs", &embed.repeat(2))]).len(), 1);
        assert_eq!(queries(&[query(), home(), Source::new("src/cli/local.rs", embed)]).len(), 1);
        assert_eq!(queries(&[query(), home(), Source::new("tests/it/a.kql", "Heartbeat")]).len(), 1);
    }
}
