//! Lists of texts, as `make_set` and `make_list` make them: what sorts, cuts, joins or picks from them needs no value of
//! its own for each row.

use std::rc::Rc;

use crate::aggregates::AggregateKind;
use crate::data::Data;
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::functions::{Arg, Call, Listed, Run};
use crate::plan::{Aggregation, Node, NodeKind};
use crate::pool::{EMPTY, QuickMap};
use crate::types::Type;
use crate::value::{NULL_NUMBER, Value};

use super::env::Env;
use super::eval::Vector;
use super::frame::{Frame, Lazy};
use super::group::Groups;
use super::text_lists::{Copies, NO_LIST, Span, TextLists};

impl Env<'_> {
    /// The lists that an aggregate makes of texts; none when it makes something else.
    pub(super) fn aggregated_lists(
        &mut self,
        aggregation: &Aggregation,
        frame: &Frame,
        groups: &Groups,
    ) -> Outcome<Option<TextLists>> {
        let (AggregateKind::Set { limit } | AggregateKind::List { limit, .. }) = aggregation.kind else {
            return Ok(None);
        };
        let [argument] = &*aggregation.arguments else { return Ok(None) };
        if argument.ty != Type::String {
            return Ok(None);
        }
        let kept = self.kept(aggregation, frame, groups)?;
        let (frame, groups) = kept.as_ref().map_or((frame, groups), |(frame, groups)| (frame, groups));
        let column = self.column(argument, frame)?;
        let is_set = matches!(aggregation.kind, AggregateKind::Set { .. });
        self.lists_of_texts(&column, &groups.of_row, groups.count(), limit, is_set).map(Some)
    }

    /// The texts of each group, or the different ones, in the order of their rows; no more than the limit of each.
    pub(super) fn lists_of_texts(
        &mut self,
        column: &Data,
        ids: &[u32],
        count: usize,
        limit: usize,
        is_set: bool,
    ) -> Outcome<TextLists> {
        let Data::String(texts) = column else { return Ok(TextLists::empty(count)) };
        let rows = if is_set { Some(self.distinct_pairs(column, ids)?) } else { None };
        let rows = || -> Box<dyn Iterator<Item = usize>> {
            match &rows {
                Some(rows) => Box::new(rows.iter().map(|row| *row as usize)),
                None => Box::new(0..ids.len()),
            }
        };
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let mut lengths = vec![0_u32; count];
        rows().for_each(|row| {
            let length = &mut lengths[ids[row] as usize];
            *length = length.saturating_add(1).min(limit);
        });
        let mut all = 0_u32;
        let mut spans: Vec<Span> = Vec::with_capacity(lengths.len());
        for length in lengths {
            spans.push((all, all));
            all = all.saturating_add(length);
        }
        // What reads the lists one by one makes values of them: their room is noted now.
        self.charge((all as usize).saturating_mul(size_of::<Dynamic>()))?;
        let mut elements = vec![EMPTY; all as usize];
        let ends: Vec<u32> = spans.iter().skip(1).map(|(start, _)| *start).chain([all]).collect();
        for row in rows() {
            let group = ids[row] as usize;
            let (_, end) = &mut spans[group];
            if *end < ends[group] {
                elements[*end as usize] = texts[row];
                *end += 1;
            }
        }
        let lists = TextLists { spans, elements: Rc::new(elements) };
        for span in &lists.spans {
            self.bounded_texts(lists.of(*span))?;
        }
        Ok(lists)
    }

    /// The lists that an expression yields; none when it yields something else.
    pub(super) fn text_lists(&mut self, node: &Node, frame: &Frame) -> Outcome<Option<TextLists>> {
        if !yields_lists(node, frame) {
            return Ok(None);
        }
        let lists = match &node.kind {
            NodeKind::Column(index) => return Ok(frame.columns[*index].lists()),
            NodeKind::Call(function, nodes) => {
                let Some(lists) = self.text_lists(&nodes[0], frame)? else { return Ok(None) };
                match function.listed {
                    Some(Listed::Sorted { ascending }) => {
                        self.work(lists.elements.len().saturating_mul(16))?;
                        lists.sorted(ascending, &self.pool)
                    }
                    Some(Listed::Cut) => {
                        match (self.constant(&nodes[1], frame)?, self.constant(&nodes[2], frame)?) {
                            (Value::Long(from), Value::Long(to)) => lists.cut(from, to),
                            _ => return Ok(None),
                        }
                    }
                    _ => return Ok(None),
                }
            }
            NodeKind::Case(branches, rest) => {
                let choice = self.choices(branches, frame)?;
                let mut choices = Vec::new();
                for node in branches.iter().map(|(_, then)| then).chain([&**rest]) {
                    let Some(lists) = self.text_lists(node, frame)? else { return Ok(None) };
                    choices.push(lists);
                }
                let mut copies = Copies::default();
                let spans = choice.into_iter().enumerate().map(|(row, chosen)| {
                    let column = (chosen as usize).min(branches.len());
                    copies.add(column, &choices[column], choices[column].spans[row], |_| ())
                });
                let spans = spans.collect();
                copies.into_lists(spans)
            }
            _ => return Ok(None),
        };
        self.charge(size_of_val(&*lists.spans) + size_of_val(&**lists.elements))?;
        Ok(Some(lists))
    }

    /// What a function makes of lists that need no values; none when it is another function, or gets something else.
    pub(super) fn of_lists(
        &mut self,
        (listed, run): (Listed, Run),
        nodes: &[Node],
        frame: &Frame,
    ) -> Outcome<Option<Vector>> {
        let data = match (listed, nodes) {
            (Listed::Joined, [list, delimiter]) if delimiter.is_constant() => {
                let Some(lists) = self.text_lists(list, frame)? else { return Ok(None) };
                let delimiter = self.constant(delimiter, frame)?;
                let mut ids = Vec::with_capacity(lists.spans.len());
                let mut joined: QuickMap<Span, u32> = QuickMap::default();
                for span in &lists.spans {
                    let known = joined.get(span).copied();
                    ids.push(match (lists.of(*span), known) {
                        (_, Some(id)) => id,
                        ([], _) => EMPTY,
                        ([one], _) => *one,
                        (many, _) => {
                            self.work(many.len())?;
                            let list = lists.value(*span, &self.pool);
                            let call = Call { ty: Type::String, state: &self.state };
                            let value = run(&call, &[Arg::Dynamic(&list), Arg::of(&delimiter)]);
                            self.finished()?;
                            let id = match value {
                                Value::String(text) => self.pool.intern_shared(&text),
                                _ => EMPTY,
                            };
                            joined.insert(*span, id);
                            id
                        }
                    });
                }
                self.charge(0)?;
                Data::String(ids)
            }
            (Listed::Text, [Node { kind: NodeKind::Index(list, index), .. }]) if index.is_constant() => {
                let Value::Long(index) = self.constant(index, frame)? else { return Ok(None) };
                let Some(lists) = self.text_lists(list, frame)? else { return self.part(list, index, frame) };
                let at = |span: &Span| {
                    let list = lists.of(*span);
                    let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
                    let index = if index < 0 { index.saturating_add(length) } else { index };
                    usize::try_from(index).ok().and_then(|index| list.get(index)).copied().unwrap_or(EMPTY)
                };
                Data::String(lists.spans.iter().map(at).collect())
            }
            (Listed::Length, [list]) => {
                let Some(lists) = self.text_lists(list, frame)? else { return Ok(None) };
                let length = |span: &Span| match *span {
                    NO_LIST => NULL_NUMBER,
                    (start, end) => i64::from(end - start),
                };
                Data::Number(lists.spans.iter().map(length).collect())
            }
            _ => return Ok(None),
        };
        Ok(Some(Vector::Data(Rc::new(data))))
    }

    /// One part of each text, `tostring(split(text, "/")[2])`, without the others; none for another expression.
    fn part(&mut self, list: &Node, index: i64, frame: &Frame) -> Outcome<Option<Vector>> {
        let (NodeKind::Call(function, nodes), Ok(index)) = (&list.kind, usize::try_from(index)) else {
            return Ok(None);
        };
        let (Some(Listed::Parts), [text, delimiter]) = (function.listed, &**nodes) else { return Ok(None) };
        if text.ty != Type::String || !delimiter.is_constant() {
            return Ok(None);
        }
        let Value::String(delimiter) = self.constant(delimiter, frame)? else { return Ok(None) };
        if delimiter.is_empty() {
            return Ok(None);
        }
        let vectors = [self.eval(text, frame)?];
        let part = |_: &Call<'_>, args: &[Arg<'_>]| {
            Value::text(
                args[0].text().and_then(|text| text.split(&*delimiter).nth(index)).unwrap_or_default(),
            )
        };
        self.map(&vectors, &[Type::String], Type::String, frame.rows, false, &part).map(Some)
    }
}

/// Whether every value of the expression comes out of lists of texts, by steps that keep them.
fn yields_lists(node: &Node, frame: &Frame) -> bool {
    match &node.kind {
        NodeKind::Column(index) => frame.columns.get(*index).is_some_and(Lazy::has_lists),
        NodeKind::Call(function, nodes) => match (function.listed, &**nodes) {
            (Some(Listed::Sorted { .. }), [list]) => yields_lists(list, frame),
            (Some(Listed::Cut), [list, from, to]) => {
                from.is_constant() && to.is_constant() && yields_lists(list, frame)
            }
            _ => false,
        },
        NodeKind::Case(branches, rest) => {
            branches.iter().map(|(_, then)| then).chain([&**rest]).all(|node| yields_lists(node, frame))
        }
        _ => false,
    }
}
