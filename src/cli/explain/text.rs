//! The explanation for people: the answer first, then what it rests on, then what would move it.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::amiss;
use super::answers::dns_now;
use super::denied;
use super::headline;
use super::leads_to::leads_to;
use super::left;
use super::lines::{Line, labelled};
use super::machine::machine;
use super::mend;
use super::rule::rule;
use super::timeline;
use crate::azure::TagChange;
use crate::cli::clock::Clock;
use crate::cli::history::why;
use crate::cli::phrase::Phrase;
use crate::cli::report::{approved_by, short_run};
use crate::cli::screen::Screen;
use crate::cli::{entry, key, lacking, no_zone};
use crate::doctor::name as az;
use crate::queries::{Stretch, that_may_stand};
use crate::run::{Explained, Nobodys, PAST_DAYS, Trouble};
use pure::domain::{RecordType, ResourceId, Until, ZoneKind, join_addresses, parse_address, who};
use pure::plan::explanation::{Claimed, MarkTold, SetNow, State, Verdict};
use pure::plan::{Explanation, Opens, Reason, Why};
use pure::shown::{brief, one_line, shell_word, shown};

/// Writes of the past that are shown unless all are asked for.
const WRITES: usize = 3;
/// Names that are told as the ones that may have been meant.
const NEAR: usize = 3;

/// An explanation and how it is shown.
pub(super) struct Screenful<'a> {
    pub(super) found: &'a Explained,
    pub(super) screen: Screen,
    pub(super) clock: Clock,
    pub(super) all: bool,
}

