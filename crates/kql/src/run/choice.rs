//! `case`, `iff` and `coalesce`: for each row the value of one of several expressions.

use std::rc::Rc;

use crate::data::Data;
use crate::error::Outcome;
use crate::plan::Node;
use crate::types::Type;

use super::env::Env;
use super::eval::Vector;
use super::frame::Frame;

impl Env<'_> {
    /// The number of the branch of each row; a number that is too large stands for the rest.
    pub(super) fn choices(&mut self, branches: &[(Node, Node)], frame: &Frame) -> Outcome<Vec<u16>> {
        let mut choice: Vec<u16> = vec![u16::MAX; frame.rows];
        for (index, (when, _)) in branches.iter().enumerate() {
            let when = self.eval(when, frame)?;
            let index = u16::try_from(index).unwrap_or(u16::MAX - 1);
            for (row, cell) in choice.iter_mut().enumerate() {
                if *cell == u16::MAX && when.boolean(row) == 1 {
                    *cell = index;
                }
            }
        }
        Ok(choice)
    }

    pub(super) fn case(
        &mut self,
        branches: &[(Node, Node)],
        rest: &Node,
        ty: Type,
        frame: &Frame,
    ) -> Outcome<Vector> {
        let choice = self.choices(branches, frame)?;
        let mut values = Vec::new();
        for (_, then) in branches {
            values.push(self.column(then, frame)?);
        }
        let rest = self.column(rest, frame)?;
        let mut out = Data::with_capacity(ty, frame.rows);
        for (row, chosen) in choice.into_iter().enumerate() {
            out.push_from(values.get(chosen as usize).unwrap_or(&rest), row);
        }
        Ok(Vector::Data(Rc::new(out)))
    }

    pub(super) fn coalesce(&mut self, nodes: &[Node], ty: Type, frame: &Frame) -> Outcome<Vector> {
        let mut columns = Vec::new();
        for node in nodes {
            columns.push(self.column(node, frame)?);
        }
        let mut out = Data::with_capacity(ty, frame.rows);
        for row in 0..frame.rows {
            let found = columns.iter().find(|data| match &***data {
                Data::String(ids) => ids[row] != crate::pool::EMPTY,
                data => !data.is_null(row),
            });
            match found {
                Some(data) => out.push_from(data, row),
                None => out.push_nothing(),
            }
        }
        Ok(Vector::Data(Rc::new(out)))
    }
}
