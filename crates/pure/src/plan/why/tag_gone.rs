//! How a tag stopped to say so.

/// How a tag stopped to say so.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences say what every part is")]
pub enum TagGone {
    /// The machine is there, its tag names something else or nothing.
    Says {
        names: Vec<String>,
    },
    /// The machine has no such tag, and one of another key that names it.
    Elsewhere {
        key: String,
    },
    Deleted,
    Unreadable,
    /// The row's machine id is no id: its tag cannot be asked.
    NoId,
}
