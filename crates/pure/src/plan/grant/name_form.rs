//! A name in the policy: literal, a pattern, or one with placeholders that the machine fills.

use std::fmt;
use std::str::FromStr;

use crate::domain::{HostName, NameFault, ZoneKind, Zones};
use crate::plan::name_pattern::{NamePattern, label_matches};

use super::claimant::{Claimant, Unfilled};
use super::placeholder::{Placeholder, label};

/// One of the `names` of a grant.
///
/// ```
/// use pure::plan::NameForm;
///
/// assert!("{name}.dyn.example.com".parse::<NameForm>().is_ok());
/// assert!("{machine}.dyn.example.com".parse::<NameForm>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameForm {
    /// Without placeholders, as in `POLICY_NAMES`.
    Pattern(NamePattern),
    /// With placeholders: its labels from left to right.
    Filled(Vec<Label>),
}

/// A label with placeholders or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Text in lower case, in which `*` stands for any run of characters.
    Text(String),
    Placeholder(Placeholder),
}

/// Whether a name fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Fits,
    /// It does not.
    Not,
    /// It might, but the machine has nothing that a placeholder could be filled with.
    Unfilled(Unfilled),
    /// It might: the machine's location and tags are not known.
    Unknown,
}

/// What a name with placeholders comes to for one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filling {
    /// This name.
    Name(String),
    /// No name: a value is no label.
    Nothing,
    /// The machine's location and tags are not known.
    Unknown,
}

/// Why a text is no name of a policy; a fragment that fits after "the name".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// Without its placeholders it is no name.
    #[error("{0}")]
    Name(#[from] NameFault),
    /// Nothing but a placeholder.
    #[error("is nothing but a placeholder; write the zone behind it, as in {{name}}.dyn.example.com")]
    Bare,
    /// A brace without its partner.
    #[error("has a brace without its partner; a placeholder is written {{name}}")]
    Brace,
    /// `private:` before a name with placeholders.
    #[error("has private: before a placeholder; write kind = \"private\" into its claim")]
    Private,
    /// What stands in braces is no placeholder.
    #[error("has a placeholder {{{0}}}; there are {{name}}, {{resourceGroup}}, {{location}} and {{tag:KEY}}")]
    Placeholder(String),
}

impl NameForm {
    /// The name that it lists, of one without patterns and placeholders.
    #[must_use]
    pub fn literal(&self) -> Option<&HostName> {
        match self {
            Self::Pattern(pattern) => pattern.literal(),
            Self::Filled(_) => None,
        }
    }

    /// The only kind of zones that it is for; none: any.
    #[must_use]
    pub fn kind(&self) -> Option<ZoneKind> {
        match self {
            Self::Pattern(pattern) => pattern.kind(),
            Self::Filled(_) => None,
        }
    }

    /// Its placeholders.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        let labels = match self {
            Self::Pattern(_) => &[],
            Self::Filled(labels) => labels.as_slice(),
        };
        labels.iter().flat_map(|label| &label.0).filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Placeholder(placeholder) => Some(placeholder),
        })
    }

    /// Whether the name fits when this claimant fills the placeholders.
    pub(super) fn fit(&self, name: &HostName, claimant: Claimant<'_>) -> Fit {
        let labels = match self {
            Self::Pattern(pattern) if pattern.matches(name) => return Fit::Fits,
            Self::Pattern(_) => return Fit::Not,
            Self::Filled(labels) => labels,
        };
        if name.is_wildcard() || name.labels().count() != labels.len() {
            return Fit::Not;
        }
        let mut fit = Fit::Fits;
        for (form, label) in labels.iter().zip(name.labels()) {
            match form.fit(label, claimant) {
                Fit::Fits => {}
                Fit::Not => return Fit::Not,
                // What cannot be filled will not be, whatever else is learned.
                Fit::Unfilled(why) => fit = Fit::Unfilled(why),
                Fit::Unknown if fit == Fit::Fits => fit = Fit::Unknown,
                Fit::Unknown => {}
            }
        }
        fit
    }

    /// The name that a machine has by it.
    #[must_use]
    pub fn fill(&self, claimant: Claimant<'_>) -> Filling {
        let Self::Filled(labels) = self else { return Filling::Name(self.to_string()) };
        let filled: Result<Vec<String>, Fit> = labels.iter().map(|label| label.fill(claimant)).collect();
        match filled {
            Ok(labels) => Filling::Name(labels.join(".")),
            Err(Fit::Unknown) => Filling::Unknown,
            Err(_) => Filling::Nothing,
        }
    }

    /// Whether a `*` stands in it.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.literal().is_none_or(HostName::is_wildcard),
            Self::Filled(labels) => {
                let mut pieces = labels.iter().flat_map(|label| &label.0);
                pieces.any(|piece| matches!(piece, Piece::Text(text) if text.contains('*')))
            }
        }
    }

    /// Whether the name fits with anything in place of the placeholders.
    pub(super) fn may_fit(&self, name: &HostName) -> bool {
        self.widest().matches(name)
    }

    /// The pattern with anything in place of the placeholders.
    fn widest(&self) -> NamePattern {
        match self {
            Self::Pattern(pattern) => pattern.clone(),
            Self::Filled(labels) => NamePattern::Labels(labels.iter().map(Label::widest).collect()),
        }
    }

    /// Whether a name in one of the zones can fit, of a claim for zones of that kind alone where it says one.
    #[must_use]
    pub fn fits_in(&self, only: Option<ZoneKind>, zones: &Zones) -> bool {
        self.widest().fits(only, zones)
    }
}

