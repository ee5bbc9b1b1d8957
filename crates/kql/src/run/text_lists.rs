//! A column of lists of texts: the elements of all rows in one vector, as numbers of the pool.

use std::rc::Rc;

use crate::data::Data;
use crate::dynamic::Dynamic;
use crate::pool::{QueryPool, QuickMap};

/// Where a list begins and ends among the elements of its column.
pub(super) type Span = (u32, u32);

/// The span of a row that has no list: it reads as null.
pub(super) const NO_LIST: Span = (u32::MAX, u32::MAX);

/// A list of texts for each row.
#[derive(Clone)]
pub(super) struct TextLists {
    pub(super) spans: Vec<Span>,
    /// Numbers of the pool.
    pub(super) elements: Rc<Vec<u32>>,
}

impl TextLists {
    /// Lists of nothing.
    pub(super) fn empty(count: usize) -> TextLists {
        TextLists { spans: vec![(0, 0); count], elements: Rc::default() }
    }

    /// The lists of those rows.
    pub(super) fn gather(&self, rows: &[u32]) -> TextLists {
        let pick = |row: &u32| self.spans.get(*row as usize).copied().unwrap_or(NO_LIST);
        TextLists { spans: rows.iter().map(pick).collect(), elements: Rc::clone(&self.elements) }
    }

    /// The lists as dynamic values; rows that share a list share its value.
    pub(super) fn to_data(&self, pool: &QueryPool) -> Data {
        let mut made: QuickMap<Span, Dynamic> = QuickMap::default();
        let value = |span: &Span| made.entry(*span).or_insert_with(|| self.value(*span, pool)).clone();
        Data::Dynamic(self.spans.iter().map(value).collect())
    }

    pub(super) fn of(&self, (start, end): Span) -> &[u32] {
        self.elements.get(start as usize..end as usize).unwrap_or_default()
    }

    pub(super) fn value(&self, span: Span, pool: &QueryPool) -> Dynamic {
        if span == NO_LIST {
            return Dynamic::Null;
        }
        let text =
            |id: &u32| pool.shared_text(*id).map_or(Dynamic::Null, |text| Dynamic::String(text.clone()));
        Dynamic::Array(self.of(span).iter().map(text).collect())
    }

    pub(super) fn sorted(&self, ascending: bool, pool: &QueryPool) -> TextLists {
        if self.spans.iter().all(|(start, end)| end - start <= 1) {
            return self.clone();
        }
        let mut copies = Copies::default();
        let sort = |list: &mut [u32]| {
            list.sort_by(|a, b| {
                let order = pool.get(*a).cmp(pool.get(*b));
                if ascending { order } else { order.reverse() }
            });
        };
        let spans = self.spans.iter().map(|span| copies.add(0, self, *span, sort)).collect();
        copies.into_lists(spans)
    }

    /// From the start to the end, both in; negative places count from the end.
    pub(super) fn cut(&self, from: i64, to: i64) -> TextLists {
        let cut = |(start, end): &Span| {
            if (*start, *end) == NO_LIST {
                return NO_LIST;
            }
            let length = i64::from(end - start);
            let place = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
            let from = place(from).clamp(0, length);
            let to = place(to).saturating_add(1).clamp(from, length);
            let at = |place: i64| start + u32::try_from(place).unwrap_or(0);
            (at(from), at(to))
        };
        TextLists { spans: self.spans.iter().map(cut).collect(), elements: Rc::clone(&self.elements) }
    }
}

/// New elements of lists under way. Rows that share a list go on sharing it: a long one may stand in every row of a join.
#[derive(Default)]
pub(super) struct Copies {
    elements: Vec<u32>,
    /// By the number of the column that a list comes from, and its span there.
    known: QuickMap<(usize, Span), Span>,
}

impl Copies {
    /// Copies a list of a column, changed, and tells where it stands now.
    pub(super) fn add(
        &mut self,
        column: usize,
        lists: &TextLists,
        span: Span,
        change: impl FnOnce(&mut [u32]),
    ) -> Span {
        if span == NO_LIST {
            return NO_LIST;
        }
        *self.known.entry((column, span)).or_insert_with(|| {
            let start = self.elements.len();
            self.elements.extend_from_slice(lists.of(span));
            change(&mut self.elements[start..]);
            (place(start), place(self.elements.len()))
        })
    }

    pub(super) fn into_lists(self, spans: Vec<Span>) -> TextLists {
        TextLists { spans, elements: Rc::new(self.elements) }
    }
}

/// A place among the elements; there are never more than fit.
fn place(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::NO_ROW;

    #[test]
    fn lists_are_cut_as_arrays_are() {
        let lists = TextLists { spans: vec![(0, 3), (3, 3), NO_LIST], elements: Rc::new(vec![7, 8, 9]) };
        let cut = |from, to| {
            let cut = lists.cut(from, to);
            cut.spans.iter().map(|span| cut.of(*span).to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(cut(0, 1), [vec![7, 8], Vec::new(), Vec::new()]);
        assert_eq!(cut(-2, -1), [vec![8, 9], Vec::new(), Vec::new()]);
        assert_eq!(cut(2, 1), [Vec::<u32>::new(), Vec::new(), Vec::new()]);
        assert_eq!(cut(i64::MIN, i64::MAX), [vec![7, 8, 9], Vec::new(), Vec::new()]);
        assert_eq!(lists.cut(0, 0).spans[2], NO_LIST);
    }

    #[test]
    fn rows_that_share_a_list_go_on_sharing_it() {
        let mut pool = QueryPool::new(&crate::pool::Pool::new());
        let elements: Vec<u32> = ["b", "a"].iter().map(|text| pool.intern(text)).collect();
        let lists = TextLists { spans: vec![(0, 2)], elements: Rc::new(elements) }.gather(&[0, 0, NO_ROW]);
        let sorted = lists.sorted(true, &pool);
        assert_eq!((&*sorted.spans, sorted.elements.len()), (&[(0, 2), (0, 2), NO_LIST][..], 2));
        assert_eq!(pool.get(sorted.elements[0]), "a");
        let Data::Dynamic(values) = sorted.to_data(&pool) else { panic!("lists are dynamics") };
        let (Dynamic::Array(first), Dynamic::Array(second)) = (&values[0], &values[1]) else {
            panic!("{values:?}")
        };
        assert!(std::sync::Arc::ptr_eq(first, second) && values[2].is_null());
    }

    #[test]
    fn rows_of_nothing_have_no_list() {
        let lists = TextLists { spans: vec![(0, 1)], elements: Rc::new(vec![7]) };
        assert_eq!(lists.gather(&[NO_ROW, 0]).spans, [NO_LIST, (0, 1)]);
    }
}
