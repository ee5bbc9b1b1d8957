//! Rows under way: columns that are read only when they are needed.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::data::{Data, NO_ROW};
use crate::pool::QueryPool;
use crate::table::{CHUNK, Table};

use super::text_lists::TextLists;

/// Where the values of a column lie.
enum Base {
    Flat(Rc<Data>),
    Stored {
        table: Table,
        column: usize,
        flat: OnceCell<Rc<Data>>,
    },
    /// Lists of texts, and the same as values once somebody reads them so.
    Lists {
        lists: TextLists,
        flat: OnceCell<Rc<Data>>,
    },
}

/// A column: values, and which of them are its rows.
#[derive(Clone)]
pub(super) struct Lazy {
    base: Rc<Base>,
    rows: Option<Rc<Vec<u32>>>,
    flat: Rc<OnceCell<Rc<Data>>>,
}

impl Lazy {
    pub(super) fn of(data: Rc<Data>) -> Lazy {
        Lazy { base: Rc::new(Base::Flat(data)), rows: None, flat: Rc::default() }
    }

    pub(super) fn of_lists(lists: TextLists) -> Lazy {
        Lazy { base: Rc::new(Base::Lists { lists, flat: OnceCell::new() }), rows: None, flat: Rc::default() }
    }

    pub(super) fn has_lists(&self) -> bool {
        matches!(*self.base, Base::Lists { .. })
    }

    /// The lists of texts that the column is made of; none when it is made of values.
    pub(super) fn lists(&self) -> Option<TextLists> {
        match (&*self.base, &self.rows) {
            (Base::Lists { lists, .. }, Some(rows)) => Some(lists.gather(rows)),
            (Base::Lists { lists, .. }, None) => Some(lists.clone()),
            _ => None,
        }
    }

    pub(super) fn data(&self, pool: &QueryPool) -> Rc<Data> {
        let Some(rows) = &self.rows else { return self.base.flat(pool) };
        Rc::clone(self.flat.get_or_init(|| Rc::new(self.base.gather(rows, pool))))
    }
}

impl Base {
    fn flat(&self, pool: &QueryPool) -> Rc<Data> {
        match self {
            Base::Flat(data) => Rc::clone(data),
            Base::Stored { table, column, flat } => {
                Rc::clone(flat.get_or_init(|| Rc::new(table.flat(*column))))
            }
            Base::Lists { lists, flat } => Rc::clone(flat.get_or_init(|| Rc::new(lists.to_data(pool)))),
        }
    }

    fn gather(&self, rows: &[u32], pool: &QueryPool) -> Data {
        match self {
            // Few rows of a large table are read from its chunks; many are cheaper from one vector.
            Base::Stored { table, column, flat }
                if flat.get().is_none() && rows.len() < table.row_count() / 4 =>
            {
                let mut picked = Data::with_capacity(table.columns()[*column].ty, rows.len());
                for row in rows {
                    if *row == NO_ROW {
                        picked.push_nothing();
                    } else {
                        let row = *row as usize;
                        picked.push_from(&table.chunk(row / CHUNK).data[*column], row % CHUNK);
                    }
                }
                picked
            }
            Base::Lists { lists, flat } if flat.get().is_none() => lists.gather(rows).to_data(pool),
            _ => self.flat(pool).gather(rows),
        }
    }
}

/// Rows: their number and their columns.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) rows: usize,
    pub(super) columns: Vec<Lazy>,
}

impl Frame {
    /// All rows of a stored table.
    pub(super) fn stored(table: &Table) -> Frame {
        let column = |column| Lazy {
            base: Rc::new(Base::Stored { table: table.clone(), column, flat: OnceCell::new() }),
            rows: None,
            flat: Rc::default(),
        };
        Frame { rows: table.row_count(), columns: (0..table.columns().len()).map(column).collect() }
    }

    pub(super) fn of(rows: usize, columns: Vec<Data>) -> Frame {
        Frame { rows, columns: columns.into_iter().map(|data| Lazy::of(Rc::new(data))).collect() }
    }

    /// The values of a column.
    pub(super) fn data(&self, column: usize, pool: &QueryPool) -> Rc<Data> {
        self.columns[column].data(pool)
    }

    /// The stored table of which this is all rows, and the column's place in it.
    pub(super) fn stored_column(&self, column: usize) -> Option<(&Table, usize)> {
        match (&*self.columns.get(column)?.base, &self.columns.get(column)?.rows) {
            (Base::Stored { table, column, .. }, None) => Some((table, *column)),
            _ => None,
        }
    }

    /// The frame with those rows, in that order; `NO_ROW` is a row of nothing.
    pub(super) fn select(&self, rows: Vec<u32>) -> Frame {
        let count = rows.len();
        let rows = Rc::new(rows);
        let mut composed: Vec<(*const Vec<u32>, Rc<Vec<u32>>)> = Vec::new();
        let columns = self.columns.iter().map(|column| {
            let new_rows = match &column.rows {
                None => Rc::clone(&rows),
                Some(old) => {
                    let key = Rc::as_ptr(old);
                    match composed.iter().find(|(known, _)| *known == key) {
                        Some((_, rows)) => Rc::clone(rows),
                        None => {
                            let pick = |row: &u32| old.get(*row as usize).copied().unwrap_or(NO_ROW);
                            let made: Rc<Vec<u32>> = Rc::new(rows.iter().map(pick).collect());
                            composed.push((key, Rc::clone(&made)));
                            made
                        }
                    }
                }
            };
            Lazy { base: Rc::clone(&column.base), rows: Some(new_rows), flat: Rc::default() }
        });
        let columns = columns.collect();
        Frame { rows: count, columns }
    }

    /// The first rows.
    pub(super) fn head(&self, count: usize) -> Frame {
        if count >= self.rows {
            return self.clone();
        }
        self.select((0..u32::try_from(count).unwrap_or(u32::MAX)).collect())
    }
}
