//! A command of ours that a person is to run is said as one, never as words: only then whoever shows it adds the options of his
//! call, and breaks it where a shell reads on.

use super::source::{Fault, Source};

/// What makes commands out of their parts, and the zip's program, which has no options of a call.
const MAKERS: [&str; 3] = ["src/cli/phrase.rs", "src/cli/screen.rs", "src/deployed.rs"];

/// The verbs of the command line.
const VERBS: [&str; 20] = [
    "adopt",
    "apply",
    "approve",
    "check",
    "collect",
    "completions",
    "doctor",
    "explain",
    "help",
    "history",
    "hold",
    "man",
    "plan",
    "policy",
    "query",
    "release",
    "rollback",
    "serve",
    "unhold",
    "watch",
];

/// A text with a command in it. The help of a verb, which is a `const`, shows its commands as they are typed without options;
/// tests come last in a file, or have one of their own.
pub(super) fn spoken(source: &Source) -> Vec<Fault> {
    let is_of_the_product = source.is_rust_of("src") || source.is_rust_of("crates/pure/src");
    let is_test = source.path.ends_with("/tests.rs") || source.path.contains("/tests/");
    if !is_of_the_product || is_test || MAKERS.contains(&source.path.as_str()) {
        return Vec::new();
    }
    let tests = source
        .code
        .find("#[cfg(test)]\nmod tests {")
        .map_or(usize::MAX, |begin| source.code[..begin].matches('\n').count());
    let literals = source.literals();
    let told = literals.iter().filter(|literal| {
        literal.line <= tests && !literal.before.contains("const ") && holds_a_command(&literal.text)
    });
    let words = "say the command as one (`Speech::command`, `Phrase::run`): as words it lacks --env and is broken anywhere";
    told.map(|literal| source.fault(literal.line, words)).collect()
}

fn holds_a_command(text: &str) -> bool {
    text.split("heartbeat-dns ").skip(1).any(|behind| {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '-';
        let word = behind.split(|letter: char| !is_part(letter)).next().unwrap_or_default();
        behind.starts_with('{') || VERBS.contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, code: &str) -> Vec<usize> {
        spoken(&Source::new(path, code)).into_iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn a_command_among_words_is_a_fault() {
        let code = "//! A.\nfn a() {\n    b(\"run heartbeat-dns collect.\");\n    c(\"heartbeat-dns \\\n       plan {name}\")\n}\n";
        assert_eq!(faults("src/a.rs", code), [3, 4]);
        assert_eq!(faults("crates/pure/src/a.rs", code), [3, 4]);
        assert_eq!(faults("src/a.rs", "//! A.\nfn a() { b(r#\"heartbeat-dns {verb}\"#) }"), [2]);
    }

    #[test]
    fn words_help_and_tests_are_none() {
        for code in [
            "//! A `heartbeat-dns plan`.\n// heartbeat-dns plan\nfn a() { b(\"heartbeat-dns wrote it; heartbeat-dns local\") }",
            "//! A.\nconst EXAMPLES: &str = \"\\\n  heartbeat-dns plan\";",
            "//! A.\n#[cfg(test)]\nmod tests {\n    fn a() { b(\"heartbeat-dns plan\") }\n}",
        ] {
            assert_eq!(faults("src/a.rs", code), [0; 0], "{code}");
        }
        let code = "//! A.\nfn a() { b(\"heartbeat-dns plan\") }";
        for path in ["src/a/tests.rs", "tests/it/a.rs", "crates/local/src/a.rs", "src/cli/phrase.rs"] {
            assert_eq!(faults(path, code), [0; 0], "{path}");
        }
    }
}
