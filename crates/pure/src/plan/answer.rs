//! What became of a question that a plan asks.

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// It was answered, completely.
    Known(T),
    /// It was not, or only in part: what went wrong, in words. What rests on it stays as it is.
    Unavailable(String),
}

impl<T> Answer<T> {
    /// What is known.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unavailable(_) => None,
        }
    }
}
