//! What functions of one text made of each text: the same text comes again in other rows, columns and tables of a query.

use crate::data::Data;
use crate::error::Outcome;
use crate::functions::Function;
use crate::types::Type;

use super::env::Env;
use super::eval::{DISTINCT_ROWS, Vector};

/// Not asked yet.
const UNKNOWN: u32 = u32::MAX;
/// Asked for, and not answered yet.
const ASKED: u32 = u32::MAX - 1;

impl Env<'_> {
    /// The texts that a function makes of texts, each made once in a query; none when it is a function of more, or when
    /// the rows are too few for a table as long as the pool.
    pub(super) fn remembered(
        &mut self,
        function: &Function,
        ty: Type,
        vectors: &[Vector],
    ) -> Outcome<Option<Data>> {
        let [Vector::Data(data)] = vectors else { return Ok(None) };
        let Data::String(texts) = &**data else { return Ok(None) };
        if function.is_volatile
            || ty != Type::String
            || texts.len() < DISTINCT_ROWS
            || texts.len() < self.pool.len() / 64
        {
            return Ok(None);
        }
        let mut known = self.memos.remove(function.name).unwrap_or_default();
        let added = self.pool.len() - known.len();
        self.charge(added * size_of::<u32>())?;
        known.resize(self.pool.len(), UNKNOWN);
        let mut asked = Vec::new();
        for text in texts {
            let known = &mut known[*text as usize];
            if *known == UNKNOWN {
                *known = ASKED;
                match self.pool.lower(*text).filter(|_| function.is_lower) {
                    Some(lower) => *known = lower,
                    None => asked.push(*text),
                }
            }
        }
        let count = asked.len();
        let places = asked.clone();
        let vector = Vector::Data(Data::String(asked).into());
        let run = function.run;
        let made = self.map_rows(&[vector], &[Type::String], ty, count, &|call, args| run(call, args))?;
        if let Data::String(made) = made {
            places.into_iter().zip(made).for_each(|(text, made)| known[text as usize] = made);
        }
        let answers = texts.iter().map(|text| known[*text as usize]).collect();
        self.memos.insert(function.name, known);
        Ok(Some(Data::String(answers)))
    }
}
