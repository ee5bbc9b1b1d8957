//! `heartbeat-dns policy check`: a policy file held against the fleet, or against machines out of files.

mod machines;
mod shown;

use std::path::PathBuf;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::{Format, to_stdout, write_json};
use super::progress::Spinner;
use super::screen::Screen;
use super::session;
use crate::config::{Fault, Faults, Offline, Variables};
use crate::run::Machines;
use shown::HeldPolicy;

const EXAMPLES: &str = "\
Each claim of FILE is shown with the machines and the names for which it decides, then every name that a machine claims \
and no line gives it, with why. A claim that decides for nobody is a dead line, marked with !, and it is said why; ? \
marks one of which that is not known. Nothing is written. POLICY_FILE and POLICY_NAMES do not count here.

FILE of --machines is an answer of `az graph query` with id, location and tags, or CSV with the columns id, name and \
tag, where tag holds the value of HOSTNAME_TAG. Then nothing is asked of Azure, and of the settings only DNS_ZONES or \
PRIVATE_ZONES must be there. Give it once for each page of the answer. CSV tells neither location nor tags, and management \
groups stand in a column groups of the answer: what a claim asks for and no file tells is `blind`.

Exit codes: 0, dead lines and refused names included; 2 when a file has faults.

Examples:
  heartbeat-dns policy check policy.toml
  heartbeat-dns policy check policy.toml --machines machines.json
  heartbeat-dns policy check policy.toml --machines machines.csv -o json";

/// What to do with which file.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// What to do with it
    #[arg(value_name = "check")]
    what: What,
    /// The policy file
    file: PathBuf,
    /// Machines out of a file instead of the fleet: JSON of `az graph query`, or CSV `id,name,tag`
    #[arg(long, value_name = "FILE")]
    machines: Vec<PathBuf>,
}

/// What can be done with a policy file.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum What {
    /// Hold it against machines
    Check,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let What::Check = options.what;
    let file = options.file.display().to_string();
    std::fs::metadata(&options.file).map_err(|fault| {
        Failure::usage(format!("cannot read {file}: {fault}")).hint("give the path of a policy file")
    })?;
    let own: Variables = [("POLICY_FILE", file.as_str())].into_iter().collect();
    let variables = own.or(variables.clone().without("POLICY_NAMES"));
    // It is read first, so that its faults are told without what else may be missing.
    let offline = Offline::read(&variables).map_err(|faults| faulty(&faults, &file))?;
    let machines = match options.machines.as_slice() {
        [] => fleet(&variables).await?,
        paths => machines::read(paths, &offline)?,
    };
    let held = HeldPolicy {
        file: &file,
        review: machines.review(&offline.policy),
        offline: &offline,
        machines: machines.len(),
        is_from_files: !options.machines.is_empty(),
    };
    to_stdout(|out| match global.output {
        Format::Text => held.text(&Screen::of_stdout(global.env_file.as_deref()), out),
        Format::Json => write_json(&held.json(), out),
        form @ (Format::Csv | Format::Markdown | Format::Arm) => {
            held.table().write(form, &Screen::of_stdout(global.env_file.as_deref()), out)
        }
    })?;
    Ok(Exit::Fine)
}

/// What is wrong on lines of the file that was given, apart from what is wrong with the settings.
fn faulty(faults: &Faults, file: &str) -> Failure {
    let (lines, settings): (Vec<_>, Vec<_>) =
        faults.0.iter().cloned().partition(|fault: &Fault| fault.line.is_some());
    if lines.is_empty() {
        return session::faulty(faults);
    }
    let told = lines.iter().map(|fault| format!("  {file} {}", fault.said()));
    let told: Vec<String> = told.chain(settings.iter().map(|fault| format!("  {fault}"))).collect();
    let hint = "correct these lines; docs/policy.md tells what a claim may say, and an editor that knows the JSON schema \
                named there shows it while you write";
    Failure::usage(format!("{file} has faults:\n{}", told.join("\n"))).hint(hint)
}

/// The machines as Resource Graph has them.
async fn fleet(variables: &Variables) -> Result<Machines, Failure> {
    // What is odd about the settings stands above the table.
    let installation = session::unwarned(variables)?;
    let azure = installation.clients.until(session::deadline(&installation))?;
    let progress = Spinner::start("reading the machines and their tags");
    let machines = Machines::read(&azure, &installation.settings.collect).await;
    drop(progress);
    machines.map_err(session::unreachable)
}
