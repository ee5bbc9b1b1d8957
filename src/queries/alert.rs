//! Whether the query of a deployed alert rule is the one of this program.

use std::collections::BTreeSet;

use super::literal::{INSTALLATION, OwnerId};
use super::mismatch::alert_query;

/// Whose query a deployed rule asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertQuery {
    /// This program's, for this installation or for the rows of all.
    Ours,
    /// This program's, for the installation of this id.
    OfAnother(String),
    /// Most of it is this program's, for the installation of this id, which may be empty: of another release, or changed.
    Edited(String),
    /// Something else.
    Strange,
}

impl AlertQuery {
    /// What a text is, seen from the installation of this id.
    #[must_use]
    pub fn of(text: &str, owner_id: &str) -> Self {
        if is_alert_query(text, owner_id) {
            return Self::Ours;
        }
        let installation = Self::installation(text).unwrap_or_default();
        if is_alert_query(text, &installation) {
            return Self::OfAnother(installation);
        }
        if is_mostly_ours(text) { Self::Edited(installation) } else { Self::Strange }
    }

    /// The id of the installation whose rows a text counts; empty for the rows of all, none where nothing says so.
    #[must_use]
    pub fn installation(text: &str) -> Option<String> {
        let line = text.lines().find_map(|line| line.strip_prefix(BEGIN))?;
        let literal = line.trim_end().strip_suffix(';')?;
        let within = |text: &str, quote: char| {
            text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)).map(str::to_owned)
        };
        if let Some(verbatim) = literal.strip_prefix('@') {
            return within(verbatim, '"').map(|text| text.replace("\"\"", "\""));
        }
        let text = within(literal, '\'').or_else(|| within(literal, '"'))?;
        let mut plain = String::new();
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            plain.extend(if character == '\\' { characters.next() } else { Some(character) });
        }
        Some(plain)
    }
}

/// Whether at least half of our query's lines stand in a text. Comments are nobody's.
fn is_mostly_ours(text: &str) -> bool {
    let lines = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
        lines.map(str::to_owned).collect()
    };
    let (own, seen) = (lines(super::MISMATCH), lines(text));
    own.intersection(&seen).count() * 2 >= own.len()
}

/// Whether a line says nothing to the service.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// How the lines begin that read heartbeats, and that read those of other workspaces too where a rule has several
/// (`infra/modules/drift-alert.bicep`).
const READERS: [&str; 2] = ["let Hour = ", "let Listing = "];
const SEVERAL: &str = "union Heartbeat, ";
const ONE: &str = "Heartbeat";

/// Whether a text is the alert's query for this installation: as this program writes it, as the template does, or for the
/// rows of all installations. Ends of lines, blanks there, empty lines and comments are nobody's.
fn is_alert_query(text: &str, owner_id: &str) -> bool {
    let own = alert_query(&OwnerId::new(owner_id));
    let all = alert_query(&OwnerId::new(""));
    let line =
        |query: &str| query.lines().find(|line| line.starts_with(BEGIN)).unwrap_or_default().to_owned();
    let verbatim = format!("{BEGIN}@\"{}\";", owner_id.replace('"', "\"\""));
    let templated = own.replacen(&line(&own), &verbatim, 1);
    let of_all = all.replacen(&line(&all), INSTALLATION, 1);
    let empty = of_all.replacen(INSTALLATION, &format!("{BEGIN}@\"\";"), 1);
    let seen = plain(text);
    [own, templated, of_all, empty].iter().any(|known| plain(known) == seen)
}

/// How the line begins in whose place an installation's id comes.
const BEGIN: &str = "let Installation = ";

/// A query without what may differ.
fn plain(text: &str) -> String {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !is_comment(line));
    lines.map(own_heartbeats).collect::<Vec<_>>().join("\n")
}

/// A line that reads heartbeats, as if it read those of the one workspace alone; any other as it is.
fn own_heartbeats(line: &str) -> String {
    let several = |reader: &'static str| Some((reader, line.strip_prefix(reader)?.strip_prefix(SEVERAL)?));
    let Some((reader, mut rest)) = READERS.into_iter().find_map(several) else { return line.to_owned() };
    while let Some((_, after)) =
        rest.strip_prefix("workspace(\"").and_then(|rest| rest.split_once("\").Heartbeat"))
    {
        rest = after.strip_prefix(", ").unwrap_or(after);
    }
    format!("{reader}{ONE}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::{ACTIONABLE, MISMATCH};

    /// The rule's query as the template makes it.
    fn deployed(owner: &str) -> String {
        let line = format!("let Installation = @\"{}\";", owner.replace('"', "\"\""));
        format!("{}\n{ACTIONABLE}", MISMATCH.trim().replace(INSTALLATION, &line))
    }

    #[test]
    fn the_template_writes_what_the_program_knows() {
        for owner in ["dcr-1", "a\"b", "a'b\\c", ""] {
            assert!(is_alert_query(&deployed(owner), owner), "{owner}");
            assert!(is_alert_query(&alert_query(&OwnerId::new(owner)), owner), "{owner}");
        }
        assert!(is_alert_query(&deployed("dcr-1").replace('\n', "\r\n"), "dcr-1"));
        assert!(is_alert_query(&deployed(""), "dcr-1"), "the rows of all are those of this one as well");
        let others = "workspace(\"/subscriptions/s/x\").Heartbeat, workspace(\"/y\").Heartbeat";
        let several = READERS.iter().fold(deployed("dcr-1"), |query, reader| {
            query.replace(&format!("{reader}{ONE}"), &format!("{reader}{SEVERAL}{others}"))
        });
        // As somebody puts it together by hand, out of the file and the one line.
        let by_hand = format!("{MISMATCH}\n\n{ACTIONABLE}\n");
        assert!(is_alert_query(&by_hand, "dcr-1") && is_alert_query(&by_hand, ""));
        assert!(several.matches(SEVERAL).count() == READERS.len() && is_alert_query(&several, "dcr-1"));
    }

    #[test]
    fn another_query_is_not_ours() {
        let ours = deployed("dcr-1");
        for other in [
            ours.replace("| where Actionable", ""),
            ours.replace("1h", "2h"),
            format!("{ours}\n| take 0"),
            deployed("dcr-2"),
            String::new(),
        ] {
            assert!(!is_alert_query(&other, "dcr-1"), "{other}");
        }
    }

    #[test]
    fn a_query_is_told_by_its_installation_and_by_most_of_its_lines() {
        let ours = deployed("dcr-1");
        let edited = ours.replace("| where Actionable", "");
        for (text, seen) in [
            (ours.clone(), AlertQuery::Ours),
            (deployed(""), AlertQuery::Ours),
            (deployed("a\"b"), AlertQuery::OfAnother("a\"b".to_owned())),
            (alert_query(&OwnerId::new("a'b\\c")), AlertQuery::OfAnother("a'b\\c".to_owned())),
            (edited.clone(), AlertQuery::Edited("dcr-1".to_owned())),
            (edited.replace("@\"dcr-1\"", "\"\""), AlertQuery::Edited(String::new())),
            ("Heartbeat | take 1".to_owned(), AlertQuery::Strange),
            (String::new(), AlertQuery::Strange),
        ] {
            assert_eq!(AlertQuery::of(&text, "dcr-1"), seen, "{text}");
        }
    }
}
