//! Commands of other programs: printed before they run, timed after.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The top of the repository: two levels above this crate.
pub(crate) fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).context("the crate does not stand in crates/xtask")?;
    Ok(root.to_path_buf())
}

/// Runs a command line, words parted by blanks, and fails when it fails.
pub(crate) fn run(root: &Path, line: &str, environment: &[(&str, &str)]) -> Result<()> {
    let prefix: String = environment.iter().map(|(name, value)| format!("{name}={value:?} ")).collect();
    println!("\n$ {prefix}{line}");
    let begin = Instant::now();
    let status = command(root, line)?
        .envs(environment.iter().copied())
        .status()
        .context(format!("starting {line}"))?;
    println!("  {:.1} s", begin.elapsed().as_secs_f64());
    if !status.success() {
        bail!("{line}: {status}");
    }
    Ok(())
}

/// Runs a command line and hands back what it printed.
pub(crate) fn output(root: &Path, line: &str) -> Result<String> {
    println!("\n$ {line}");
    let output =
        command(root, line)?.stderr(Stdio::inherit()).output().context(format!("starting {line}"))?;
    if !output.status.success() {
        bail!("{line}: {}", output.status);
    }
    String::from_utf8(output.stdout).context(format!("reading what {line} printed"))
}

/// Whether a command line can be run at all, without showing anything.
pub(crate) fn runs(root: &Path, line: &str) -> bool {
    command(root, line)
        .and_then(|mut command| Ok(command.stdout(Stdio::null()).stderr(Stdio::null()).status()?))
        .is_ok_and(|status| status.success())
}

fn command(root: &Path, line: &str) -> Result<Command> {
    let mut words = line.split_whitespace();
    let program = words.next().context("an empty command line")?;
    let mut command = Command::new(program);
    command.args(words).current_dir(root);
    Ok(command)
}
