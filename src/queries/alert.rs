//! Whether the query of a deployed alert rule is the one of this program.

use super::literal::{INSTALLATION, OwnerId};
use super::mismatch::alert_query;

/// How the table of heartbeats is named where a rule reads those of other workspaces too (`infra/modules/drift-alert.bicep`).
const SEVERAL: &str = "let Hour = union Heartbeat, ";
const ONE: &str = "let Hour = Heartbeat";

/// Whether a text is the alert's query for this installation: as this program writes it, as the template does, or for the
/// rows of all installations. Ends of lines and blanks there are nobody's.
#[must_use]
pub fn is_alert_query(text: &str, owner_id: &str) -> bool {
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
    let lines: Vec<String> = text.trim().lines().map(|line| own_heartbeats(line.trim_end())).collect();
    lines.join("\n")
}

/// The line that reads heartbeats, as if it read those of the one workspace alone.
fn own_heartbeats(line: &str) -> String {
    let Some(mut rest) = line.strip_prefix(SEVERAL) else { return line.to_owned() };
    while let Some((_, after)) =
        rest.strip_prefix("workspace(\"").and_then(|rest| rest.split_once("\").Heartbeat"))
    {
        rest = after.strip_prefix(", ").unwrap_or(after);
    }
    format!("{ONE}{rest}")
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
        let several = deployed("dcr-1").replace(
            ONE,
            "let Hour = union Heartbeat, workspace(\"/subscriptions/s/x\").Heartbeat, workspace(\"/y\").Heartbeat",
        );
        assert!(several.contains("union Heartbeat") && is_alert_query(&several, "dcr-1"));
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
}
