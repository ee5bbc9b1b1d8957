//! Consent to a plan before it is written: by a flag, by its digest, or by a person who has read it.

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

use super::Global;
use super::brought::brought;
use super::clock::Clock;
use super::failure::{Exit, Failure};
use super::interrupt::Interrupt;
use super::output::{Format, lines_to_stderr, to_stderr};
use super::phrase::Phrase;
use super::progress::Spinner;
use super::report::{Follow, View};
use super::screen::Screen;
use super::{lacking, moves, plan as plan_command, report};
use crate::config::Mode;
use crate::doctor::{self, Telling};
use crate::run::{self, Attended, Ended, Installation, Planned, Scene, was_stopped};
use pure::plan::report::{Moves, Outcome, Report};
use pure::shown::{brief, one_line};

/// The shortest beginning of a digest that is taken for the whole.
const SHORTEST: usize = 12;

/// How often the counts on a terminal move on.
const COUNTED_EVERY: Duration = Duration::from_millis(250);
/// How often they are told where there is no terminal.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// How a plan is agreed to.
#[derive(Debug, clap::Args)]
pub(super) struct Consent {
    /// Show what would be written, with its digest, and write nothing
    #[arg(long, conflicts_with_all = ["yes", "expect"])]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Write only if the plan has this digest, or one that begins so (12 characters at least); exit with 4 otherwise
    #[arg(long, value_name = "DIGEST")]
    expect: Option<String>,
    /// Show all, however many; without it the 50 that matter most
    #[arg(long)]
    pub(super) all: bool,
}

/// What may be written after a yes, when the world was looked at once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// The plan that was read, and no other.
    TheSame,
    /// What is left of it: the second look has told what is not.
    WhatIsLeft,
}

impl Consent {
    /// Whether anything is to be written, once somebody has agreed.
    pub(super) fn writes(&self) -> bool {
        !self.dry_run
    }

    /// Whether nobody has to be asked any more.
    fn is_given(&self) -> bool {
        self.yes || self.expect.is_some()
    }

    /// Whether it is given to whatever the plan says.
    pub(super) fn is_blind(&self) -> bool {
        self.yes
    }

    /// Makes sure that what was given can be a digest, before anything is asked of Azure. `shows` is the command that shows
    /// the plan and its digest.
    pub(super) fn check(&self, shows: &str) -> Result<(), Failure> {
        self.expect.as_ref().map_or(Ok(()), |expected| checked_digest(expected, shows).map(|_| ()))
    }

    /// Shows the plan that `make` gives where it is to be seen, asks where nobody has agreed yet, and writes it; a dry run
    /// ends with the plan.
    ///
    /// What a person has read is of the moment before: it is made anew, with what was read, and written only if it is still
    /// what `takes` says.
    pub(super) async fn carry_out<'a>(
        &self,
        make: impl AsyncFn(Option<&Report>) -> Result<Planned<'a>, Failure>,
        takes: Takes,
        global: &Global,
        interrupt: &Interrupt,
    ) -> Result<Exit, Failure> {
        if self.dry_run {
            return plan_command::shown(&make(None).await?, self.all, global);
        }
        let mut planned = make(None).await?;
        let mut shown = planned.report();
        let mut scene = planned.scene();
        let print = |found: &Report, scene: &Scene| plan_command::print(found, scene, self.all, global);
        if let Some(expected) = &self.expect {
            let expected = expected.trim().to_ascii_lowercase();
            if !shown.digest.starts_with(&expected) {
                print(&shown, &scene)?;
                let words =
                    format!("the plan has the digest {}, not {expected}", report::short(&shown.digest));
                return Err(changed(words));
            }
        }
        plan_command::tell_troubles(&planned, None, global);
        let mut troubles = usize::from(planned.is_troubled());
        if planned.settings().run.mode == Mode::Observe {
            plan_command::show(&shown, &scene, self.all, global, Follow::Nothing)?;
            return Ok(observed(&shown, troubles));
        }
        if !shown.changes.is_empty() {
            may_be_told(&planned).await?;
        }
        if !self.is_given() && !shown.changes.is_empty() {
            if !can_ask() {
                return Err(nobody_to_ask(shown.changes.len()));
            }
            if !ask(&shown, &scene, self.all, global).await? {
                to_stderr("nothing was written");
                return Ok(if troubles > 0 { Exit::Failed } else { Exit::Pending });
            }
            // Meanwhile a tag may have gone, a zone been cut, a machine moved on: only a plan of now may be written.
            let read = std::mem::replace(&mut planned, make(Some(&shown)).await?);
            let agreed = shown.digest;
            plan_command::tell_troubles(&planned, Some(&read), global);
            troubles = usize::from(planned.is_troubled());
            (shown, scene) = (planned.report(), planned.scene());
            if takes == Takes::TheSame && shown.digest != agreed {
                print(&shown, &scene)?;
                return Err(changed("the plan has changed while you read it"));
            }
        }
        // A run without changes still writes down what it skipped and held.
        let attended = Attended::until(interrupt.finish_first());
        let (azure, installation) = (planned.azure().clone(), planned.installation());
        let mut done = written(planned, shown.changes.len(), &attended).await;
        scene.locks = report::locks(&done.report, &azure).await;
        scene.is_untold = !done.log_troubles.is_empty();
        troubles += done.log_troubles.len();
        // One document holds all of it; people have read theirs by then.
        if global.output == Format::Json {
            done.report.moves = still_held(installation, &done.report, &attended).await;
        }
        print(&done.report, &scene)?;
        if attended.stop.is_cancelled() {
            to_stderr(stopped(&done));
        }
        if !done.log_troubles.is_empty() {
            let screen = Screen::of_stderr(global.env_file.as_deref());
            // The head of the report for people has said the first.
            let said = usize::from(global.output == Format::Text && done.silence.is_none());
            for trouble in done.log_troubles.iter().skip(said) {
                let words = format!("warning: {}", brief(&one_line(&trouble.logged)));
                lines_to_stderr(&screen.wrapped(words, 0));
            }
            lines_to_stderr(&screen.wrapped(untold(&done.report, &Clock::of(global.zone())), 0));
        }
        if global.output != Format::Json
            && let Some(found) = still_held(installation, &done.report, &attended).await
        {
            moves::show(&found, global.output == Format::Text, global.env_file.as_deref())?;
        }
        Ok(exit(&done.report, troubles))
    }
}

