//! `evaluate`, and operators that say which columns there are: `assert-schema`, `project-by-names`, `externaldata`.

use crate::ast::{ExprKind, OperatorKind, PluginClause, PluginSchema};
use crate::error::{Fault, Outcome, Span};
use crate::parser::Parser;

impl Parser<'_> {
    pub(super) fn evaluate(&mut self) -> Outcome<OperatorKind> {
        while let Some(setting) = self.settings()?.into_iter().next() {
            if !setting.name.text.starts_with("hint.") {
                return Self::unknown_setting(&setting, "evaluate");
            }
        }
        let call = self.nested(Self::postfix)?;
        let ExprKind::Call(name, arguments) = call.kind else {
            return Err(Fault::new(call.span, "'evaluate' needs the call of a plugin"));
        };
        let mut schema = None;
        if self.eat_mark(":") {
            self.expect_mark("(")?;
            let with_input = self.eat_mark("*");
            let goes_on = !with_input || self.eat_mark(",");
            let columns = if goes_on { self.typed_columns()? } else { Vec::new() };
            self.expect_mark(")")?;
            schema = Some(PluginSchema { with_input, columns });
        }
        Ok(OperatorKind::Evaluate(PluginClause { name, arguments, schema }))
    }

    pub(super) fn assert_schema(&mut self) -> Outcome<OperatorKind> {
        self.expect_mark("(")?;
        let columns = self.typed_columns()?;
        self.expect_mark(")")?;
        Ok(OperatorKind::AssertSchema(columns))
    }

    pub(super) fn project_by_names(&mut self) -> Outcome<OperatorKind> {
        let mut list = vec![self.expression()?];
        while self.eat_mark(",") {
            list.push(self.expression()?);
        }
        Ok(OperatorKind::ProjectByNames(list))
    }

    pub(super) fn consume(&mut self) -> Outcome<OperatorKind> {
        for setting in self.settings()? {
            match (setting.name.text.as_str(), setting.value.text.as_str()) {
                ("decodeblocks", "true" | "false") => {}
                ("decodeblocks", _) => return Self::bad_setting(&setting, "true or false"),
                _ => return Self::unknown_setting(&setting, "consume"),
            }
        }
        Ok(OperatorKind::Consume)
    }

    /// `externaldata` reads what lies outside, which this engine never does.
    pub(super) fn external_data<T>(&self, span: Span) -> Outcome<T> {
        let message = "'externaldata' reads files from elsewhere, which is not supported: \
                       put their rows into a table, or into a 'datatable'";
        Err(Fault::new(span, message))
    }
}
