//! A report for people: the answer, then why, then the next command.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::said;
use super::together::{Company, Together};
use super::totals;
use super::ttl;
use super::view::{Follow, View, short};
use super::zones;
use crate::azure;
use crate::cli::entry::{self, Entry, Weight};
use crate::cli::key;
use crate::cli::one_side;
use crate::cli::phrase::Phrase;
use crate::cli::screen::{Colour, as_argument};
use pure::domain::ZoneId;
use pure::plan::report::{Intent, Report, ReportedChange, RunResult};
use pure::plan::{Action, Approval, ByHand, HoldOrder, Leaves, LetGo, Point, Reason, Reckoned, Reckoning};
use pure::shown::{brief, one_line};
use pure::story::{self, Line};

/// Things that are shown unless all are asked for.
const MOST: usize = 50;
/// Zones that are named.
const ZONES: usize = 3;
/// Names that are repeated in the next command.
const NAMES: usize = 5;

/// Writes it.
pub(super) fn write(report: &Report, view: &View<'_>, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let screen = &view.screen;
    for line in screen.wrapped(head(report, view), 0) {
        writeln!(out, "{line}")?;
    }
    if let Some(because) = &report.because {
        // Names in sync are no decision.
        let begin = if report.result == RunResult::RetryLater {
            "of what differs nothing could be decided: "
        } else {
            ""
        };
        let because = if view.scene.is_silent_for_a_zone { "see below" } else { because };
        for line in screen.wrapped(format!("{begin}{}", brief(&one_line(because))), 0) {
            writeln!(out, "{line}")?;
        }
    }
    // A conflict is one thing, however many machines are part of it.
    let mut conflicts = BTreeSet::new();
    let is_first = |line: &&Line<'_>| match line {
        Line::Skip(skip) if skip.reason == Reason::ClaimConflict => {
            conflicts.insert((skip.name.clone(), skip.record_type, skip.zone.clone()))
        }
        _ => true,
    };
    let lines = story::of(report);
    let together = Together::of(&lines, report, view);
    let told = |line: &Line<'_>| match together.entry(line, report, view) {
        Company::First(entry) => Some(entry),
        Company::Before => None,
        Company::Alone => said::entry(line, report, view),
    };
    let lines = lines.iter().filter(|line| !zones::tells(line, view));
    let mut entries = zones::entries(report, view);
    entries.extend(wrong_tag(view));
    entries.extend(misspelt(view));
    entries.extend(lines.filter(is_first).filter_map(told));
    let (shown, hidden) = foremost(entries, view.all);
    if !shown.is_empty() {
        writeln!(out)?;
        entry::write(&shown, screen, out)?;
    }
    if hidden > 0 {
        for line in screen.wrapped(more(hidden, report.mode), 2) {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(out)?;
    let ends = ttl::cost(report, view).into_iter().chain(pace(report, view)).map(|sentence| (0, sentence));
    for (indent, sentence) in totals::of(report, view).into_iter().chain(ends) {
        for line in screen.wrapped(&sentence, indent) {
            writeln!(out, "{line}")?;
        }
    }
    for line in by_the_sweep(report, view).into_iter().flat_map(|words| screen.wrapped(words, 0)) {
        writeln!(out, "{line}")?;
    }
    if report.mode == Intent::Plan && !report.changes.is_empty() && view.follow == Follow::Write {
        let written = Phrase::from(before_it_is_written(report, view)).run(next_command(report, view));
        screen.wrapped(written, 0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// What stands before the command that writes a plan: after a refusal that lasts not before that is mended.
fn before_it_is_written(report: &Report, view: &View<'_>) -> &'static str {
    let missed = |change: &ReportedChange| view.scene.missed.get(&change.change.id);
    let is_refused = |change: &ReportedChange| missed(change).is_some_and(|missed| !missed.is_over());
    match report.changes.iter().filter(|change| is_refused(change)).count() {
        0 => "write it:  ",
        all if all == report.changes.len() => "once that is let through, write it:  ",
        _ => "write it; what was refused fails again until that is let through:  ",
    }
}

/// That the setting names another tag than the machines carry.
fn wrong_tag(view: &View<'_>) -> Option<Entry> {
    let meant = view.scene.keys.meant().filter(|_| is_of_the_fleet(view))?;
    let told = key::wrong_setting(&meant, &view.scene.tag);
    let title = said::sentence('!', Colour::Yellow, Weight::Held, &told);
    Some(Entry { below: vec![key::corrected(&meant)], ..title })
}

/// Machines that claim nothing for a slip of the pen in the key of their tag.
fn misspelt<'v>(view: &'v View<'_>) -> impl Iterator<Item = Entry> + 'v {
    let (is_wanted, keys) = (is_of_the_fleet(view), &view.scene.keys);
    key::alone(&view.scene.misspelt, keys).filter(move |_| is_wanted).map(move |misspelt| {
        let tag = &view.scene.tag;
        let title = said::sentence('!', Colour::Yellow, Weight::Held, &key::told(misspelt, tag));
        Entry { below: key::mended(misspelt, tag, keys), ..title }
    })
}

/// Whether the report is about no names in particular.
fn is_of_the_fleet(view: &View<'_>) -> bool {
    view.scene.names.is_empty() && view.scene.order.is_none()
}

/// The things that matter most, in the order in which they were told, and how many are left out.
fn foremost(entries: Vec<Entry>, all: bool) -> (Vec<Entry>, usize) {
    if all || entries.len() <= MOST {
        return (entries, 0);
    }
    let hidden = entries.len() - MOST;
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&at| entries[at].weight);
    let kept: BTreeSet<usize> = order.into_iter().take(MOST).collect();
    let shown = entries.into_iter().enumerate().filter(|(at, _)| kept.contains(at));
    (shown.map(|(_, entry)| entry).collect(), hidden)
}

/// That something was left out, and how it is looked at. What has been done is not done again to see it.
fn more(hidden: usize, mode: Intent) -> Phrase {
    match mode {
        Intent::Plan => format!("... {hidden} more (--all)").into(),
        _ => Phrase::from(format!("... {hidden} more; what became of a change tells "))
            .run("history NAME")
            .and(", and why a name stays as it is ")
            .run("explain NAME"),
    }
}

/// What was looked at, and how fresh it is.
fn head(report: &Report, view: &View<'_>) -> String {
    let View { scene, clock, .. } = view;
    let zones: Vec<String> = scene.zones.iter().map(ZoneId::label).collect();
    let zones = if zones.len() > ZONES { format!("{} zones", zones.len()) } else { zones.join(", ") };
    let claimed = names(report, view);
    let heard = match scene.newest_heartbeat {
        Some(time) => format!("newest heartbeat {} ago", clock.age(time)),
        None => "no heartbeat in the logs".to_owned(),
    };
    let swept = match scene.swept {
        Some(time) => format!("swept {} ({} ago)", clock.time(time), clock.age(time)),
        None => "never swept in full".to_owned(),
    };
    let parts = [Some(zones), claimed, Some(heard), Some(swept)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How many names there are: those that the totals add up to, and of how many these are where some were asked for.
fn names(report: &Report, view: &View<'_>) -> Option<String> {
    let claimed = view.scene.claimed?;
    let spoken_of = Reckoning::of(report, &view.scene.in_sync, &view.scene.unswept).names() as u64;
    // What the log counts would not add up with what a plan of all names counts: it has none that the policy does not allow.
    let looked_at = report.summary.in_sync.is_some();
    Some(counted(if looked_at { spoken_of } else { claimed }, "name"))
}

/// `1 name`, `2 names`.
fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What "in sync" rests on in a plan for all names, whose sets are not read where the log calls them right.
fn by_the_sweep(report: &Report, view: &View<'_>) -> Option<Phrase> {
    let View { scene, clock, .. } = view;
    let is_of_all = scene.names.is_empty() && scene.order.is_none() && scene.approval.is_none();
    let reckoning = Reckoning::of(report, &scene.in_sync, &scene.unswept);
    let swept = scene
        .swept
        .filter(|_| report.mode == Intent::Plan && is_of_all && reckoning.count(Reckoned::InSync) > 0)?;
    let words =
        format!("in sync by the sweep {} ago; to see what was set by hand since:  ", clock.age(swept));
    Some(Phrase::from(words).run("collect"))
}

/// How long the zone's quota makes the writes take.
fn pace(report: &Report, view: &View<'_>) -> Option<String> {
    if report.mode != Intent::Plan || report.changes.is_empty() {
        return None;
    }
    let mut writes: BTreeMap<(ZoneId, azure::Write), usize> = BTreeMap::new();
    for reported in &report.changes {
        let kind = match reported.change.action() {
            Action::Create => azure::Write::Create,
            Action::Delete => azure::Write::Delete,
            Action::Update | Action::Adopt | Action::Hold | Action::Unhold | Action::Release => {
                azure::Write::Update
            }
        };
        *writes.entry((reported.change.id.zone.clone(), kind)).or_default() += 1;
    }
    let paces = &view.scene.paces;
    let minutes = writes.iter().filter_map(|(key, count)| {
        let (left, most) = paces.get(key)?;
        Some(count.saturating_sub(*left).div_ceil((*most).max(1)))
    });
    let minutes = minutes.max().unwrap_or_default();
    let time = match minutes {
        0 => "some seconds".to_owned(),
        minutes => format!("about {minutes} min"),
    };
    let most = writes.keys().filter_map(|key| paces.get(key)).map(|(_, most)| most).min();
    let pace = most.map_or_else(
        || "without a pace of our own".to_owned(),
        |most| format!("at {most} writes a minute and zone"),
    );
    Some(format!("{time} {pace}; nothing was written"))
}

/// The command that writes this plan and no other, from its verb on.
fn next_command(report: &Report, view: &View<'_>) -> String {
    let scene = view.scene;
    let digest = short(&report.digest);
    if let Some(Approval::Brakes { digests, names }) = &scene.approval {
        let digests = digests.iter().map(|digest| short(digest)).collect::<Vec<_>>().join(" ");
        let side = one_side::option(names);
        let names: String = names.iter().map(|name| format!(" {name}")).collect();
        return format!("approve {digests}{names}{side} --expect {digest}");
    }
    let (verb, options) = match &scene.order {
        Some(ByHand::Hold(hold)) => ("hold", hold_options(hold)),
        Some(ByHand::Unhold(LetGo::All)) => ("unhold", String::new()),
        Some(ByHand::Unhold(LetGo::Of(run))) => ("unhold", format!(" --run {run}")),
        Some(ByHand::Release(release)) => {
            let leaves = match release.leaves {
                Leaves::AMark => "",
                Leaves::Nothing => " --clean",
                Leaves::NoSet => " --delete",
            };
            ("release", leaves.to_owned())
        }
        Some(ByHand::Rollback(rollback)) => {
            let point = match &rollback.point {
                Point::Last => String::new(),
                Point::Run(run) => format!(" --run {run}"),
                Point::Since(time) => format!(" --to {time}"),
            };
            let delete = if rollback.deletes.is_some() { " --delete" } else { "" };
            ("rollback", format!("{point}{delete}{}", hold_options(&rollback.hold)))
        }
        None if scene.is_adoption => ("adopt", String::new()),
        None => ("apply", String::new()),
    };
    let names = match scene.names.len() {
        0 => String::new(),
        1..=NAMES => scene.names.iter().map(|name| format!(" {name}")).collect(),
        _ if scene.order.as_ref().is_some_and(ByHand::names_itself) => String::new(),
        _ => " NAME…".to_owned(),
    };
    format!("{verb}{names}{}{options} --expect {digest}", one_side::option(&scene.names))
}

/// The options that say the same hold once more.
fn hold_options(hold: &HoldOrder) -> String {
    let until = hold.until.map(|until| format!(" --until {until}")).unwrap_or_default();
    let why = hold.why.as_ref().map(|why| format!(" --why {}", as_argument(why))).unwrap_or_default();
    format!("{until}{why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_those_that_matter_least_are_left_out_and_the_order_stays() {
        let entry = |weight, at: usize| Entry {
            weight,
            sign: '~',
            colour: None,
            name: at.to_string(),
            title: Phrase::default(),
            kind: "A",
            what: String::new(),
            tail: String::new(),
            below: Vec::new(),
            listed: Vec::new(),
        };
        let quiet = (0..MOST).map(|at| entry(Weight::Quiet, at));
        let last = [entry(Weight::Changed, MOST), entry(Weight::Failed, MOST + 1)];
        let (shown, hidden) = foremost(quiet.chain(last).collect(), false);
        let names: Vec<_> = shown.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!((hidden, names.len()), (2, MOST));
        assert_eq!((names[0], &names[MOST - 2..]), ("0", &["50", "51"][..]), "what matters is there");
    }
}
