//! `find`: rows of many tables that pass a test.

use crate::ast::{FindClause, OperatorKind};
use crate::error::Outcome;
use crate::parser::Parser;
use crate::parser::keyword::Place;
use crate::token::TokenKind;

impl Parser<'_> {
    pub(super) fn find_rows(&mut self) -> Outcome<OperatorKind> {
        let mut source_column = None;
        for setting in self.settings()? {
            match setting.name.text.as_str() {
                "withsource" | "with_source" => source_column = Some(setting.value),
                "datascope" => {}
                _ => return Self::unknown_setting(&setting, "find"),
            }
        }
        let tables = self.looked_into()?;
        if tables.is_empty() {
            self.eat_word("where");
        } else {
            self.expect_word("where")?;
        }
        let predicate = self.predicate(false)?;
        let (mut columns, mut packs) = (None, false);
        if self.eat_word("project") {
            let mut list = Vec::new();
            loop {
                if matches!(&self.token().kind, TokenKind::Name(name) if name == "pack_all" || name == "pack")
                    && (self.mark_ahead(1, "(") || self.mark_ahead(1, "*"))
                {
                    packs = true;
                    self.advance();
                    self.eat_mark("(");
                    self.eat_mark("*");
                    self.eat_mark(")");
                } else {
                    let name = self.name_in(Place::Alone, "a column's name")?;
                    let ty = if self.eat_mark(":") { Some(self.type_name()?) } else { None };
                    list.push((name, ty));
                }
                if !self.eat_mark(",") {
                    break;
                }
            }
            columns = Some(list);
        } else {
            self.eat_word("project-smart");
        }
        Ok(OperatorKind::Find(FindClause { source_column, tables, predicate, columns, packs }))
    }
}
