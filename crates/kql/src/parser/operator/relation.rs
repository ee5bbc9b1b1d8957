//! Operators that bring tables together, and sources: `join`, `lookup`, `union`, `range`, `datatable`.

use crate::ast::{Expr, ExprKind, JoinClause, OperatorKind, Pipeline, Source, UnionClause};
use crate::error::{Fault, Outcome};
use crate::parser::Parser;
use crate::parser::keyword::Place;
use crate::token::TokenKind;
use crate::types::Type;
use crate::value::Value;

/// More rows than a literal table needs.
const MAX_LITERALS: usize = 500_000;

impl Parser<'_> {
    pub(super) fn join(&mut self, operator: &str) -> Outcome<JoinClause> {
        let mut kind = None;
        for setting in self.settings()? {
            match setting.name.text.as_str() {
                "kind" => kind = Some(setting.value),
                "hint.strategy"
                | "hint.shufflekey"
                | "hint.remote"
                | "hint.num_partitions"
                | "hint.pass_filters"
                | "hint.pass_filters_column"
                | "withsource"
                | "hint.concurrency"
                | "hint.spread"
                | "hint.distribution"
                    if setting.name.text != "withsource" => {}
                _ => return Self::unknown_setting(&setting, operator),
            }
        }
        let right = if self.is_mark("(") {
            let start = self.span();
            self.advance();
            let mut inner = self.pipeline()?;
            self.expect_mark(")")?;
            inner.span = start.to(self.last_span());
            // `join (T) | …` would be read as the right side's own operators, which the grammar does not allow.
            inner
        } else {
            self.bare_table()?
        };
        self.expect_word("on")?;
        let mut on = vec![self.expression()?];
        while self.eat_mark(",") {
            on.push(self.expression()?);
        }
        Ok(JoinClause { kind, right: Box::new(right), on })
    }

    /// The right side of a join without brackets: a name, a call, or rows that are written out.
    fn bare_table(&mut self) -> Outcome<Pipeline> {
        let is_written_out = self.is_word("datatable") || self.is_word("externaldata");
        if is_written_out && let Some(operator) = self.source_operator()? {
            let span = operator.span;
            let source = Source::Operator(Box::new(operator));
            return Ok(Pipeline { source, operators: Vec::new(), span });
        }
        self.named_table()
    }

    /// A table without brackets: a name or a call. An operator that makes rows needs them.
    fn named_table(&mut self) -> Outcome<Pipeline> {
        let start = self.token().clone();
        if let (TokenKind::Name(word), true) = (&start.kind, self.is_source_operator()) {
            let message = format!("'{word}' needs brackets here: ({word} …)");
            return Err(Fault::new(start.span, message));
        }
        self.table_expression().map(of_expression)
    }

    fn table_expression(&mut self) -> Outcome<Expr> {
        let expr = self.nested(Self::postfix)?;
        match expr.kind {
            ExprKind::Name(_)
            | ExprKind::Call(..)
            | ExprKind::Parenthesised(_)
            | ExprKind::Query(_)
            | ExprKind::Member(..) => Ok(expr),
            _ => Err(Fault::new(expr.span, "expected a table")),
        }
    }

    pub(super) fn union(&mut self) -> Outcome<UnionClause> {
        let (mut inner, mut fuzzy, mut source_column) = (false, false, None);
        for setting in self.settings()? {
            match (setting.name.text.as_str(), setting.value.text.as_str()) {
                ("kind", "inner") => inner = true,
                ("kind", "outer") => inner = false,
                ("kind", _) => return Self::bad_setting(&setting, "inner or outer"),
                ("isfuzzy", "true") => fuzzy = true,
                ("isfuzzy", "false") => fuzzy = false,
                ("isfuzzy", _) => return Self::bad_setting(&setting, "true or false"),
                ("withsource" | "with_source", _) => source_column = Some(setting.value),
                ("hint.concurrency" | "hint.spread", _) => {}
                _ => return Self::unknown_setting(&setting, "union"),
            }
        }
        let mut tables = Vec::new();
        loop {
            tables.push(self.union_member()?);
            if !self.eat_mark(",") {
                return Ok(UnionClause { inner, fuzzy, source_column, tables });
            }
        }
    }

    pub(super) fn union_member(&mut self) -> Outcome<Pipeline> {
        if self.is_mark("(") {
            let start = self.span();
            self.advance();
            let mut inner = self.pipeline()?;
            inner.span = start.to(self.expect_mark(")")?);
            return Ok(inner);
        }
        let wild =
            self.is_mark("*") || (self.mark_ahead(1, "*") && self.ahead(1).span.start == self.span().end);
        if wild {
            let pattern = self.pattern()?;
            return Ok(of_expression(Expr::new(ExprKind::Name(pattern.text), pattern.span)));
        }
        self.named_table()
    }

    pub(super) fn range(&mut self) -> Outcome<OperatorKind> {
        let name = self.name_in(Place::Alone, "a column's name")?;
        self.expect_word("from")?;
        let from = self.expression()?;
        self.expect_word("to")?;
        let to = self.expression()?;
        self.expect_word("step")?;
        let step = self.expression()?;
        Ok(OperatorKind::Range { name, from, to, step })
    }

    /// A cell. The sign belongs to the number here, so that the smallest long can be written; in an expression it
    /// negates a number that does not fit, which the service refuses.
    fn cell(&mut self) -> Outcome<Expr> {
        if self.is_mark("-") && self.ahead(1).kind == TokenKind::Long(i64::MIN) {
            let start = self.advance().span;
            let span = start.to(self.advance().span);
            return Ok(Expr::new(ExprKind::Literal(Type::Long, Value::Long(i64::MIN)), span));
        }
        self.nested(Self::unary)
    }

    pub(super) fn datatable(&mut self) -> Outcome<OperatorKind> {
        self.expect_mark("(")?;
        let mut columns = Vec::new();
        while !self.is_mark(")") {
            let name = self.name_in(Place::Declared, "a column's name")?;
            self.expect_mark(":")?;
            columns.push((name, self.type_name()?));
            if !self.eat_mark(",") {
                break;
            }
        }
        self.expect_mark(")")?;
        let open = self.expect_mark("[")?;
        let mut values = Vec::new();
        while !self.is_mark("]") {
            if values.len() >= MAX_LITERALS {
                return Err(Fault::new(
                    self.span(),
                    format!("more than {MAX_LITERALS} values in one datatable"),
                ));
            }
            values.push(self.cell()?);
            if !self.eat_mark(",") {
                break;
            }
        }
        let close = self.expect_mark("]")?;
        if columns.is_empty() || values.len() % columns.len() != 0 {
            let message = format!("{} values do not fill rows of {} columns", values.len(), columns.len());
            return Err(Fault::new(open.to(close), message));
        }
        Ok(OperatorKind::Datatable { columns, values })
    }
}

fn of_expression(expr: Expr) -> Pipeline {
    let span = expr.span;
    Pipeline { source: Source::Expr(expr), operators: Vec::new(), span }
}