/// What brings the log the rows that it was not told of: what was written the marks tell, as soon as no row can be on its way.
fn untold(report: &Report, clock: &Clock) -> Phrase {
    let said = Phrase::from("the log was not told of all of it; ");
    let written: Vec<_> =
        report.changes.iter().filter(|reported| reported.outcome == Outcome::Confirmed).collect();
    let newest = written.iter().filter_map(|reported| reported.written_at).max();
    let said = match (newest, written.as_slice()) {
        (Some(newest), written) => {
            let apply = match written {
                [one] => format!("apply {}", one.change.id.name),
                _ => "apply".to_owned(),
            };
            said.and("the next run after a sweep brings it by the marks in the zone")
                .then(brought(newest, &apply, clock))
        }
        (None, _) => said.and("nothing was written, and the next run tells what it finds"),
    };
    said.and("; where that fails, ").then(lacking::doctor())
}

/// A digest as a person gives it, whole or its beginning; `shows` is the command that prints it.
pub(super) fn checked_digest(given: &str, shows: &str) -> Result<String, Failure> {
    let given = given.trim();
    if given.len() < SHORTEST || !given.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(Failure::usage(format!("`{}` is no digest", given.escape_debug()))
            .hint(Phrase::from("give the one that ").run(shows).and(" prints, or its first 12 characters")));
    }
    Ok(given.to_ascii_lowercase())
}

/// Makes sure that the log can be told of what is to be written. A refusal ends here, before anybody is asked; that nobody
/// answers is said, and keeps nobody: the marks tell the next run what the log has missed.
async fn may_be_told(planned: &Planned<'_>) -> Result<(), Failure> {
    let progress = Spinner::start("asking whether the log takes rows");
    let rows = Box::pin(doctor::rows(planned.settings(), planned.azure())).await;
    drop(progress);
    match rows {
        Telling::MayBeSent => Ok(()),
        Telling::Unknown(why) => {
            to_stderr(format_args!(
                "whether the log takes rows is not known, and it goes on: {}",
                one_line(&why)
            ));
            Ok(())
        }
        Telling::Refused(line) => {
            let refused =
                anyhow::Error::msg(line.said).context("nothing was written, for the log would not be told");
            let see = || Phrase::default().run("doctor").and(" says what else is missing");
            Err(Failure::from(refused).hint(if line.az.is_empty() {
                see()
            } else {
                line.az.iter().fold(Phrase::default(), |told, az| told.whole(az.as_str()))
            }))
        }
    }
}

