//! The names that `let` and parameters give.

use std::sync::Arc;

use crate::ast::Lambda;
use crate::plan::{Node, SharedTable};

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Binding {
    Scalar(Node),
    Table(Arc<SharedTable>),
    Function(Arc<(Lambda, Scope)>),
}

/// Names in the order of their declaration; a clone is cheap and keeps what it saw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    last: Option<Arc<Entry>>,
    /// Names declared since this scope was opened.
    depth: usize,
}

#[derive(Debug)]
struct Entry {
    name: String,
    binding: Binding,
    before: Option<Arc<Entry>>,
}

impl Scope {
    pub(super) fn with(&self, name: &str, binding: Binding) -> Scope {
        let entry = Entry { name: name.to_owned(), binding, before: self.last.clone() };
        Scope { last: Some(Arc::new(entry)), depth: self.depth + 1 }
    }

    /// The same names, all of which may be declared again.
    pub(super) fn opened(&self) -> Scope {
        Scope { last: self.last.clone(), depth: 0 }
    }

    pub(super) fn declares_here(&self, name: &str) -> bool {
        self.entries().take(self.depth).any(|entry| entry.name == name)
    }

    pub(super) fn find(&self, name: &str) -> Option<&Binding> {
        self.entries().find(|entry| entry.name == name).map(|entry| &entry.binding)
    }

    /// The names of the views, as they were declared.
    pub(super) fn views(&self) -> Vec<&str> {
        let is_view =
            |entry: &&Entry| matches!(&entry.binding, Binding::Function(function) if function.0.is_view);
        let mut names: Vec<&str> = self.entries().filter(is_view).map(|entry| entry.name.as_str()).collect();
        names.reverse();
        names
    }

    /// All names that the query gives, the last first; those that the engine gives itself begin with a mark.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|entry| entry.name.as_str()).filter(|name| !name.starts_with('$'))
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::successors(self.last.as_deref(), |entry| entry.before.as_deref())
    }
}
