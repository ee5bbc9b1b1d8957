//! What a notice says, before it takes the form of a preset.

use jiff::Timestamp;
use serde::Serialize;

use pure::plan::report::Trigger;
use pure::shown::one_line;

/// Events that are written out; the rest is a number.
const TOLD: usize = 20;
/// The longest line, in characters.
const LONGEST: usize = 400;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A name moved; the write is confirmed.
    Moved {
        /// The name.
        name: String,
        /// `A` or `AAAA`.
        record_type: String,
        /// The addresses before, joined by commas; empty: it was created.
        from: String,
        /// The addresses now.
        to: String,
        /// The machine's name.
        machine: String,
    },
    /// A brake holds something since now.
    Held {
        /// Which one.
        brake: String,
        /// The zone's name; empty: every zone.
        zone: String,
        /// How many names it holds.
        names: usize,
        /// What is wrong and what to do.
        because: String,
    },
    /// Something fails since now.
    Failed {
        /// A stage (`collect`, `evaluate`, `repair`), a change, or the configuration.
        what: String,
        /// Why.
        because: String,
    },
    /// Something is wrong with the installation itself, and stops no run.
    Warned {
        /// The word of its kind.
        what: String,
        /// What it is about.
        subject: String,
        /// What is wrong and what to do.
        because: String,
    },
    /// A resource still holds an address that names have left.
    StillHeld {
        /// The address.
        address: String,
        /// The names that have left it, joined by commas.
        names: String,
        /// The id of the resource.
        resource: String,
        /// What and where it is, for people.
        what: String,
        /// What is better than a number there; empty where nothing is known to be.
        because: String,
    },
    /// A server may hold an address that names have left, and its rules are not shown.
    NotShown {
        /// The id of the server.
        resource: String,
        /// What is not shown, for people.
        because: String,
        /// The command that shows it.
        look: String,
    },
    /// What was told before is over.
    Over {
        /// What it was.
        what: String,
    },
}

impl Event {
    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        plain(&match self {
            Self::Moved { name, record_type, from, to, machine } if from.is_empty() => {
                format!("{name} {record_type} was created: {to} ({machine})")
            }
            Self::Moved { name, record_type, from, to, machine } => {
                format!("{name} {record_type} moved from {from} to {to} ({machine})")
            }
            Self::Held { brake, zone, names, because } => {
                let place = if zone.is_empty() { String::new() } else { format!(" in {zone}") };
                let held = match names {
                    0 => String::new(),
                    1 => " holds 1 name".to_owned(),
                    names => format!(" holds {names} names"),
                };
                format!("brake {brake}{held}{place}: {because}")
            }
            Self::Failed { what, because } => format!("{what} failed: {because}"),
            Self::Warned { what, because, .. } => format!("warning {what}: {because}"),
            Self::StillHeld { address, names, what, because, .. } => {
                let advice = if because.is_empty() { String::new() } else { format!("; {because}") };
                format!("{address}, which {names} left, still stands in {what}{advice}")
            }
            Self::NotShown { because, look, .. } => format!("{because}{look}"),
            Self::Over { what } => format!("over: {what}"),
        })
    }

    fn is_trouble(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Failed { .. } | Self::Warned { .. } | Self::StillHeld { .. })
    }
}

/// What a notice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A run or a round.
    Run {
        /// Its id.
        run: String,
        /// What started it.
        trigger: Trigger,
    },
    /// The start of the process.
    Start,
}

/// What one occasion has to tell; it holds one event at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notice {
    /// `OWNER_ID` of the installation.
    pub installation: String,
    /// What it is about.
    pub occasion: Occasion,
    /// When it is told.
    pub time: Timestamp,
    /// What happened.
    pub events: Vec<Event>,
}

impl Notice {
    /// Whether somebody should look.
    #[must_use]
    pub(super) fn is_trouble(&self) -> bool {
        self.events.iter().any(Event::is_trouble)
    }

    /// The whole in one line of ASCII.
    #[must_use]
    pub(super) fn title(&self) -> String {
        let count = |is: fn(&Event) -> bool| self.events.iter().filter(|event| is(event)).count();
        let parts = [
            (count(|event| matches!(event, Event::Moved { .. })), "name moved", "names moved"),
            (count(|event| matches!(event, Event::Held { .. })), "brake holds", "brakes hold"),
            (count(|event| matches!(event, Event::Failed { .. })), "failure", "failures"),
            (count(|event| matches!(event, Event::Warned { .. })), "warning", "warnings"),
            (
                count(|event| matches!(event, Event::StillHeld { .. })),
                "old address still held",
                "old addresses still held",
            ),
            (
                count(|event| matches!(event, Event::NotShown { .. })),
                "server to look at",
                "servers to look at",
            ),
            (count(|event| matches!(event, Event::Over { .. })), "trouble is over", "troubles are over"),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
            .collect();
        format!("heartbeat-dns: {}", parts.join(", "))
    }

    /// The events that are written out, trouble first.
    pub(super) fn told(&self) -> Vec<&Event> {
        let mut events: Vec<_> = self.events.iter().collect();
        events.sort_by_key(|event| !event.is_trouble());
        events.truncate(TOLD);
        events
    }

    /// How many events are not written out.
    pub(super) fn more(&self) -> usize {
        self.events.len().saturating_sub(TOLD)
    }

    /// The events as lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.told().into_iter().map(Event::line).collect();
        if self.more() > 0 {
            lines.push(format!("and {} more", self.more()));
        }
        lines
    }
}

/// One line of bounded length, in which nothing hides.
fn plain(text: &str) -> String {
    let whole = one_line(text);
    let mut line: String = whole.chars().take(LONGEST).collect();
    if line.len() < whole.len() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_an_event() {
        let because = "the service said \u{202e}yes\u{200b}\r\nwarning: all is well\u{1b}[2K";
        let failed = Event::Failed { what: "collect".to_owned(), because: because.to_owned() };
        assert_eq!(
            failed.line(),
            r"collect failed: the service said \u{202e}yes\u{200b} warning: all is well\u{1b}[2K"
        );
        let long = Event::Over { what: "x".repeat(1000) };
        assert_eq!(long.line().chars().count(), LONGEST + 1);
    }

    #[test]
    fn trouble_comes_first_and_is_never_what_is_left_out() {
        let over = |index: usize| Event::Over { what: index.to_string() };
        let failed = Event::Failed { what: "collect".to_owned(), because: "no".to_owned() };
        let events = (0..TOLD).map(over).chain([failed.clone()]).collect();
        let (installation, time) = (String::new(), Timestamp::UNIX_EPOCH);
        let notice = Notice { installation, occasion: Occasion::Start, time, events };
        assert_eq!((notice.told()[0], notice.told()[1], notice.more()), (&failed, &over(0), 1));
    }

    #[test]
    fn what_had_no_address_was_created() {
        let line = |from: &str| {
            let (name, record_type) = ("a.example.com".to_owned(), "A".to_owned());
            let (from, to, machine) = (from.to_owned(), "203.0.113.7".to_owned(), "m".to_owned());
            Event::Moved { name, record_type, from, to, machine }.line()
        };
        assert_eq!(line(""), "a.example.com A was created: 203.0.113.7 (m)");
        assert_eq!(line("192.0.2.9"), "a.example.com A moved from 192.0.2.9 to 203.0.113.7 (m)");
    }
}
