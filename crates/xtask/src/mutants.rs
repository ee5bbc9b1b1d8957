//! Changes that no test notices: cargo-mutants over the core, and on demand over what talks to the world.
//!
//! What survives stands in `crates/xtask/mutants.txt` with a reason each; anything else that survives is a fault.

mod outcome;
mod survivors;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use sha2::{Digest, Sha256};

use crate::shell::{self, Ended};
use outcome::Outcome;
use survivors::{Mutant, Survivors};

/// Where the reasons stand.
const LIST: &str = "crates/xtask/mutants.txt";
/// What `--run` changes unless it is told: the run, the sweep, the settings, the pipeline.
const RUN: [&str; 7] = [
    "src/run.rs",
    "src/run/**/*.rs",
    "src/collect.rs",
    "src/collect/**/*.rs",
    "src/config.rs",
    "src/config/**/*.rs",
    "src/azure/pipeline*",
];
/// The product's tests that look at its behaviour; the others read the tree, or play a night that takes its time.
const TESTS_OF_RUN: &str = "--lib --test it -- --skip tidy:: --skip infra:: --skip readme:: --skip local::";
/// So much of continuous integration's time is spent at most.
const MOST: Duration = Duration::from_secs(10 * 60);
/// So many commits count as the newest.
const COMMITS: usize = 20;
/// A property is tried with so many cases: a mutant that only more of them find is looked at again by hand.
const CASES: (&str, &str) = ("PROPTEST_CASES", "32");

/// What to change.
#[derive(Args)]
pub(crate) struct Options {
    /// Change what talks to the world (the run, the sweep, the settings, the pipeline) instead of the core; each mutant
    /// builds the program and runs its tests
    #[arg(long)]
    run: bool,
    /// Other files for --run
    #[arg(value_name = "GLOB", requires = "run")]
    files: Vec<String>,
    /// Change only lines of the core that the newest 20 commits brought, or those since the commit MUTANTS_SINCE; stops
    /// after ten minutes and says how many were not reached
    #[arg(long, conflicts_with_all = ["run", "shard"])]
    since: bool,
    /// Only the K-th of N parts, counted from 0
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Leave out what earlier runs caught, although sources or tests have changed since
    #[arg(long)]
    iterate: bool,
    /// So many at once
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
}

impl Options {
    /// Continuous integration's part.
    pub(crate) fn newest() -> Self {
        Self { run: false, files: Vec::new(), since: true, shard: None, iterate: false, jobs: 1 }
    }
}

/// What one call of cargo-mutants is about.
struct Part {
    /// `-p pure`, or files.
    scope: Vec<String>,
    /// Behind `--`: what is told to `cargo test`.
    tests: Vec<String>,
    /// Folder of its results.
    out: PathBuf,
    /// Folders whose files the results rest on.
    rests_on: &'static [&'static str],
}

/// Changes, tests and judges.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    if !shell::runs(root, "cargo mutants --version") {
        println!(
            "\nmutants: left out, cargo-mutants is not installed (cargo install --locked cargo-mutants)"
        );
        return Ok(());
    }
    let mut part = Part::of(options);
    let mutants =
        Mutant::all(&shell::output(root, &format!("cargo mutants --list --json {}", part.scope()))?)?;
    // A busy machine takes its time; what takes a minute where a second was enough goes on for ever.
    let mut more = vec![format!("--jobs {} --minimum-test-timeout 60", options.jobs)];
    if options.since {
        let Some(diff) = diff(root)? else { return Ok(()) };
        part.out.push("since");
        // Results of another time are not this one's.
        let _ = std::fs::remove_dir_all(root.join(&part.out));
        let file = write(root, &part.out, "since.diff", &diff)?;
        // Whatever is not reached this time shall not be the same every time.
        more.push(format!("--in-diff {file} --shuffle"));
    }
    if let Some(shard) = &options.shard {
        part.out.push(shard.replace('/', "-of-"));
        more.push(format!("--shard {shard}"));
    }
    // Names of mutants carry lines: what was caught before is only known again in the same sources.
    let stamp = stamp(root, part.rests_on)?;
    let stamp_file = root.join(&part.out).join("sources.sha256");
    let is_same = std::fs::read_to_string(&stamp_file).is_ok_and(|before| before == stamp);
    if !options.since && (options.iterate || is_same) {
        more.push("--iterate".to_owned());
    }
    write(root, &part.out, "sources.sha256", &stamp)?;

    let tests = if part.tests.is_empty() { String::new() } else { format!(" -- {}", part.tests.join(" ")) };
    let line =
        format!("cargo mutants {} --output {} {}{tests}", part.scope(), part.out.display(), more.join(" "));
    let cases = std::env::var(CASES.0).unwrap_or_else(|_| CASES.1.to_owned());
    let ended = shell::run_for(root, &line, &[(CASES.0, &cases)], options.since.then_some(MOST))?;
    if let Ended::Code(code) = ended
        && ![0, 2, 3].contains(&code)
    {
        bail!("cargo mutants ended with {code}: see {}/mutants.out", part.out.display());
    }
    let outcome = Outcome::read(&root.join(&part.out).join("mutants.out"))?;
    println!("  {outcome}");
    if ended == Ended::Stopped {
        println!(
            "  stopped after {} minutes: {} were not reached",
            MOST.as_secs() / 60,
            outcome.not_reached.len()
        );
    }
    let list = std::fs::read_to_string(root.join(LIST)).with_context(|| format!("cannot read {LIST}"))?;
    let mut faults = Survivors::parse(&list)?.faults(&mutants, &outcome);
    faults.extend(
        outcome
            .survived
            .iter()
            .filter(|name| !mutants.contains_key(*name))
            .map(|name| format!("survives, and is not among all mutants: {name}")),
    );
    if !faults.is_empty() {
        bail!(
            "{} faults; what may survive stands in {LIST} with its reason:\n{}",
            faults.len(),
            faults.join("\n")
        );
    }
    Ok(())
}

