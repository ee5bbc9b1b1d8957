//! `in !in in~ !in~` over columns (rule 5).

use std::collections::HashSet;
use std::rc::Rc;

use crate::data::Data;
use crate::decimal::Decimal;
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::functions::Arg;
use crate::plan::{Node, SharedTable};
use crate::pool::QuickSet;
use crate::types::Type;
use crate::value::Value;

use super::env::Env;
use super::eval::{TICK_ROWS, Vector};
use super::frame::Frame;

impl Env<'_> {
    pub(super) fn is_in(
        &mut self,
        value: &Node,
        list: &[Node],
        table: Option<&SharedTable>,
        ignore_case: bool,
        negated: bool,
        frame: &Frame,
    ) -> Outcome<Vector> {
        let vector = self.eval(value, frame)?;
        let mut wanted = Wanted { ignore_case, ..Wanted::default() };
        let mut varying = Vec::new();
        if let Some(table) = table {
            let rows = self.shared_table(table)?;
            let data = rows.data(0, &self.pool);
            let ty = table.plan.columns[0].ty;
            for row in 0..rows.rows {
                if row % TICK_ROWS == 0 {
                    self.tick()?;
                }
                wanted.add(data.arg(ty, row, &self.pool));
            }
        }
        for node in list {
            match self.eval(node, frame)? {
                Vector::Constant(constant) => wanted.add(Arg::of(&constant)),
                data => varying.push((data, node.ty)),
            }
        }
        if varying.is_empty()
            && let Vector::Data(data) = &vector
            && let Data::String(texts) = &**data
        {
            let found = self.are_in(texts, &wanted)?.into_iter().map(|found| u8::from(found != negated));
            return Ok(Vector::Data(Rc::new(Data::Bool(found.collect()))));
        }
        if varying.is_empty() {
            return self.map(&[vector], &[value.ty], Type::Bool, frame.rows, false, &|_, args| {
                Value::Bool(wanted.has(args[0]) != negated)
            });
        }
        let mut out = Vec::with_capacity(frame.rows);
        for row in 0..frame.rows {
            if row % TICK_ROWS == 0 {
                self.tick()?;
            }
            let left = vector.arg(value.ty, row, &self.pool);
            self.work(left.size().unwrap_or(0))?;
            let mut found = wanted.has(left);
            for (data, ty) in &varying {
                found = found || {
                    let mut one = Wanted { ignore_case, ..Wanted::default() };
                    one.add(data.arg(*ty, row, &self.pool));
                    one.has(left)
                };
            }
            out.push(u8::from(found != negated));
        }
        Ok(Vector::Data(Rc::new(Data::Bool(out))))
    }

    /// Whether each text is one of the wanted: equal texts have one number, so the numbers are looked up.
    fn are_in(&self, texts: &[u32], wanted: &Wanted) -> Outcome<Vec<bool>> {
        let numbers: QuickSet<u32> = wanted.texts.iter().filter_map(|text| self.pool.find(text)).collect();
        let mut found = Vec::with_capacity(texts.len());
        for (row, text) in texts.iter().enumerate() {
            if row % TICK_ROWS == 0 {
                self.tick()?;
            }
            let number = if wanted.ignore_case { self.pool.lower(*text) } else { Some(*text) };
            found.push(match number {
                Some(number) => numbers.contains(&number),
                None => {
                    let text = self.pool.get(*text);
                    self.work(text.len() / 8)?;
                    wanted.has(Arg::Text(text))
                }
            });
        }
        Ok(found)
    }
}

/// The values of an `in` list, ready to be looked up.
#[derive(Default)]
struct Wanted {
    ignore_case: bool,
    texts: HashSet<String>,
    longs: HashSet<i64>,
    /// Reals and, as reals, whole numbers, by their bits.
    reals: HashSet<u64>,
    reals_of_longs: HashSet<u64>,
    decimals: HashSet<u128>,
    others: HashSet<(u8, i64)>,
    guids: HashSet<u128>,
}

/// The bits of a real, the same for both zeros.
fn bits(value: f64) -> u64 {
    if value == 0.0 { 0 } else { value.to_bits() }
}

impl Wanted {
    #[expect(clippy::cast_precision_loss, reason = "mixed numbers are compared as reals")]
    fn add(&mut self, arg: Arg<'_>) {
        match arg {
            Arg::Dynamic(Dynamic::Array(items)) => {
                for item in &**items {
                    self.add(Arg::of_dynamic(item));
                }
            }
            Arg::Dynamic(
                scalar @ (Dynamic::String(_) | Dynamic::Long(_) | Dynamic::Real(_) | Dynamic::Bool(_)),
            ) => {
                self.add(Arg::of_dynamic(scalar));
            }
            Arg::Text(text) if self.ignore_case => {
                self.texts.insert(text.to_lowercase());
            }
            Arg::Text(text) => {
                self.texts.insert(text.to_owned());
            }
            Arg::Long(value) => {
                self.longs.insert(value);
                self.reals_of_longs.insert(bits(value as f64));
            }
            // What is no number equals nothing.
            Arg::Real(value) if value.is_nan() => {}
            Arg::Real(value) => {
                self.reals.insert(bits(value));
            }
            Arg::Decimal(value) => {
                self.decimals.insert(value.key());
            }
            Arg::Bool(value) => {
                self.others.insert((0, i64::from(value)));
            }
            Arg::DateTime(ticks) => {
                self.others.insert((1, ticks));
            }
            Arg::Timespan(ticks) => {
                self.others.insert((2, ticks));
            }
            Arg::Guid(bits) => {
                self.guids.insert(bits);
                self.texts.insert(crate::value::guid_text(bits));
            }
            Arg::Null | Arg::Dynamic(_) => {}
        }
    }

    fn has_decimal(&self, value: Option<Decimal>) -> bool {
        value.is_some_and(|value| self.decimals.contains(&value.key()))
    }

    #[expect(clippy::cast_precision_loss, reason = "mixed numbers are compared as reals")]
    fn has(&self, arg: Arg<'_>) -> bool {
        match arg {
            Arg::Text(text) if self.ignore_case => self.texts.contains(&text.to_lowercase()),
            Arg::Text(text) => self.texts.contains(text),
            Arg::Long(value) => {
                self.longs.contains(&value)
                    || self.reals.contains(&bits(value as f64))
                    || self.has_decimal(Some(Decimal::of_long(value)))
            }
            Arg::Decimal(value) => {
                self.has_decimal(Some(value))
                    || self.longs.iter().any(|long| Decimal::of_long(*long) == value)
                    || self.reals.iter().any(|real| Decimal::of_real(f64::from_bits(*real)) == Some(value))
            }
            Arg::Real(value) => {
                self.reals.contains(&bits(value))
                    || self.reals_of_longs.contains(&bits(value))
                    || self.has_decimal(Decimal::of_real(value))
            }
            Arg::Bool(value) => {
                self.others.contains(&(0, i64::from(value))) || self.longs.contains(&i64::from(value))
            }
            Arg::DateTime(ticks) => self.others.contains(&(1, ticks)),
            Arg::Timespan(ticks) => self.others.contains(&(2, ticks)),
            Arg::Guid(bits) => self.guids.contains(&bits),
            Arg::Dynamic(Dynamic::Array(_) | Dynamic::Bag(_)) | Arg::Null => false,
            Arg::Dynamic(scalar) => self.has(Arg::of_dynamic(scalar)),
        }
    }
}
