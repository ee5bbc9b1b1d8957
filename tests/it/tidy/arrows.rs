//! Who may import whom: the map of modules as a table, and what the pure ones must never mention.

use super::paths::{Mention, mentions, tokens};
use super::source::{Fault, Source};

/// A module and the paths of our own crate, besides itself, that it may mention.
const ARROWS: [(&str, &[&str]); 25] = [
    ("bounded", &[]),
    ("clock", &["bounded"]),
    ("queries", &[]),
    ("azure", &["bounded", "clock", "queries", "config"]),
    ("config", &["bounded", "clock"]),
    ("telemetry", &["clock"]),
    ("listen", &[]),
    ("terminated", &[]),
    ("name_servers", &[]),
    ("notify", &["clock", "azure", "config"]),
    ("vanished", &["queries", "azure", "config"]),
    ("rights", &["clock", "azure", "config"]),
    ("views", &["clock", "azure"]),
    ("collect", &["clock", "queries", "azure", "config", "vanished"]),
    ("doctor", &["clock", "queries", "azure", "config", "name_servers", "rights", "views"]),
    ("run", &["clock", "queries", "azure", "config", "name_servers", "vanished", "rights", "views"]),
    ("round", &["clock", "queries", "azure", "config", "rights", "collect", "run"]),
    ("metrics", &["azure", "config", "collect", "run", "round"]),
    ("tell", &["config", "run", "telemetry", "round", "notify"]),
    ("app", &["clock", "config", "run", "tell"]),
    ("door", &["clock", "azure", "config"]),
    ("handler", &["clock", "config", "doctor", "door", "run", "telemetry", "listen", "round", "tell", "app"]),
    ("serve", &["config", "telemetry", "terminated", "app", "handler"]),
    ("deployed", &["config", "app", "serve"]),
    (
        "cli",
        &[
            "bounded",
            "clock",
            "queries",
            "azure",
            "config",
            "collect",
            "doctor",
            "run",
            "telemetry",
            "listen",
            "round",
            "metrics",
            "tell",
            "app",
            "serve",
            "terminated",
        ],
    ),
];

/// What is pure outside the crate `pure`, whose own manifest and `clippy.toml` say it there.
const PURE: [&str; 1] = ["queries"];

/// Paths that do input, output, time or chance.
const IMPURE_PATHS: [&str; 15] = [
    "tokio",
    "reqwest",
    "azure_core",
    "azure_identity",
    "tracing",
    "std::env",
    "std::fs",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "rand",
    "getrandom",
];

/// Types that read a clock however they were imported, and calls that do.
const IMPURE_WORDS: [&str; 5] = ["SystemTime", "Instant", "RandomState", "new_v4", "OsRng"];

/// Imports against the arrows, modules without a place in the table, and re-exports at the top of the crate.
pub(super) fn arrows(source: &Source) -> Vec<Fault> {
    let Some(inside) = source.path.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs")) else {
        return Vec::new();
    };
    let module = inside.split('/').next().unwrap_or(inside);
    if module == "lib" {
        return reexports(source);
    }
    if module == "main" {
        return Vec::new();
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
        let words = format!("module `{module}` has no place among the arrows: give it one in {}", file!());
        return vec![source.fault(1, words)];
    };
    mentions(source)
        .iter()
        .filter(|mention| mention.path[0] == "crate" && is_module_of_ours(mention))
        .filter(|mention| mention.path[1] != module)
        .filter(|mention| !allowed.iter().any(|path| mention.is_below(&format!("crate::{path}"))))
        .map(|mention| {
            let may = if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") };
            let words = format!(
                "`{module}` must not import `{}`: it may import {may} (ARCHITECTURE, \"Arrows\"); move what both need to the left",
                mention.path.join("::"),
            );
            source.fault(mention.line, words)
        })
        .collect()
}

fn is_module_of_ours(mention: &Mention) -> bool {
    mention.path.get(1).is_some_and(|name| ARROWS.iter().any(|(module, _)| module == name))
}

