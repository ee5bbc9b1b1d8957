//! Commands of other programs: printed before they run, timed after.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

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

/// By its whole path, for whoever plays a program of that name.
pub(crate) const BASH: &str = "/bin/bash";

/// What a program printed, or its words when it failed.
pub(crate) fn printed(output: &Output, what: &str) -> Result<String> {
    if !output.status.success() {
        bail!("{what}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By itself, with this code.
    Code(i32),
    /// It was stopped when its time was over.
    Stopped,
}

/// Runs a command line until it ends, or for so long: then it is interrupted as by Ctrl-C, so that it ends its own
/// children.
pub(crate) fn run_for(
    root: &Path,
    line: &str,
    environment: &[(&str, &str)],
    most: Option<Duration>,
) -> Result<Ended> {
    println!("\n$ {line}");
    let begin = Instant::now();
    let failed = || format!("starting {line}");
    let mut child = command(root, line)?.envs(environment.iter().copied()).spawn().with_context(failed)?;
    let id = child.id();
    let (sender, ended) = channel();
    let waiting = std::thread::spawn(move || sender.send(child.wait()));
    let first = match most {
        Some(most) => ended.recv_timeout(most).ok(),
        None => ended.recv().ok(),
    };
    let is_over = first.is_none();
    let status = match first {
        Some(status) => status,
        None => {
            let signal =
                Command::new("kill").args(["-INT", &id.to_string()]).status().context("starting kill")?;
            ensure!(signal.success(), "cannot interrupt {line}");
            ended.recv().context("waiting for it")?
        }
    };
    let _ = waiting.join();
    println!("  {:.1} s", begin.elapsed().as_secs_f64());
    let status = status.with_context(|| format!("waiting for {line}"))?;
    Ok(match status.code() {
        _ if is_over => Ended::Stopped,
        Some(code) => Ended::Code(code),
        None => bail!("{line}: {status}"),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_is_interrupted() {
        let here = Path::new(".");
        assert_eq!(run_for(here, "true", &[], Some(Duration::from_secs(60))).unwrap(), Ended::Code(0));
        assert_eq!(run_for(here, "false", &[], None).unwrap(), Ended::Code(1));
        let most = Some(Duration::from_millis(50));
        assert_eq!(run_for(here, "sleep 60", &[], most).unwrap(), Ended::Stopped);
    }
}
