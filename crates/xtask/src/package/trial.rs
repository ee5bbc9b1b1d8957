//! A release is tried as Azure would run it: unpacked into an empty folder, under the Functions host of the local Azure.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use zip::ZipArchive;

use crate::shell;

/// Unpacks the zip and plays one night with what was in it; fails when DNS does not tell the truth at its end.
pub(super) fn run(root: &Path, zip: &Path) -> Result<()> {
    let folder = tempfile::tempdir().context("cannot make a folder for the trial")?;
    let file = File::open(zip).with_context(|| format!("cannot open {}", zip.display()))?;
    let mut archive = ZipArchive::new(file).with_context(|| format!("{} is no zip", zip.display()))?;
    archive.extract(folder.path()).context("cannot unpack the zip")?;
    shell::run(root, &format!("cargo run --quiet -- local --once --app {}", folder.path().display()), &[])
}
