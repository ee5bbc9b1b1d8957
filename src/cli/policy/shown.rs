//! How a policy that was held against machines is shown.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::cli::output::Listing;
use crate::cli::screen::{Colour, Screen};
use crate::config::{Fault, Offline};
use pure::domain::{ZoneId, ZoneKind};
use pure::plan::why::{Undecided, Why};
use pure::plan::{Idle, RefusedClaim, Review, ReviewedClaim, Terms, Unnamed};
use pure::shown::{one_line, shown};

/// Names and countries of a claim that are shown; of more it is said how many they are.
const NAMES: usize = 3;
/// A claim that needs more characters than this has what it comes to on a line of its own.
const WIDEST: usize = 56;

/// A policy that was held against machines.
pub(super) struct HeldPolicy<'a> {
    /// The path of the policy file as it was given.
    pub(super) file: &'a str,
    pub(super) review: Review<'a>,
    pub(super) offline: &'a Offline,
    /// How many machines.
    pub(super) machines: usize,
    /// Whether they came out of files, which no right and no later run makes tell more.
    pub(super) is_from_files: bool,
}

impl HeldPolicy<'_> {
    pub(super) fn text(&self, screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        for fault in &self.offline.warnings {
            for line in screen.wrapped(one_line(&self.warning(fault)), 2) {
                writeln!(out, "{}", screen.paint(Some(Colour::Yellow), &line))?;
            }
        }
        let whats: Vec<String> = self.review.claims.iter().map(what).collect();
        let widths = whats.iter().map(|what| what.chars().count()).filter(|width| *width <= WIDEST);
        let width = widths.max().unwrap_or_default();
        for (claim, what) in self.review.claims.iter().zip(whats) {
            let (sign, colour) = sign(claim);
            let (line, found) = (claim.grant.line.unwrap_or_default(), found(claim));
            let row = format!("  line {line:>3}  {what:<width$}  {sign}  {found}");
            if what.chars().count() <= width && screen.fits(row.chars().count()) {
                writeln!(out, "{}", screen.paint(colour, &row))?;
                continue;
            }
            let more = format!("{sign}  {found}");
            writeln!(out, "  line {line:>3}")?;
            for line in screen.wrapped(&what, 12).iter().chain(&screen.wrapped(more.trim(), 12)) {
                writeln!(out, "{}", screen.paint(colour, line))?;
            }
        }
        self.refused(screen, out)?;
        self.unnamed(screen, out)?;
        let (dead, refused) =
            (self.review.claims.iter().filter(|claim| is_dead(claim)).count(), self.review.refused.len());
        let machines = counted(self.machines, "machine", "machines");
        let lines = counted(dead, "dead line", "dead lines");
        writeln!(out, "\n{machines} read: {} given, {refused} refused, {lines}", self.given())
    }

    /// A warning behind what it is about: a line of the file is one of the file that was given, whichever setting else names one.
    fn warning(&self, fault: &Fault) -> String {
        match fault.line {
            Some(_) => format!("{} {}", self.file, fault.said()),
            None => fault.to_string(),
        }
    }

    fn given(&self) -> usize {
        self.review.claims.iter().map(|claim| claim.given.len()).sum()
    }

    fn refused(&self, screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let refused = &self.review.refused;
        if !refused.is_empty() {
            let names = counted(refused.len(), "name is", "names are");
            writeln!(out, "\n{names} claimed and allowed by no line:")?;
        }
        for RefusedClaim { name, zone, machine, why } in refused {
            let place = format!("{}, {}", shown(machine.name()), shown(machine.resource_group()));
            // A name may have a side that a line gives, and one that none does.
            let has_sides = self.offline.policy.sides(name).len() > 1;
            let side = zone.as_ref().filter(|_| has_sides).map(|zone| format!(" in {}", zone.in_words()));
            writeln!(out, "    {}{} ({place})  {}", shown(name), side.unwrap_or_default(), why.reason())?;
            for line in screen.wrapped(one_line(&self.because(why)), 6) {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }

    fn unnamed(&self, screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let unnamed = &self.review.unnamed;
        if unnamed.is_empty() {
            return Ok(());
        }
        let machines = counted(unnamed.len(), "machine has", "machines have");
        writeln!(out, "\n{machines} no tag, and HOSTNAME_TEMPLATE gives no name:")?;
        for unnamed in unnamed {
            let (machine, group) = (unnamed.machine.name(), unnamed.machine.resource_group());
            let line = format!("{} ({})  {}", shown(machine), shown(group), nameless(unnamed));
            screen.wrapped(&line, 4).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        Ok(())
    }

    /// Why a name is refused.
    fn because(&self, why: &Why) -> String {
        let Some(undecided) = self.is_from_files.then_some(why).and_then(undecided) else {
            return why.to_string();
        };
        let Undecided { name, machine, line, .. } = undecided;
        let (line, untold) = match line {
            Some(line) => {
                (format!("line {line}"), "the management groups above its subscription, in a column groups")
            }
            None => ("a claim".to_owned(), "its location and its tags"),
        };
        format!(
            "Whether {line} gives {name} to {machine} is not known, for the files of --machines do not tell {untold}."
        )
    }

    pub(super) fn json(&self) -> Value {
        let claim = |claim: &ReviewedClaim<'_>| {
            let given = claim.given.iter();
            let given = given.map(|(name, machine)| json!({ "name": name, "machine": machine.as_str() }));
            json!({
                "line": claim.grant.line, "names": names(claim), "kind": claim.grant.kind.map(ZoneKind::as_str), "scope": claim.grant.scope.to_string(),
                "hold": claim.grant.terms.hold, "shared": claim.grant.terms.shared,
                "countries": claim.grant.terms.countries.iter().map(|country| country.name()).collect::<Vec<_>>(),
                "dead": is_dead(claim), "because": claim.idle.as_ref().map(words),
                "machines": claim.machines(), "given": given.collect::<Vec<_>>(),
            })
        };
        let refused = |refused: &RefusedClaim| {
            let (reason, because) = (refused.why.reason().as_str(), self.because(&refused.why));
            json!({ "name": refused.name, "zone": refused.zone, "machine": refused.machine.as_str(), "reason": reason, "because": because })
        };
        let unnamed =
            |unnamed: &Unnamed| json!({ "machine": unnamed.machine.as_str(), "because": nameless(unnamed) });
        let warning = |fault: &Fault| json!({ "variable": fault.variable, "words": fault.said() });
        json!({
            "schema": "heartbeat-dns-policy/1",
            "policy": self.offline.policy.digest,
            "machines": self.machines,
            "warnings": self.offline.warnings.iter().map(warning).collect::<Vec<_>>(),
            "claims": self.review.claims.iter().map(claim).collect::<Vec<_>>(),
            "refused": self.review.refused.iter().map(refused).collect::<Vec<_>>(),
            "unnamed": self.review.unnamed.iter().map(unnamed).collect::<Vec<_>>(),
        })
    }

    pub(super) fn table(&self) -> Listing {
        let mut table = Listing::new(&["line", "name", "machine", "reason", "because", "zone"]);
        for claim in &self.review.claims {
            let line = json!(claim.grant.line);
            for (name, machine) in &claim.given {
                table.push(vec![
                    line.clone(),
                    json!(name),
                    json!(machine.as_str()),
                    Value::Null,
                    Value::Null,
                    Value::Null,
                ]);
            }
            if let Some(idle) = &claim.idle {
                let reason = if is_dead(claim) { "dead" } else { "unknown" };
                table.push(vec![
                    line,
                    Value::Null,
                    Value::Null,
                    json!(reason),
                    json!(words(idle)),
                    Value::Null,
                ]);
            }
        }
        for RefusedClaim { name, zone, machine, why } in &self.review.refused {
            let (reason, because) = (json!(why.reason().as_str()), json!(self.because(why)));
            let zone = json!(zone.as_ref().map(ZoneId::label));
            table.push(vec![Value::Null, json!(name), json!(machine.as_str()), reason, because, zone]);
        }
        for unnamed in &self.review.unnamed {
            let (machine, because) = (json!(unnamed.machine.as_str()), json!(nameless(unnamed)));
            table.push(vec![Value::Null, Value::Null, machine, json!("unnamed"), because, Value::Null]);
        }
        table
    }
}

fn undecided(why: &Why) -> Option<&Undecided> {
    match why {
        Why::Undecided(undecided) => Some(undecided),
        _ => None,
    }
}

fn is_dead(claim: &ReviewedClaim<'_>) -> bool {
    claim.idle.as_ref().is_some_and(|idle| *idle != Idle::Unknown)
}

fn sign(claim: &ReviewedClaim<'_>) -> (char, Option<Colour>) {
    match &claim.idle {
        None => (' ', None),
        Some(Idle::Unknown) => ('?', Some(Colour::Yellow)),
        Some(_) => ('!', Some(Colour::Yellow)),
    }
}

fn names(claim: &ReviewedClaim<'_>) -> Vec<String> {
    claim.grant.names.iter().map(|form| form.to_string()).collect()
}

/// The names and the last part of the scope.
fn what(claim: &ReviewedClaim<'_>) -> String {
    let names = names(claim);
    let more = match names.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let names = names.iter().take(NAMES).map(|name| shown(name)).collect::<Vec<_>>().join(", ");
    let scope = claim.grant.scope.to_string();
    let scope = scope.rsplit_once('/').map(|(_, last)| format!(" below …/{}", shown(last)));
    let kind = claim.grant.kind.map(|kind| format!(" in {} zones", kind.as_str()));
    format!("names {names}{more}{}{}", kind.unwrap_or_default(), scope.unwrap_or_default())
}

/// What a claim comes to.
fn found(claim: &ReviewedClaim<'_>) -> String {
    if let Some(idle) = &claim.idle {
        return words(idle);
    }
    let machines = counted(claim.machines(), "machine", "machines");
    let terms = &claim.grant.terms;
    let said = [(terms.shared, ", shared"), (terms.hold, ", held")];
    let said: String = said.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words).collect();
    format!("{machines}, {}{said}{}", counted(claim.names(), "name", "names"), countries(terms))
}

