//! `scan`: declared columns and steps.

use crate::ast::{OperatorKind, ScanClause, ScanOutput, ScanStep};
use crate::error::{Fault, Outcome};
use crate::parser::Parser;
use crate::parser::keyword::Place;

impl Parser<'_> {
    pub(super) fn scan(&mut self) -> Outcome<OperatorKind> {
        let mut match_id = None;
        for setting in self.settings()? {
            match setting.name.text.as_str() {
                "with_match_id" => match_id = Some(setting.value),
                _ => return Self::unknown_setting(&setting, "scan"),
            }
        }
        let (mut order, mut partition, mut declared) = (Vec::new(), Vec::new(), Vec::new());
        if self.eat_word("order") {
            self.expect_word("by")?;
            order.push(self.order_key()?);
            while self.eat_mark(",") {
                order.push(self.order_key()?);
            }
        }
        if self.eat_word("partition") {
            self.expect_word("by")?;
            partition.push(self.expression()?);
            while self.eat_mark(",") {
                partition.push(self.expression()?);
            }
        }
        if self.eat_word("declare") {
            self.expect_mark("(")?;
            loop {
                let name = self.name_in(Place::Declared, "a column's name")?;
                self.expect_mark(":")?;
                let ty = self.type_name()?;
                let default = if self.eat_mark("=") { Some(self.expression()?) } else { None };
                declared.push((name, ty, default));
                if !self.eat_mark(",") {
                    break;
                }
            }
            self.expect_mark(")")?;
        }
        self.expect_word("with")?;
        self.expect_mark("(")?;
        let mut steps: Vec<ScanStep> = Vec::new();
        while !self.is_mark(")") {
            let step = self.scan_step()?;
            if steps.iter().any(|known| known.name.text == step.name.text) {
                let message = format!("a step with the name '{}' is already declared", step.name.text);
                return Err(Fault::new(step.name.span, message));
            }
            steps.push(step);
        }
        if steps.is_empty() {
            return self.unexpected("'step'");
        }
        self.expect_mark(")")?;
        Ok(OperatorKind::Scan(ScanClause { match_id, order, partition, declared, steps }))
    }

    /// `step name output=last: condition => column = value, …;`.
    fn scan_step(&mut self) -> Outcome<ScanStep> {
        self.expect_word("step")?;
        let name = self.name_in(Place::Alone, "the step's name")?;
        let mut output = ScanOutput::All;
        for setting in self.settings()? {
            output = match (setting.name.text.as_str(), setting.value.text.as_str()) {
                ("output", "all") => ScanOutput::All,
                ("output", "last") => ScanOutput::Last,
                ("output", "none") => ScanOutput::None,
                ("output", _) => return Self::bad_setting(&setting, "all, last or none"),
                _ => return Self::unknown_setting(&setting, "step"),
            };
        }
        self.expect_mark(":")?;
        let condition = self.expression()?;
        let mut assignments = Vec::new();
        if self.eat_mark("=>") {
            loop {
                let column = self.name("a declared column")?;
                self.expect_mark("=")?;
                assignments.push((column, self.expression()?));
                if !self.eat_mark(",") {
                    break;
                }
            }
        }
        self.expect_mark(";")?;
        Ok(ScanStep { name, output, condition, assignments })
    }
}