impl Label {
    fn fit(&self, label_of_name: &str, claimant: Claimant<'_>) -> Fit {
        // Not even with anything in their places.
        if !label_matches(&self.widest(), label_of_name) {
            return Fit::Not;
        }
        match self.fill(claimant) {
            Ok(pattern) if label_matches(&pattern, label_of_name) => Fit::Fits,
            Ok(_) => Fit::Not,
            Err(fit) => fit,
        }
    }

    /// Its text with the placeholders filled.
    fn fill(&self, claimant: Claimant<'_>) -> Result<String, Fit> {
        let mut pattern = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => pattern.push_str(text),
                Piece::Placeholder(placeholder) => {
                    let Some(value) = placeholder.value(claimant.machine, claimant.facts) else {
                        return Err(Fit::Unknown);
                    };
                    let Some(filled) = label(value) else {
                        let (placeholder, value) = (placeholder.clone(), value.to_owned());
                        return Err(Fit::Unfilled(Unfilled { placeholder, value, line: None }));
                    };
                    pattern.push_str(&filled);
                }
            }
        }
        Ok(pattern)
    }

    /// The pattern with `*` in place of the placeholders.
    fn widest(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Placeholder(_) => "*".to_owned(),
        };
        self.0.iter().map(piece).collect()
    }
}

impl FromStr for NameForm {
    type Err = FormFault;

    /// Reads one name.
    ///
    /// # Errors
    /// [`FormFault`].
    fn from_str(text: &str) -> Result<Self, FormFault> {
        let text = text.trim();
        // Blanks stand around a name, and not before its last dot.
        let without_dot = text.strip_suffix('.').filter(|name| !name.ends_with(char::is_whitespace));
        let pieces = pieces(without_dot.unwrap_or(text))?;
        if pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            return Ok(Self::Pattern(text.parse()?));
        }
        let labels = split(pieces);
        // With anything in place of the placeholders it must be a pattern, whose labels are read as those of all patterns are.
        let widest = labels.iter().map(Label::widest).collect::<Vec<_>>().join(".");
        let read = match widest.parse()? {
            NamePattern::Labels(read) => read,
            // `{name}` alone, which would be any name of one label.
            NamePattern::Every | NamePattern::Literal(_) => return Err(FormFault::Bare),
            NamePattern::Private(_) => return Err(FormFault::Private),
        };
        let one = |(label, read): (Label, String)| {
            let has_placeholder = label.0.iter().any(|piece| matches!(piece, Piece::Placeholder(_)));
            if has_placeholder { label } else { Label(vec![Piece::Text(read)]) }
        };
        Ok(Self::Filled(labels.into_iter().zip(read).map(one).collect()))
    }
}

/// The labels: their dots stand in the text.
fn split(pieces: Vec<Piece>) -> Vec<Label> {
    let (mut labels, mut label) = (Vec::new(), Vec::new());
    for piece in pieces {
        let Piece::Text(text) = piece else {
            label.push(piece);
            continue;
        };
        let mut parts = text.split('.');
        label.extend(
            parts.next().filter(|part| !part.is_empty()).map(|part| Piece::Text(part.to_lowercase())),
        );
        for part in parts {
            labels.push(Label(std::mem::take(&mut label)));
            label.extend((!part.is_empty()).then(|| Piece::Text(part.to_lowercase())));
        }
    }
    labels.push(Label(label));
    labels
}

/// The text before, between and behind the placeholders, and these.
fn pieces(text: &str) -> Result<Vec<Piece>, FormFault> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, behind) = rest.split_at(at);
        let inside = behind.strip_prefix('{').ok_or(FormFault::Brace)?;
        let (inside, after) = inside.split_once('}').ok_or(FormFault::Brace)?;
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let placeholder =
            Placeholder::parse(inside).ok_or_else(|| FormFault::Placeholder(inside.to_owned()))?;
        pieces.push(Piece::Placeholder(placeholder));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

impl fmt::Display for NameForm {
    /// The name as one would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = match self {
            Self::Pattern(pattern) => return write!(f, "{pattern}"),
            Self::Filled(labels) => labels,
        };
        for (index, label) in labels.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            for piece in &label.0 {
                match piece {
                    Piece::Text(text) => f.write_str(text)?,
                    Piece::Placeholder(placeholder) => write!(f, "{placeholder}")?,
                }
            }
        }
        Ok(())
    }
}
