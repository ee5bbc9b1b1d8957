//! A table while its rows are read: which column each member of a row goes to, and what type it has as far as is known.
//!
//! Types of values are guessed as they come. A guess that proves too narrow is widened in place where that loses
//! nothing; otherwise the sheet is spoiled: it goes on guessing, keeps no rows, and the file is read a second time
//! with what was found.

use std::collections::HashMap;

use kql::{Cell, Column, Database, Loader, Type};

use super::infer;

/// The column of every table of a workspace that says when a row was made.
const TIME: &str = "TimeGenerated";

/// What becomes of members that no description names.
pub(super) enum Others {
    Dropped,
    /// Those of a built-in table have its types, the rest is dropped.
    Known(Vec<Column>),
    /// Their types follow from names and values.
    Guessed {
        from_text: bool,
    },
}

/// Where a member goes.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    /// A column whose type is settled.
    Column(usize),
    /// A column whose type is what its values were until now.
    Guess(usize, Option<Type>),
}

pub(super) struct Sheet {
    table: String,
    loader: Loader,
    others: Others,
    /// The members in the order in which they first appeared.
    members: Vec<(String, Place)>,
    numbers: HashMap<String, usize>,
    /// The members of the rows before, by their places: rows look alike.
    usual: Vec<usize>,
    /// The place of the next member in its row.
    next: usize,
    is_spoiled: bool,
}

/// What was made of the rows.
pub(super) enum Filled {
    Table(Loader),
    /// The rows must be read again, into these columns.
    Again(Vec<Column>),
}

impl Sheet {
    /// An empty table of those columns.
    pub(super) fn new(database: &Database, table: &str, columns: Vec<Column>, others: Others) -> Sheet {
        let mut sheet = Sheet {
            table: table.to_owned(),
            loader: database.loader(columns.clone()),
            others,
            members: Vec::new(),
            numbers: HashMap::new(),
            usual: Vec::new(),
            next: 0,
            is_spoiled: false,
        };
        for (index, column) in columns.into_iter().enumerate() {
            sheet.add(column.name, Place::Column(index));
        }
        sheet
    }

    pub(super) fn table(&self) -> &str {
        &self.table
    }

    /// Whether the member is described as one of instants, or is the one that says when a row of any table was made.
    pub(super) fn holds_times(&self, name: &str) -> bool {
        let described = match &self.others {
            Others::Known(columns) => columns.as_slice(),
            Others::Dropped | Others::Guessed { .. } => &[],
        };
        let mut columns = self.loader.columns().iter().chain(described);
        let ty = columns.find(|column| column.name == name).map(|column| column.ty);
        ty.map_or(name == TIME, |ty| ty == Type::DateTime)
    }

    /// The number of a member, for [`Sheet::set`].
    pub(super) fn member(&mut self, name: &str) -> usize {
        let place = self.next;
        self.next += 1;
        let usual = self.usual.get(place).copied();
        if let Some(number) = usual.filter(|number| self.members[*number].0 == name) {
            return number;
        }
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None => self.appear(name),
        };
        match self.usual.get_mut(place) {
            Some(usual) => *usual = number,
            None => self.usual.push(number),
        }
        number
    }

    /// Sets a member of the row under way.
    pub(super) fn set(&mut self, member: usize, cell: &Cell<'_>) {
        let place = match self.members[member].1 {
            Place::Nowhere => return,
            Place::Column(column) => column,
            Place::Guess(column, known) => {
                self.guess(member, column, known, cell);
                column
            }
        };
        if !self.is_spoiled {
            self.loader.set(place, cell);
        }
    }

    pub(super) fn end_row(&mut self) {
        self.next = 0;
        if !self.is_spoiled {
            self.loader.end_row();
        }
    }

    pub(super) fn drop_row(&mut self) {
        self.next = 0;
        self.loader.drop_row();
    }

    pub(super) fn finish(self) -> Filled {
        if self.is_spoiled {
            Filled::Again(self.loader.columns().to_vec())
        } else {
            Filled::Table(self.loader)
        }
    }

    fn add(&mut self, name: String, place: Place) -> usize {
        let number = self.members.len();
        self.numbers.insert(name.clone(), number);
        self.members.push((name, place));
        number
    }

    /// A member that no row had before.
    fn appear(&mut self, name: &str) -> usize {
        let next = self.loader.columns().len();
        let (ty, place) = match &self.others {
            Others::Dropped => (None, Place::Nowhere),
            Others::Known(columns) => match columns.iter().find(|column| column.name == name) {
                Some(column) => (Some(column.ty), Place::Column(next)),
                None => (None, Place::Nowhere),
            },
            Others::Guessed { .. } => match infer::told(&self.table, name) {
                Some(ty) => (Some(ty), Place::Column(next)),
                // A column of which nothing is known but nulls is one of text.
                None => (Some(Type::String), Place::Guess(next, None)),
            },
        };
        if let Some(ty) = ty {
            self.loader.add_column(Column::new(name, ty));
        }
        self.add(name.to_owned(), place)
    }

    /// Learns the type of a column from one more value.
    fn guess(&mut self, member: usize, column: usize, known: Option<Type>, cell: &Cell<'_>) {
        let from_text = matches!(self.others, Others::Guessed { from_text: true });
        let Some(found) = infer::value_type(cell, from_text, known) else { return };
        let ty = known.map_or(found, |known| infer::common(known, found));
        if known == Some(ty) {
            return;
        }
        let keeps_all = known.is_none() || (known == Some(Type::Long) && ty == Type::Real);
        if !keeps_all && !self.is_spoiled {
            self.is_spoiled = true;
            self.loader.forget_rows();
        }
        self.loader.set_type(column, ty);
        self.members[member].1 = Place::Guess(column, Some(ty));
    }
}
