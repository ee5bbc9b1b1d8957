//! What the commands share before they ask Azure: settings from every source, the installation, a deadline.

use std::collections::BTreeSet;
use std::path::Path;

use tokio::time::Instant;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::phrase::Phrase;
use super::progress::Spinner;
use super::screen::as_argument;
use crate::app;
use crate::config::{Faults, Settings, Variables};
use crate::run::{Installation, Planned, Request, Trouble, observe, plan};
use pure::domain::HostName;

/// The file of the Functions tools that is read when it lies in the current folder.
const LOCAL_SETTINGS: &str = "local.settings.json";

/// The environment, then `--env FILE`.
pub(super) fn with_env_file(process: Variables, global: &Global) -> Result<Variables, Failure> {
    let Some(path) = &global.env_file else { return Ok(process) };
    let file = Variables::env_file(path).map_err(|fault| {
        Failure::from(fault)
            .exit(Exit::Usage)
            .hint(Phrase::default().run_plain("local --env FILE").and(" writes such a file"))
    })?;
    Ok(process.or(file))
}

/// The environment, then `--env FILE`, then `local.settings.json` of this folder.
pub(super) fn variables(process: Variables, global: &Global) -> Result<Variables, Failure> {
    let variables = with_env_file(process, global)?;
    let path = Path::new(LOCAL_SETTINGS);
    if !path.exists() {
        return Ok(variables);
    }
    let file = Variables::local_settings(path).map_err(|fault| Failure::from(fault).exit(Exit::Usage))?;
    Ok(variables.or(file))
}

/// The installation that the variables describe, for a person who waits for the answer.
pub(super) fn installation(variables: &Variables) -> Result<Installation, Failure> {
    let installation = unwarned(variables)?;
    app::warn(&installation);
    Ok(installation)
}

/// The same for whoever says himself what is odd about the settings.
pub(super) fn unwarned(variables: &Variables) -> Result<Installation, Failure> {
    let settings = Settings::read(variables).map_err(|faults| faulty(&faults))?;
    app::go_by_its_clock(&settings);
    Ok(Installation::for_a_person(settings))
}

/// The configuration cannot be used.
pub(super) fn faulty(faults: &Faults) -> Failure {
    let lines: Vec<_> = faults.0.iter().map(|fault| format!("  {fault}")).collect();
    let failure = Failure::usage(format!("the configuration has faults:\n{}", lines.join("\n")));
    let rest = Phrase::from(
        "set them in the environment, in a file for --env, or in local.settings.json; \
         local.settings.json.example has all of them, and ",
    )
    .run_plain("local --env FILE")
    .and(" writes a file that works");
    let files: BTreeSet<&str> = faults.0.iter().filter_map(|fault| fault.file.as_deref()).collect();
    if files.is_empty() {
        return failure.hint(rest);
    }
    let shown = files.iter().enumerate().fold(Phrase::default(), |said, (at, file)| {
        let before = if at > 0 { ", " } else { "" };
        let words = format!("{before}correct that in {file}; what is wrong there, line by line:  ");
        said.and(words).run_plain(format_args!("policy check {}", as_argument(file)))
    });
    // Settings of which no file is at fault are told of as well.
    let is_all = faults.0.iter().all(|fault| fault.file.is_some());
    failure.hint(if is_all { shown } else { shown.and("; the others: ").then(rest) })
}

/// When a run that begins now must have ended.
pub(super) fn deadline(installation: &Installation) -> Instant {
    Instant::now() + installation.settings.run.deadline
}

/// Names as people write them.
pub(super) fn names(texts: &[String]) -> Result<std::collections::BTreeSet<HostName>, Failure> {
    texts.iter().map(|text| name(text)).collect()
}

/// A name as people write it.
pub(super) fn name(text: &str) -> Result<HostName, Failure> {
    HostName::parse(text).map_err(|fault| {
        Failure::usage(format!("`{text}` is no host name: {fault}"))
            .hint("write full names, such as nas.home.example.com")
    })
}

/// What a request comes to, while a person waits.
pub(super) async fn planned(installation: &Installation, request: Request) -> Result<Planned<'_>, Failure> {
    let progress = Spinner::start("asking the workspace what does not match");
    let observed = Box::pin(observe(installation, &request, deadline(installation))).await;
    let observed = observed.map_err(unreachable)?;
    progress.now("reading tags and record sets as they are now");
    // What it remembers while it asks is large.
    let mut planned = Box::pin(plan(installation, request, observed)).await;
    planned.name_missing_zones().await;
    planned.name_refusals().await;
    Ok(planned)
}

/// Azure could not be asked. Whoever sits at the command line has named the hosts, and is told of them as the log is.
pub(super) fn unreachable(trouble: Trouble) -> Failure {
    let why = anyhow::Error::msg(trouble.logged);
    Failure::from(why.context("Azure did not answer what this rests on, and nothing was written")).hint(
        Phrase::from("try again; if it stays so, this finds what is missing, and prints what mends it:  ")
            .run("doctor"),
    )
}
