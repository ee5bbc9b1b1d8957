//! Reads one variable after the other, and remembers what was wrong instead of stopping.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use super::duration::parse_duration;
use super::fault::Fault;
use super::setting::{Form, Setting, Unset};
use super::variables::{Variables, port_of};

/// A pass over the variables.
pub(super) struct Reader<'a> {
    variables: &'a Variables,
    findings: Findings,
    /// The settings that were asked for.
    asked: RefCell<BTreeSet<&'static str>>,
}

/// What a pass found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What stops the program.
    pub(super) faults: Vec<Fault>,
    /// Names that are no setting and look like one.
    pub(super) slips: Vec<Fault>,
    /// What is odd in other ways.
    pub(super) warnings: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(variables: &'a Variables) -> Self {
        Self { variables, findings: Findings::default(), asked: RefCell::default() }
    }

    /// Remembers a fault; `words` fit after the variable's name.
    pub(super) fn fault(&mut self, variable: &str, words: impl Into<String>) {
        self.findings.faults.push(Fault {
            variable: variable.to_owned(),
            file: None,
            line: None,
            words: words.into(),
        });
    }

    /// Remembers a fault on a line of the file that a setting names or holds.
    pub(super) fn fault_on(&mut self, setting: Setting, file: Option<&str>, line: usize, words: String) {
        self.findings.faults.push(fault_on(setting, file, line, words));
    }

    /// Remembers a name that is no setting and looks like one.
    pub(super) fn slip(&mut self, variable: &str, words: impl Into<String>) {
        self.findings.slips.push(Fault {
            variable: variable.to_owned(),
            file: None,
            line: None,
            words: words.into(),
        });
    }

    /// Remembers something odd that stops nothing.
    pub(super) fn warn(&mut self, setting: Setting, words: impl Into<String>) {
        let variable = setting.name.to_owned();
        self.findings.warnings.push(Fault { variable, file: None, line: None, words: words.into() });
    }

    /// Remembers something odd on a line of the file that a setting names or holds.
    pub(super) fn warn_on(&mut self, setting: Setting, file: Option<&str>, line: usize, words: String) {
        self.findings.warnings.push(fault_on(setting, file, line, words));
    }

    /// Whether a fault of this setting is known.
    pub(super) fn is_faulty(&self, setting: Setting) -> bool {
        self.findings.faults.iter().any(|fault| fault.variable == setting.name)
    }

    pub(super) fn into_findings(self) -> Findings {
        self.findings
    }

    /// The settings that were asked for.
    #[cfg(test)]
    pub(super) fn asked(&self) -> BTreeSet<&'static str> {
        self.asked.borrow().clone()
    }

    /// Whether the Functions host started us: it says where to listen (contract functions-custom-handler, section 2.2).
    pub(super) fn is_in_host(&self) -> bool {
        port_of(self.variables).is_some()
    }

    /// The value of a variable beside the settings, such as an older spelling.
    pub(super) fn other(&self, variable: &str) -> Option<&'a str> {
        self.variables.get(variable)
    }

    /// The value that was given, if there is one that is not empty.
    pub(super) fn text(&self, setting: Setting) -> Option<&'a str> {
        self.asked.borrow_mut().insert(setting.name);
        self.variables.get(setting.name)
    }

    /// The same as it stands there, with blanks and line breaks around it.
    pub(super) fn whole(&self, setting: Setting) -> Option<&'a str> {
        self.text(setting)?;
        self.variables.whole(setting.name)
    }

    /// The same of a variable that must be set here.
    pub(super) fn needed(&mut self, setting: Setting, what: &str) -> Option<&'a str> {
        let text = self.text(setting);
        if text.is_none() {
            self.fault(setting.name, format!("is not set; set it to {what}"));
        }
        text
    }

    /// The same of a setting that is declared to be required.
    pub(super) fn required(&mut self, setting: Setting) -> Option<&'a str> {
        match setting.unset {
            Unset::Fault(what) => self.needed(setting, what),
            Unset::Is(_) | Unset::Means(_) => self.text(setting),
        }
    }

    /// A parsed value, or that of the declared default when it is not set or cannot be parsed; none without a default.
    pub(super) fn parsed<T>(
        &mut self,
        setting: Setting,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match self.text(setting).map(&parse) {
            Some(Ok(value)) => return Some(value),
            Some(Err(words)) => self.fault(setting.name, words),
            None => {}
        }
        parse(setting.default()?).ok()
    }

    /// One of a few words, in any case.
    pub(super) fn word<T: Copy>(&mut self, setting: Setting, words: &[(&str, T)]) -> Option<T> {
        self.parsed(setting, |text| {
            let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
            found.map(|(_, value)| *value).ok_or_else(|| {
                let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                format!("is `{text}`; write {}", words.join(" or "))
            })
        })
    }

    /// A whole number within its bounds.
    pub(super) fn number(&mut self, setting: Setting) -> u32 {
        let read =
            self.parsed(setting, |text| number_within(text.parse().ok(), setting.form, &format!("`{text}`")));
        read.unwrap_or_else(|| bounds(setting.form).0)
    }

    /// `true` or `false`.
    pub(super) fn switch(&mut self, setting: Setting) -> bool {
        self.word(setting, &[("true", true), ("false", false)]).unwrap_or_default()
    }

    /// A duration within its bounds.
    pub(super) fn duration(&mut self, setting: Setting) -> Duration {
        let (least, longest, place) = match setting.form {
            Form::Deadline(least, _, longest) if self.is_in_host() => {
                (least, longest, " below the Functions host")
            }
            Form::Deadline(least, longest, _) | Form::Duration(least, longest) => (least, longest, ""),
            Form::Text | Form::List | Form::Number(..) => (Duration::ZERO, Duration::MAX, ""),
        };
        self.parsed(setting, |text| within(text, least, longest, place)).unwrap_or_default()
    }

    /// The members of a list; `parse` gets each, and every fault counts. A list that is given holds one at least: its
    /// author meant something, and nothing often means everything.
    pub(super) fn list<T>(
        &mut self,
        setting: Setting,
        parse: impl FnMut(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let given = self.text(setting);
        if let Some(text) = given.filter(|text| members(text).next().is_none()) {
            let what = match setting.unset {
                Unset::Fault(what) => format!("set it to {what}"),
                Unset::Is(_) | Unset::Means(_) => "name a member, or do not set it".to_owned(),
            };
            self.fault(setting.name, format!("is `{text}`, a list of nothing; {what}"));
        }
        let mut values = Vec::new();
        for member in members(given.or(setting.default()).unwrap_or_default()).map(parse) {
            match member {
                Ok(value) => values.push(value),
                Err(words) => self.fault(setting.name, words),
            }
        }
        values
    }
}

