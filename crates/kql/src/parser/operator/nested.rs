//! Operators over groups of rows: `top-nested`, `top-hitters`, `mv-apply`, `partition`.

use crate::ast::{
    ApplyClause, HittersClause, NestedLevel, Operator, OperatorKind, PartitionBody, PartitionClause,
};
use crate::error::Outcome;
use crate::parser::Parser;
use crate::parser::keyword::Place;

impl Parser<'_> {
    /// `top-nested N of x with others = y by f(z), top-nested …`.
    pub(super) fn top_nested(&mut self) -> Outcome<OperatorKind> {
        let mut levels = Vec::new();
        loop {
            let count = if self.is_word("of") { None } else { Some(self.expression()?) };
            self.expect_word("of")?;
            let of = self.named()?;
            let others = if self.eat_word("with") {
                self.expect_word("others")?;
                self.expect_mark("=")?;
                Some(self.nested(Self::unary)?)
            } else {
                None
            };
            self.expect_word("by")?;
            let by = self.named()?;
            let ascending = self.eat_word("asc");
            if !ascending {
                self.eat_word("desc");
            }
            levels.push(NestedLevel { count, of, others, by, ascending });
            if !self.eat_mark(",") {
                return Ok(OperatorKind::TopNested(levels));
            }
            self.expect_word("top-nested")?;
        }
    }

    /// `top-hitters N of x by y`.
    pub(super) fn top_hitters(&mut self) -> Outcome<OperatorKind> {
        let count = self.expression()?;
        self.expect_word("of")?;
        let of = self.name_in(Place::Alone, "a column's name")?;
        let by = if self.eat_word("by") { Some(self.named()?) } else { None };
        Ok(OperatorKind::TopHitters(HittersClause { count, of, by }))
    }

    /// `mv-apply x = y to typeof(long) limit n on ( … )`.
    pub(super) fn mv_apply(&mut self) -> Outcome<OperatorKind> {
        for word in ["kind", "bagexpansion"] {
            if self.is_word(word) && self.mark_ahead(1, "=") {
                return self.unexpected("'with_itemindex' or what is expanded");
            }
        }
        let expand = self.mv_expand(false)?;
        self.expect_word("on")?;
        self.expect_mark("(")?;
        let operators = self.piped_operators(")")?;
        self.expect_mark(")")?;
        Ok(OperatorKind::MvApply(ApplyClause { expand, operators }))
    }

    pub(super) fn partition(&mut self) -> Outcome<OperatorKind> {
        let mut is_legacy = true;
        for setting in self.settings()? {
            match (setting.name.text.as_str(), setting.value.text.as_str()) {
                ("hint.strategy", "legacy") => is_legacy = true,
                ("hint.strategy", "native" | "shuffle") => is_legacy = false,
                ("hint.strategy", _) => return Self::bad_setting(&setting, "native, shuffle or legacy"),
                (
                    "hint.shufflekey"
                    | "hint.materialized"
                    | "hint.concurrency"
                    | "hint.spread"
                    | "hint.num_partitions",
                    _,
                ) => {}
                _ => return Self::unknown_setting(&setting, "partition"),
            }
        }
        self.expect_word("by")?;
        let by = self.name_in(Place::Alone, "a column's name")?;
        let body = if self.eat_mark("{") {
            let inner = self.pipeline()?;
            self.expect_mark("}")?;
            PartitionBody::Own(Box::new(inner))
        } else {
            self.expect_mark("(")?;
            let operators = self.piped_operators(")")?;
            self.expect_mark(")")?;
            PartitionBody::Piped(operators)
        };
        Ok(OperatorKind::Partition(PartitionClause { is_legacy, by, body }))
    }

    /// Operators that take their rows from outside; the first has no bar in front.
    fn piped_operators(&mut self, end: &str) -> Outcome<Vec<Operator>> {
        self.nested(|parser| {
            let mut operators = vec![parser.operator()?];
            while parser.eat_mark("|") {
                operators.push(parser.operator()?);
            }
            if parser.is_mark(end) { Ok(operators) } else { parser.unexpected(&format!("'|' or '{end}'")) }
        })
    }
}