/// The only countries from which addresses are published, if that is said.
fn countries(terms: &Terms) -> String {
    let names: Vec<&str> = terms.countries.iter().map(|country| country.name()).collect();
    match names.len().saturating_sub(NAMES) {
        _ if names.is_empty() => String::new(),
        0 => format!(", only from {}", names.join(", ")),
        more => format!(", only from {} and {more} more", names[..NAMES].join(", ")),
    }
}

fn words(idle: &Idle) -> String {
    match idle {
        Idle::NoMachine => "reaches no machine".to_owned(),
        Idle::NoSuchGroup(group) => format!(
            "the management group {} was not found among those above the machines; correct its name, or drop the claim",
            shown(group)
        ),
        Idle::NoName => "no machine that it reaches claims a name of it".to_owned(),
        Idle::Before(lines) => {
            let lines: Vec<String> = lines.iter().map(|line| format!("line {line}")).collect();
            format!("{} decides before it for all whom it fits", lines.join(" or "))
        }
        Idle::Unknown => {
            "too little is known of the machines: their location, tags or management groups are not told"
                .to_owned()
        }
    }
}

fn nameless(unnamed: &Unnamed) -> &'static str {
    if unnamed.is_known {
        "what the template fills in is no label"
    } else {
        "its location and tags are not told"
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