fn reexports(source: &Source) -> Vec<Fault> {
    let tokens = tokens(&source.code);
    tokens
        .windows(2)
        .filter(|pair| pair[0].text == "pub" && pair[1].text == "use")
        .map(|pair| {
            source.fault(
                pair[0].line,
                "a re-export at the top of the crate hides an arrow: name the module instead",
            )
        })
        .collect()
}

/// What the pure modules mention outside their tests that does input, output, time or chance.
pub(super) fn purity(source: &Source) -> Vec<Fault> {
    let Some(module) = PURE.into_iter().find(|module| source.is_rust_of(&format!("src/{module}"))) else {
        return Vec::new();
    };
    let mut faults: Vec<_> = mentions(source)
        .iter()
        .filter(|mention| !mention.in_test)
        .filter(|mention| {
            let calls_now = mention.path.len() > 1 && mention.path.last().is_some_and(|name| name == "now");
            let word = mention.path.iter().any(|name| IMPURE_WORDS.contains(&name.as_str()));
            calls_now || word || IMPURE_PATHS.iter().any(|path| mention.is_below(path))
        })
        .map(|mention| {
            let words = format!(
                "`{module}` is pure and must not mention `{}`: pass the value in as an argument",
                mention.path.join("::"),
            );
            source.fault(mention.line, words)
        })
        .collect();
    faults.dedup();
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(rule: fn(&Source) -> Vec<Fault>, path: &str, text: &str) -> Vec<String> {
        rule(&Source::new(path, text)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_backward_arrow_is_named_with_its_line() {
        let found = words(
            arrows,
            "src/queries/history.rs",
            "//! x\nuse crate::{\n    queries::quoted,\n    azure::Error,\n};\n",
        );
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("src/queries/history.rs:4: `queries` must not import `crate::azure::Error`"),
            "{found:?}"
        );
    }

    #[test]
    fn a_qualified_path_and_a_super_path_are_arrows_too() {
        assert_eq!(words(arrows, "src/config/run.rs", "fn f() { crate::azure::connect() }").len(), 1);
        assert_eq!(words(arrows, "src/config/run.rs", "use super::super::azure::Azure;").len(), 1);
        assert_eq!(words(arrows, "src/azure/dns.rs", "use crate::run::run;").len(), 1);
    }

    #[test]
    fn forward_arrows_and_own_parts_pass() {
        assert!(
            words(arrows, "src/azure/dns.rs", "use crate::config::Connect; use crate::azure::error::Error;")
                .is_empty()
        );
        assert!(words(arrows, "src/serve.rs", "use crate::handler::serve;").is_empty());
    }

    #[test]
    fn a_module_without_a_place_and_a_reexport_are_faults() {
        assert_eq!(words(arrows, "src/weather.rs", "//! x\n").len(), 1);
        assert_eq!(words(arrows, "src/lib.rs", "pub mod azure;\npub use azure::Error;\n").len(), 1);
        assert!(words(arrows, "src/lib.rs", "pub mod azure;\n").is_empty());
    }

    #[test]
    fn clocks_chance_and_io_in_pure_modules_are_faults() {
        for text in [
            "use tokio::sync::Mutex;",
            "use std::{collections::BTreeMap, env, fs};",
            "fn f() { jiff::Timestamp::now() }",
            "use jiff::Timestamp; fn f() { Timestamp::now() }",
            "use std::time::{Duration, SystemTime};",
            "use std::time::Instant;",
            "fn f() { tracing::info!(\"x\") }",
            "fn f() { azure_core::Uuid::new_v4() }",
            "fn f() { rand::random() }",
        ] {
            assert!(!words(purity, "src/queries.rs", text).is_empty(), "{text}");
            assert!(!words(purity, "src/queries/rows.rs", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn pure_code_tests_and_other_modules_pass() {
        assert!(
            words(purity, "src/queries.rs", "use std::time::Duration; fn f(now: jiff::Timestamp) {}")
                .is_empty()
        );
        assert!(words(purity, "src/queries.rs", "#[cfg(test)]\nmod tests { use std::fs::read; }").is_empty());
        assert!(words(purity, "src/collect.rs", "use tokio::sync::Mutex;").is_empty());
    }
}