impl Screenful<'_> {
    /// Writes it.
    pub(super) fn write(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        for (at, set) in self.found.record_sets.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            entry::write(&[headline::of(self.found, &self.clock, set)], &self.screen, out)?;
            writeln!(out)?;
            self.part("claimed by", self.claimed(set), out)?;
            self.lines("heard", &self.heard(set), out)?;
            self.part("record set", self.record_set(set), out)?;
            self.part("DNS now", dns_now(self.found, set), out)?;
            if !set.claims.is_empty() && set.verdict != Verdict::Unknown {
                self.lines("rules", &self.rules(set), out)?;
                self.lines("brakes", &self.brakes(set), out)?;
                self.part("quota", vec![self.quota(set)], out)?;
            }
            self.part("would move", headline::would_move(self.found, set).into_iter().collect(), out)?;
            let commands = match &self.found.absent_zone {
                Some(absent) => no_zone::mended(absent),
                None if self.found.unjudged.is_some() => vec![lacking::doctor()],
                None => mend::commands(self.found, set),
            };
            let looked_into = denied::looked_into(self.found, set);
            let commands: Vec<Line> = commands.into_iter().chain(looked_into).map(Line::of).collect();
            self.lines("commands", &commands, out)?;
            let missed = amiss::missed(self.found, &self.clock, set).into_iter().map(Line::of);
            let last: Vec<Line> = missed.chain(self.past(set)).collect();
            self.lines("last", &last, out)?;
        }
        self.part("still held", left::told(self.found), out)?;
        if let Some(nobodys) = &self.found.nobodys {
            self.what_to_do(nobodys, out)?;
        }
        Ok(())
    }

    fn part<Words: Into<Phrase>>(
        &self,
        label: &str,
        sentences: Vec<Words>,
        out: &mut (impl Write + ?Sized),
    ) -> io::Result<()> {
        self.lines(label, &sentences.into_iter().map(Line::of).collect::<Vec<_>>(), out)
    }

    fn lines(&self, label: &str, lines: &[Line], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        labelled(label, lines, &self.screen, out)
    }

    /// Who claims the name, and who set the tag when.
    fn claimed(&self, set: &Explanation) -> Vec<String> {
        let mut told: Vec<String> = set.claims.iter().map(|claimed| self.claim(claimed)).collect();
        if told.is_empty() {
            let words = if self.found.unjudged.is_some() { "not known" } else { "nobody, for this type" };
            return vec![words.to_owned()];
        }
        if let Err(trouble) = &self.found.tags {
            let because = amiss::because(self.found, trouble);
            told.push(format!("who set the tag is not known: {because}"));
        }
        told
    }

    fn claim(&self, claimed: &Claimed) -> String {
        let machine = machine(&claimed.machine);
        let Ok(tags) = &self.found.tags else { return machine };
        let lower = claimed.machine.to_lowercase();
        match tags.iter().find(|change| change.machine == lower) {
            Some(change) => format!("{machine}; {}", self.tag(change)),
            None => format!("{machine}; no change of its tag is on record (14 days)"),
        }
    }

    fn tag(&self, change: &TagChange) -> String {
        let who = if change.by.is_empty() { "somebody".to_owned() } else { one_line(&change.by) };
        let when = self.clock.dated(change.time);
        match &change.to {
            None => format!("its tag was taken off {when} by {who}"),
            Some(value) => format!("its tag was set to {} {when} by {who}", shown(value)),
        }
    }

    /// What the machines said within the day, as far as it is about this type.
    fn heard(&self, set: &Explanation) -> Vec<Line> {
        let stretches = match &self.found.heard {
            Ok(stretches) => self.of_its_side(stretches, set),
            Err(trouble) => return vec![Line::of(self.not_known(trouble))],
        };
        let mut lines = Vec::new();
        for claimed in &set.claims {
            let lower = claimed.machine.to_lowercase();
            let own: Vec<&Stretch> = stretches.iter().filter(|stretch| stretch.machine == lower).collect();
            let own = timeline::lines(&own, &self.clock, self.all);
            if set.claims.len() > 1 {
                let silent = if own.is_empty() { " nothing within the day" } else { "" };
                lines.push(Line::of(format!("{}:{silent}", machine(&claimed.machine))));
                lines.extend(own.into_iter().map(|line| Line::beside("  ", line)));
            } else {
                lines.extend(own.into_iter().map(Line::of));
            }
        }
        if lines.is_empty() && !set.claims.is_empty() {
            lines.push(Line::of("nothing within the day"));
        }
        lines
    }

    /// What heartbeats said of its type, for zones of its kind.
    fn of_its_side(&self, stretches: &[Stretch], set: &Explanation) -> Vec<Stretch> {
        let is_of_type = |address| RecordType::of(address) == set.record_type;
        match self.found.side_of(set).filter(|side| side.zone.kind() == ZoneKind::Private) {
            Some(side) => that_may_stand(stretches, |address| {
                is_of_type(address) && side.ranges.iter().any(|range| range.contains(&address))
            }),
            None => {
                let is_told = |stretch: &&Stretch| {
                    stretch.side == ZoneKind::Public
                        && parse_address(&stretch.reported).is_none_or(is_of_type)
                };
                stretches.iter().filter(is_told).cloned().collect()
            }
        }
    }

    /// What stands there, and whose it is.
    fn record_set(&self, set: &Explanation) -> Vec<Phrase> {
        let stands = &set.record_set;
        let mut told: Vec<Phrase> = vec![match stands.state {
            State::Unknown if self.found.absent_zone.is_some() => "not known (see above)".into(),
            State::Unknown if self.is_for_the_token() => "not known (see above)".into(),
            State::Unknown => match &stands.because {
                Some(because) => not_known(because).into(),
                None => "not read".into(),
            },
            State::Absent => "there is none".into(),
            State::Cname => "there is none; the name is a CNAME".into(),
            State::There => self.there(stands),
        }];
        if let Some(hold) = &stands.hold {
            let until = match hold.until {
                Until::Time(time) => format!("until {}", self.clock.dated(time)),
                Until::Forever => "until somebody lets it go".to_owned(),
                Until::Unreadable => "until a time that cannot be read".to_owned(),
            };
            let by =
                if hold.by.is_empty() { String::new() } else { format!(" by {}", one_line(&who(&hold.by))) };
            let why = if hold.why.is_empty() { String::new() } else { format!(": {}", one_line(&hold.why)) };
            let verb = if hold.stands { "held" } else { "was held" };
            told.push(format!("{verb}{by} {until}{why}").into());
        }
        let is_said = matches!(set.why, Some(Why::HeldByClaim { .. }));
        if let Some(by) = set.held_by.as_ref().filter(|_| !is_said) {
            told.push(format!("held by its claim: no run writes it until hold is taken off {by}").into());
        }
        if let Some(cut) = &set.delegated_at {
            told.push(format!("the zone hands its answers over to other name servers at {cut}").into());
        }
        told.extend(amiss::taken_off(self.found, &self.clock, set).map(Phrase::from));
        told.extend(amiss::deleted(self.found, &self.clock, set).map(Phrase::from));
        told.extend(amiss::dangling(self.found, set).map(Phrase::from));
        told
    }

    /// Whether nothing is known because the token is refused, which every service does then.
    fn is_for_the_token(&self) -> bool {
        self.found.unjudged.as_ref().is_some_and(Trouble::is_of_the_token)
    }

    fn not_known(&self, trouble: &Trouble) -> String {
        format!("not known: {}", amiss::because(self.found, trouble))
    }

    fn there(&self, stands: &SetNow) -> Phrase {
        let addresses = leads_to(stands);
        let ttl = stands.ttl.map(|ttl| format!(", ttl {ttl}")).unwrap_or_default();
        let whose = match &stands.mark {
            None => "; it carries no mark, so it is not ours".to_owned(),
            Some(mark) if mark.is_released => {
                let was_for = machine(&mark.machine);
                let (words, name) = (
                    format!("{addresses}{ttl}; released by hand, it was for {was_for}, and "),
                    &self.found.name,
                );
                return if self.found.nobodys.is_some() {
                    Phrase::from(words)
                        .and("no tag claims it; delete it:  ")
                        .run(format_args!("release {name} --delete"))
                } else {
                    Phrase::from(words).and("nobody keeps it until ").run(format_args!("adopt {name}"))
                };
            }
            Some(mark) if !mark.is_ours => {
                let (theirs, ours) = (shown(&mark.owner), shown(&self.found.owner));
                format!("; marked by another installation, {theirs}; this one is {ours}")
            }
            Some(mark) => format!("; {}", self.ours(mark)),
        };
        format!("{addresses}{ttl}{whose}").into()
    }

    fn ours(&self, mark: &MarkTold) -> String {
        let run =
            if mark.run.is_empty() { String::new() } else { format!(" (run {})", short_run(&mark.run)) };
        let written = |time| format!(", written {}, {} ago", self.clock.day(time), self.clock.age(time));
        let since = mark.time.map(written).unwrap_or_default();
        let machine = machine(&mark.machine);
        format!("ours, for {machine}{since}{run}")
    }

    /// Every rule with its answer, claim by claim.
    fn rules(&self, set: &Explanation) -> Vec<Line> {
        let mut lines = Vec::new();
        for (at, claimed) in set.claims.iter().enumerate() {
            if set.claims.len() > 1 {
                lines.push(Line::of(format!("for {}:", machine(&claimed.machine))));
            }
            let decided = claimed.decided_by().map(|told| told.rule);
            let kept = claimed.rules.iter().filter(|told| self.all || told.is_asked());
            lines.extend(kept.map(|told| {
                // What is said above is not said again.
                let is_said = at == 0 && decided == Some(told.rule) && set.because.is_some();
                rule(told, decided == Some(told.rule), is_said)
            }));
            let hidden = claimed.rules.iter().filter(|told| !told.is_asked()).count();
            if hidden > 0 && !self.all {
                lines.push(Line::beside("  ", format!("... {hidden} more not asked (--all)")));
            }
        }
        lines
    }

    fn brakes(&self, set: &Explanation) -> Vec<Line> {
        if set.brakes.is_empty() {
            // What is not known of one name holds that name, and the brake of a run has none by itself.
            let is_blind = set.reason == Some(Reason::Blind);
            return vec![Line::of(if is_blind { "blind holds it" } else { "none holds it" })];
        }
        let told = set.brakes.iter().map(|brake| {
            let opens = match brake.opens {
                Opens::At(time) => format!("; opens by itself at {}", self.clock.timed(time)),
                // What is missing the commands say.
                _ if brake.is_of_a_lost_right() => String::new(),
                Opens::FreshData => "; opens by itself when the data is fresh and whole".to_owned(),
                Opens::NextRun | Opens::Approve => String::new(),
            };
            let holds = Phrase::from(format!("{} holds it{opens}", brake.brake.as_str()));
            Line::of(match approved_by(brake) {
                Some(command) => holds.and("; with all that it holds:  ").run(command),
                None => holds,
            })
        });
        told.collect()
    }

    fn quota(&self, set: &Explanation) -> String {
        match self.found.side_of(set).and_then(|side| side.quota) {
            Some((left, most)) => format!("{left} of {most} writes left this minute"),
            None => "no pace of our own".to_owned(),
        }
    }

    /// The last writes.
    fn past(&self, set: &Explanation) -> Vec<Line> {
        let past = match &self.found.past {
            Ok(past) => past,
            Err(trouble) => return vec![Line::of(self.not_known(trouble))],
        };
        let all = self.found.unlogged.iter().chain(&past.writes);
        let mut own: Vec<_> = all.filter(|write| set.is_of(&write.record_id())).collect();
        own.sort_by_key(|write| Reverse(write.time));
        let kept = if self.all { own.len() } else { own.len().min(WRITES) };
        let mut lines: Vec<Line> = own[..kept]
            .iter()
            .map(|write| {
                let by = if write.by.is_empty() {
                    String::new()
                } else {
                    format!(", by {}", one_line(&who(&write.by)))
                };
                let (time, to) = (self.clock.dated(write.time), join_addresses(&write.to));
                Line::of(format!("{time}  {to}  {} (run {}){by}", why(write), short_run(&write.run)))
            })
            .collect();
        if own.is_empty() {
            lines.push(Line::of(format!(
                "no write to it is in the log, which goes back {PAST_DAYS} days at most"
            )));
        }
        if kept < own.len() {
            let more = format!("... {} more:  ", own.len() - kept);
            lines.push(Line::of(Phrase::from(more).run(format_args!("history {}", self.found.name))));
        }
        lines
    }

    /// What somebody does about a name that nobody claims.
    fn what_to_do(&self, nobodys: &Nobodys, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        writeln!(out)?;
        for line in self.screen.wrapped(&nobodys.because, 0) {
            writeln!(out, "{line}")?;
        }
        let name = &self.found.name;
        let told = key::of_a_name(&nobodys.misspelt, &nobodys.tag, &self.found.keys);
        if !told.is_empty() {
            let mut lines = told.into_iter().flat_map(|phrase| self.screen.wrapped(phrase, 0));
            return lines.try_for_each(|line| writeln!(out, "{line}"));
        }
        for near in nobodys.near.iter().take(NEAR) {
            let meant = Phrase::from("did you mean:  ").run(format_args!("explain {near}"));
            self.screen.wrapped(meant, 0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        if nobodys.is_allowed {
            let tag = shown(&nobodys.tag);
            // To a machine that is gone nothing is tagged.
            let written_for = nobodys.written_for.as_deref().filter(|_| !nobodys.is_gone);
            let machine = written_for.and_then(|id| ResourceId::parse(id).ok());
            writeln!(out, "claim it:")?;
            if machine.is_none() {
                let all = self.screen.whole(&az::machines(&nobodys.tag), 2);
                all.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            }
            let held = machine.as_ref().and_then(|id| self.found.live_tags.get(id));
            let names = az::renamed(held.map_or(&[], Vec::as_slice), name.as_str(), Some(name.as_str()));
            let machine = machine.map_or_else(|| "MACHINE_ID".to_owned(), |id| id.to_string());
            writeln!(out, "  az resource tag --is-incremental --ids {machine} \\")?;
            writeln!(out, "    --tags {}", shell_word(&format!("{tag}={names}")))?;
            if held.is_none() {
                let others = format!(
                    "what its tag holds already stays only if it is said too: --tags {tag}={name},OTHER"
                );
                self.screen.wrapped(others, 2).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            }
        }
        Ok(())
    }
}

fn not_known(because: &str) -> String {
    format!("not known: {}", brief(&one_line(because)))
}