/// Whether somebody sits there who can be asked.
fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// There is something to agree to, and nobody who could.
fn nobody_to_ask(changes: usize) -> Failure {
    let words = if changes == 1 { "1 change waits".to_owned() } else { format!("{changes} changes wait") };
    Failure::usage(format!("{words} for a yes, and there is no terminal to ask at"))
        .hint("say --yes, or --expect with the digest of a plan that you have seen")
}

/// The plan is another one than was agreed to.
fn changed(words: impl std::fmt::Display) -> Failure {
    let hint = "the world has changed since that plan; look at the new one above, nothing was written";
    Failure::usage(words).exit(Exit::Held).hint(hint)
}

/// Says that the installation only observes, whoever asks, and ends so that no script takes it for done.
fn observed(shown: &Report, troubles: usize) -> Exit {
    let waits = match shown.changes.len() {
        0 => String::new(),
        1 => "; 1 change is still to be made".to_owned(),
        count => format!("; {count} changes are still to be made"),
    };
    let words =
        format!("MODE=observe: nothing was written{waits}; say MODE=apply before the command to write");
    to_stderr(&words);
    match exit(shown, troubles) {
        Exit::Fine if !shown.changes.is_empty() => Exit::Pending,
        exit => exit,
    }
}

/// The exit code of a run that wrote: what was asked for in vain is a failure.
fn exit(report: &Report, troubles: usize) -> Exit {
    if report.is_refused() { Exit::Failed } else { report::exit_of_apply(report, troubles) }
}

/// Writes and proves, and says how far it is to whoever waits.
async fn written(planned: Planned<'_>, changes: usize, attended: &Attended) -> Ended {
    let progress = Spinner::start(if changes == 0 { "writing down what was found" } else { "writing" });
    let is_watched = io::stderr().is_terminal();
    let how_far = async {
        let mut told = None;
        loop {
            let ended = attended.ended();
            let words = match (attended.stop.is_cancelled(), ended < changes) {
                (true, _) => "stopping: finishing what is under way; Ctrl-C again ends at once".to_owned(),
                (false, true) => format!("writing, {ended} of {changes}"),
                (false, false) => "asking the name servers, telling the log".to_owned(),
            };
            if is_watched {
                progress.now(words);
                tokio::time::sleep(COUNTED_EVERY).await;
            } else {
                if told.as_ref().is_some_and(|told| *told != words) {
                    to_stderr(&words);
                }
                told = Some(words);
                let _ = attended.stop.run_until_cancelled(tokio::time::sleep(TOLD_EVERY)).await;
                if attended.stop.is_cancelled() {
                    tokio::time::sleep(COUNTED_EVERY).await;
                }
            }
        }
    };
    let work = async {
        let written = Box::pin(planned.attended(attended.clone()).write()).await;
        Box::pin(written.prove()).await
    };
    tokio::select! { done = work => done, never = how_far => never }
}

/// What still holds the addresses that names have left, unless somebody stops.
async fn still_held(installation: &Installation, report: &Report, attended: &Attended) -> Option<Moves> {
    let progress = Spinner::start("asking what still holds the old addresses");
    let found = attended.stop.run_until_cancelled(Box::pin(run::moves(installation, report))).await;
    drop(progress);
    found.flatten()
}

/// What was done and what was not by a run that somebody stopped.
fn stopped(done: &Ended) -> String {
    let changes = &done.report.changes;
    let written = changes.iter().filter(|change| change.outcome == Outcome::Confirmed).count();
    let not_begun = changes.iter().filter(|change| was_stopped(change)).count();
    let told = if done.log_troubles.is_empty() { "told to the log" } else { "not all told to the log" };
    let rest = match not_begun {
        0 => "nothing was left to begin".to_owned(),
        more => format!("{more} not begun; the next run goes on"),
    };
    format!("stopped by you: {written} written ({told}), {rest}")
}

/// Shows the plan among the words, and takes only a clear yes.
async fn ask(shown: &Report, scene: &Scene, all: bool, global: &Global) -> Result<bool, Failure> {
    let view = View {
        screen: Screen::of_stderr(global.env_file.as_deref()),
        clock: Clock::of(global.zone()),
        scene,
        all,
        follow: Follow::Nothing,
    };
    let mut words = io::stderr().lock();
    report::write(shown, Format::Text, &view, &mut words)?;
    let count = shown.changes.len();
    write!(words, "\nWrite {count} {}? [y/N] ", if count == 1 { "change" } else { "changes" })?;
    words.flush()?;
    drop(words);
    // In a thread that nobody waits for, so that a signal is heard meanwhile.
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).map(|_| line);
        // Without a receiver the question is not asked any more.
        let _ = answer.send(read);
    });
    let line = answered.await??;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