impl Part {
    fn of(options: &Options) -> Self {
        let out = PathBuf::from("target/mutants");
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        if !options.run {
            let rests_on = &["crates/pure"];
            return Self {
                scope: words("--package pure"),
                tests: Vec::new(),
                out: out.join("core"),
                rests_on,
            };
        }
        let files: Vec<String> =
            if options.files.is_empty() { RUN.map(str::to_owned).to_vec() } else { options.files.clone() };
        Self {
            scope: files.into_iter().flat_map(|file| ["--file".to_owned(), file]).collect(),
            tests: words(TESTS_OF_RUN),
            out: out.join("run"),
            rests_on: &["src", "tests/it", "crates/pure/src", "crates/standin/src", "infra/kql"],
        }
    }

    fn scope(&self) -> String {
        self.scope.join(" ")
    }
}

/// What has changed, as it is now; none, with a line that says why, when nothing can be compared.
fn diff(root: &Path) -> Result<Option<String>> {
    if !shell::runs(root, "git rev-parse --git-dir") {
        println!("\nmutants: left out, this is no git checkout");
        return Ok(None);
    }
    let since = match std::env::var("MUTANTS_SINCE").ok().filter(|since| !since.trim().is_empty()) {
        Some(since) => since.trim().to_owned(),
        None => {
            let newest = shell::output(root, &format!("git rev-list --max-count={} HEAD", COMMITS + 1))?;
            match newest.lines().skip(1).last() {
                Some(oldest) => oldest.to_owned(),
                None => {
                    println!("\nmutants: left out, the history holds one commit");
                    return Ok(None);
                }
            }
        }
    };
    // Against the files as they lie here, for those are what is changed and tested; a file that was only moved has not
    // changed.
    let diff = shell::output(root, &format!("git diff --find-renames=40% {since}"))?;
    if !diff.lines().any(|line| line.starts_with("+++ b/crates/pure/src/")) {
        println!("  no line of the core has changed since {since}");
        return Ok(None);
    }
    Ok(Some(diff))
}

/// Writes a file of a part's folder; its path from the top of the repository.
fn write(root: &Path, folder: &Path, name: &str, text: &str) -> Result<String> {
    let file = folder.join(name);
    let failed = || format!("cannot write {}", file.display());
    std::fs::create_dir_all(root.join(folder)).with_context(failed)?;
    std::fs::write(root.join(&file), text).with_context(failed)?;
    Ok(file.display().to_string())
}

/// The checksum of all files below some folders.
fn stamp(root: &Path, folders: &[&str]) -> Result<String> {
    let mut digest = Sha256::new();
    for folder in folders {
        add(&mut digest, &root.join(folder))?;
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn add(digest: &mut Sha256, path: &Path) -> Result<()> {
    let failed = || format!("cannot read {}", path.display());
    if path.is_file() {
        digest.update(path.to_string_lossy().as_bytes());
        digest.update(std::fs::read(path).with_context(failed)?);
        return Ok(());
    }
    let entries = std::fs::read_dir(path).with_context(failed)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>().with_context(failed)?;
    paths.sort();
    paths.iter().try_for_each(|path| add(digest, path))
}