/// The bounds of a number.
fn bounds(form: Form) -> (u32, u32) {
    match form {
        Form::Number(least, most) => (least, most),
        Form::Text | Form::List | Form::Duration(..) | Form::Deadline(..) => (0, u32::MAX),
    }
}

/// A whole number within its bounds; `given` is what stands there.
///
/// # Errors
/// Words that fit after the name of what has the value.
pub(super) fn number_within(number: Option<u32>, form: Form, given: &str) -> Result<u32, String> {
    let (least, most) = bounds(form);
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("is {given}; write a whole number from {least} to {most}"))
}

/// A duration within its bounds, which hold at this place.
///
/// # Errors
/// Words that fit after the name of what has the value.
pub(super) fn within(
    text: &str,
    least: Duration,
    longest: Duration,
    place: &str,
) -> Result<Duration, String> {
    let duration = parse_duration(text)?;
    if duration < least {
        return Err(format!("is `{text}`; the shortest that makes sense is {}", minutes(least)));
    }
    if duration > longest {
        let longest = minutes(longest);
        return Err(format!("is `{text}`; the longest that makes sense{place} is {longest}"));
    }
    Ok(duration)
}

/// The members of a comma-separated text without blanks around them and without empty ones.
pub(super) fn members(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|member| !member.is_empty())
}

/// Whether a text may stand in a path of a URL as it is: letters, digits and dashes.
pub(super) fn is_plain_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Whether a text is a GUID as Azure writes them: hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(super) fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What is wrong on a line of what the setting holds or names.
fn fault_on(setting: Setting, file: Option<&str>, line: usize, words: String) -> Fault {
    let (variable, file) = (setting.name.to_owned(), file.map(str::to_owned));
    Fault { variable, file, line: Some(line), words }
}

/// A bound as people write it.
fn minutes(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}
