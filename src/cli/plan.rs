//! `heartbeat-dns plan`: what would be written, what not, and why.

mod arm;

use super::clock::Clock;
use super::failure::{Exit, Failure};
use super::global::Global;
use super::one_side::OneSide;
use super::output::{Format, to_stderr, to_stdout};
use super::progress::Spinner;
use super::report::{Follow, View};
use super::screen::Screen;
use super::{report, session};
use crate::config::Variables;
use crate::run::{Planned, Request, Scene, Trouble};
use pure::domain::NameSet;
use pure::plan::report::{Report, RunResult, Trigger};
use pure::shown::{brief, one_line};

const EXAMPLES: &str = "\
A plan writes nothing, neither to DNS nor to the log. It starts from the tagged machines, so that one \
that was never heard is named as well.

Examples:
  heartbeat-dns plan
  heartbeat-dns plan nas.home.example.com -o json
  heartbeat-dns plan desk.office.example.com --zone private:office.example.com

With -o arm the changes of one zone are printed as a template, at most 800 of them, oldest first; several zones: name one with --zone.
A template carries no condition, so it is unguarded: what somebody else writes to these record sets between the plan and the \
deployment is overwritten, and no deletion is in it.
  heartbeat-dns plan -o arm --zone example.com > template.json
  az deployment group create --resource-group rg-dns --template-file template.json

A script that applies what may be applied; what a brake holds beside it is said, and is no failure:
  heartbeat-dns plan --exit-code || found=$?
  case ${found:-0} in
    3) heartbeat-dns apply --yes || [ $? -eq 4 ] ;;
    *) exit ${found:-0} ;;
  esac";

/// What to plan.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Only these names
    names: Vec<String>,
    /// Exit with 3 when there are changes to apply, with 4 when there are none and a brake holds something
    #[arg(long)]
    exit_code: bool,
    /// Show all, however many; without it the 50 that matter most
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    side: OneSide,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let installation = session::installation(variables)?;
    let zones = &installation.settings.policy.zones;
    let zone = options.side.zone(zones)?;
    // A template is of a zone, whatever names it holds.
    let is_of_a_zone = options.names.is_empty() && global.output == Format::Arm;
    let names = session::names(&options.names)?;
    let names = if is_of_a_zone { NameSet::default() } else { options.side.of(names, zones)? };
    let request = Request::of_names(Trigger::Cli, names, false);
    let mut planned = session::planned(&installation, request).await?;
    let progress = Spinner::start("asking which tagged machines were heard");
    // What the plan rests on is known; who else is silent is told when it can be.
    let unknown = planned.account_for_the_fleet().await.err();
    planned.look_at_private_zones().await;
    drop(progress);
    planned.guess_missing_zones();
    if let Some(trouble) = &unknown {
        planned.leave_uncounted(trouble.after("which other machines were heard is not known"));
    }
    let done = if global.output == Format::Arm {
        let printed = arm::print(&planned, zone)?;
        tell_troubles(&planned, None, global);
        if planned.is_troubled() { Exit::Failed } else { printed }
    } else {
        shown(&planned, options.all, global)?
    };
    if let Some(trouble) = &unknown {
        // Where nothing worse is to be told, it stands at the head.
        if global.output != Format::Text || planned.silence().is_some() {
            let words = format!("which other machines were heard is not known: {}", trouble.logged);
            to_stderr(format_args!("warning: {}", one_line(&words)));
        }
        return Ok(Exit::Failed);
    }
    let found = planned.report();
    Ok(match (done, found.result) {
        (Exit::Fine, RunResult::Planned) if options.exit_code => Exit::Pending,
        (Exit::Fine, RunResult::Held) if options.exit_code => Exit::Held,
        (done, _) => done,
    })
}

/// Shows a plan that is not to be written; what went wrong on the way to it is its exit code.
pub(super) fn shown(planned: &Planned<'_>, all: bool, global: &Global) -> Result<Exit, Failure> {
    let found = planned.report();
    print(&found, &planned.scene(), all, global)?;
    tell_troubles(planned, None, global);
    Ok(match found.result {
        _ if planned.is_troubled() => Exit::Failed,
        _ if !found.unclaimed.is_empty() => Exit::Usage,
        _ => Exit::Fine,
    })
}

/// Results go to standard output.
pub(super) fn print(found: &Report, scene: &Scene, all: bool, global: &Global) -> Result<(), Failure> {
    show(found, scene, all, global, Follow::Write)
}

/// The same with another end.
pub(super) fn show(
    found: &Report,
    scene: &Scene,
    all: bool,
    global: &Global,
    follow: Follow,
) -> Result<(), Failure> {
    let view = View {
        screen: Screen::of_stdout(global.env_file.as_deref()),
        clock: Clock::of(global.zone()),
        scene,
        all,
        follow,
    };
    Ok(to_stdout(|out| report::write(found, global.output, &view, out))?)
}

/// Reads that failed are words, not results. `before` is an earlier plan of the same command: what it told is not told again,
/// nor what stands at the head of a report for people.
pub(super) fn tell_troubles(planned: &Planned<'_>, before: Option<&Planned<'_>>, global: &Global) {
    let at_the_head = planned.silence().filter(|_| global.output == Format::Text);
    let is_new = |trouble: &&Trouble| {
        // That a zone does not exist any more the report for people says with its names.
        let is_told = global.output == Format::Text && trouble.missing_zone().is_some();
        let is_new = before.is_none_or(|before| !before.troubles().contains(trouble));
        is_new && !is_told && at_the_head != Some(*trouble)
    };
    // Whoever sits at the terminal is who reads the log.
    let troubles = planned.troubles().iter().filter(is_new).map(Trouble::for_log);
    // A report for machines holds what is hidden.
    let hidden = planned.hidden().iter().filter(|_| global.output != Format::Json);
    hidden.for_each(|warning| to_stderr(format_args!("warning: {}", one_line(&warning.because))));
    let is_new = |words: &&String| before.is_none_or(|before| !before.warnings().contains(words));
    for words in troubles.chain(planned.warnings().iter().filter(is_new).cloned()) {
        to_stderr(format_args!("warning: {}", brief(&one_line(&words))));
    }
}
