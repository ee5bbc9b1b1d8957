//! An action of a role: a text in which `*` stands for any text.

/// How the operations end that change something: writes, deletions, and the actions proper, which are `POST`s.
const CHANGING: [&str; 3] = ["/write", "/delete", "/action"];

/// An action, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn new(action: &str) -> Self {
        Self(action.trim().to_ascii_lowercase())
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.0.contains('*')
    }

    /// Whether all that it stands for begins with this text.
    pub(super) fn is_below(&self, beginning: &str) -> bool {
        self.0.starts_with(beginning)
    }

    /// How much of it is spelled out: of two patterns the one with less of it says more.
    pub(super) fn narrowness(&self) -> usize {
        self.0.chars().filter(|letter| *letter != '*').count()
    }

    /// Whether all that the other stands for is meant by this one. A wildcard of the other is a letter like any: only one of
    /// our own stands for it, so what is said to be covered is, and of what is not some may be.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| other.0.strip_prefix(first)) else {
            return false;
        };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }

    /// The parts of it that change something, one for each way of changing; none where it can only read.
    pub(super) fn changing(&self) -> Vec<Self> {
        let Some((_, tail)) = self.0.rsplit_once('*') else {
            let is_changing = CHANGING.iter().any(|ending| self.0.ends_with(ending));
            return if is_changing { vec![self.clone()] } else { Vec::new() };
        };
        let head = &self.0[..self.0.len() - tail.len()];
        let narrowed = |ending: &&str| {
            if tail.ends_with(*ending) {
                Some(self.clone())
            } else {
                ending.ends_with(tail).then(|| Self(format!("{head}{ending}")))
            }
        };
        CHANGING.iter().filter_map(narrowed).collect()
    }
}
