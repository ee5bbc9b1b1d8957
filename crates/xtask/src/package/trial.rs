//! A release is tried: each program says its version, and the zip runs as Azure would run it, unpacked into an empty folder,
//! under the Functions host of the local Azure.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use zip::ZipArchive;

use super::platform::Platform;
use crate::shell::{self, Ended};

/// Starts a program once, under an emulator where it is for another kind of machine; it must say its version.
pub(super) fn start(root: &Path, platform: &Platform, program: &Path, version: &str) -> Result<()> {
    let Some(runner) = platform.runner() else {
        println!(
            "\n{}: not started, nothing here runs it (Debian: apt-get install qemu-user-static)",
            program.display()
        );
        return Ok(());
    };
    let said = shell::output(root, &format!("{runner}{} --version", program.display()))?;
    println!("  {}", said.trim());
    ensure!(
        said.split_whitespace().take(2).eq(["heartbeat-dns", version]),
        "{} does not say that it is {version}",
        program.display()
    );
    Ok(())
}

/// Asks the zip's program about a verb that only people call; it must say that it has none.
pub(super) fn serves_only(root: &Path, platform: &Platform, program: &Path) -> Result<()> {
    let Some(runner) = platform.runner() else { return Ok(()) };
    let line = format!("{runner}{} plan --help", program.display());
    let ended = shell::run_for(root, &line, &[], None)?;
    ensure!(ended == Ended::Code(2), "the zip's program has the verb `plan`: {ended:?}");
    Ok(())
}

/// Unpacks the zip and plays one night with what was in it; fails when DNS does not tell the truth at its end.
pub(super) fn run(root: &Path, zip: &Path) -> Result<()> {
    let folder = tempfile::tempdir().context("cannot make a folder for the trial")?;
    let file = File::open(zip).with_context(|| format!("cannot open {}", zip.display()))?;
    let mut archive = ZipArchive::new(file).with_context(|| format!("{} is no zip", zip.display()))?;
    archive.extract(folder.path()).context("cannot unpack the zip")?;
    shell::run(root, &format!("cargo run --quiet -- local --once --app {}", folder.path().display()), &[])
}
