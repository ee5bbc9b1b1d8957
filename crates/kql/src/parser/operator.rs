//! Operators of a pipeline, one by one.

mod find;
mod keys;
mod nested;
mod plugin;
mod relation;
mod rows;
mod scan;
mod search;
mod vocabulary;

use super::Parser;
use super::keyword::Place;
use crate::ast::{Operator, OperatorKind, RenderClause, RenderValue, Reorder};
use crate::error::{Fault, Outcome};
use crate::token::TokenKind;

const CHARTS: [&str; 17] = [
    "table",
    "areachart",
    "barchart",
    "columnchart",
    "linechart",
    "piechart",
    "scatterchart",
    "stackedareachart",
    "timechart",
    "anomalychart",
    "ladderchart",
    "pivotchart",
    "timepivot",
    "card",
    "treemap",
    "list",
    "plotly",
];

pub(crate) use vocabulary::needs_rows;

impl Parser<'_> {
    /// An operator that starts a pipeline, if one does.
    pub(super) fn source_operator(&mut self) -> Outcome<Option<Operator>> {
        if self.is_source_operator() { self.operator().map(Some) } else { Ok(None) }
    }

    /// Whether an operator that starts a pipeline stands here.
    pub(super) fn is_source_operator(&self) -> bool {
        let TokenKind::Name(word) = &self.token().kind else { return false };
        let follows_expression = matches!(self.ahead(1).kind, TokenKind::Mark(mark) if mark != "(");
        match word.as_str() {
            "union" if self.mark_ahead(1, "*") => true,
            "print" if ["-", "+", "{", "["].iter().any(|mark| self.mark_ahead(1, mark)) => true,
            "print" | "union" => !follows_expression && self.ahead(1).kind != TokenKind::End,
            "range" => !self.mark_ahead(1, "(") && self.word_ahead(2, "from"),
            "datatable" => self.mark_ahead(1, "("),
            "search" | "find"
                if self.mark_ahead(1, "*") || matches!(self.ahead(1).kind, TokenKind::Text(_)) =>
            {
                true
            }
            "search" | "find" => {
                self.mark_ahead(1, "*") || (!follows_expression && self.ahead(1).kind != TokenKind::End)
            }
            "externaldata" | "external_data" => self.mark_ahead(1, "("),
            "evaluate" => !follows_expression && self.ahead(1).kind != TokenKind::End,
            _ => false,
        }
    }

    pub(super) fn operator(&mut self) -> Outcome<Operator> {
        let token = self.token().clone();
        let TokenKind::Name(word) = &token.kind else { return self.unexpected("an operator") };
        self.advance();
        let kind = match word.as_str() {
            "where" | "filter" => {
                if matches!(self.token().kind, TokenKind::Name(_)) && self.mark_ahead(1, "=") {
                    self.advance();
                    return self.unexpected("a comparison such as '=='");
                }
                self.no_settings("where")?;
                OperatorKind::Where(self.expression()?)
            }
            "extend" => OperatorKind::Extend(self.named_list()?),
            "serialize" => {
                let ends = self.is_mark("|") || self.is_mark(";") || self.is_mark(")") || self.is_mark("}");
                let ends = ends || self.token().kind == TokenKind::End;
                OperatorKind::Serialize(if ends { Vec::new() } else { self.named_list()? })
            }
            "project" => OperatorKind::Project(self.named_list()?),
            "project-away" => OperatorKind::ProjectAway(self.patterns()?),
            "project-keep" => OperatorKind::ProjectKeep(self.patterns()?),
            "project-rename" => self.project_rename()?,
            "project-reorder" => self.project_reorder()?,
            "summarize" => self.summarize()?,
            "distinct" => self.distinct()?,
            "sort" | "order" => {
                self.hints(word)?;
                self.expect_word("by")?;
                let mut keys = vec![self.order_key()?];
                while self.eat_mark(",") {
                    keys.push(self.order_key()?);
                }
                OperatorKind::Sort(keys)
            }
            "top" => {
                let count = self.expression()?;
                self.expect_word("by")?;
                let key = self.order_key()?;
                if self.is_mark(",") {
                    return self.unexpected("'|' or the end ('top' takes one key)");
                }
                OperatorKind::Top(count, key)
            }
            "sample-distinct" => {
                self.no_settings("sample-distinct")?;
                let count = self.expression()?;
                self.expect_word("of")?;
                OperatorKind::SampleDistinct(count, self.name_in(Place::Read, "a column's name")?)
            }
            "take" | "limit" | "sample" => {
                self.no_settings("take")?;
                OperatorKind::Take(self.expression()?)
            }
            "count" => {
                let name =
                    if self.eat_word("as") { Some(self.name_in(Place::Alone, "a name")?) } else { None };
                OperatorKind::Count(name)
            }
            "join" => OperatorKind::Join(self.join("join")?),
            "lookup" => OperatorKind::Lookup(self.join("lookup")?),
            "union" => OperatorKind::Union(self.union()?),
            "mv-expand" => OperatorKind::MvExpand(self.mv_expand(false)?),
            "mvexpand" => OperatorKind::MvExpand(self.mv_expand(true)?),
            "parse" => OperatorKind::Parse(self.parse_clause(false)?),
            "parse-where" => OperatorKind::Parse(self.parse_clause(true)?),
            "make-series" => OperatorKind::MakeSeries(self.make_series()?),
            "range" => self.range()?,
            "print" => OperatorKind::Print(self.named_list()?),
            "datatable" => self.datatable()?,
            "render" => OperatorKind::Render(self.render()?),
            "getschema" => OperatorKind::GetSchema,
            "as" => {
                self.hints("as")?;
                OperatorKind::As(self.name_in(Place::Alone, "a name")?)
            }
            "invoke" => OperatorKind::Invoke(self.expression()?),
            "search" => self.search()?,
            "find" => self.find_rows()?,
            "top-nested" => self.top_nested()?,
            "top-hitters" => self.top_hitters()?,
            "mv-apply" => self.mv_apply()?,
            "partition" => self.partition()?,
            "parse-kv" => self.parse_kv()?,
            "scan" => self.scan()?,
            "evaluate" => self.evaluate()?,
            "consume" => self.consume()?,
            "assert-schema" => self.assert_schema()?,
            "project-by-names" => self.project_by_names()?,
            "externaldata" | "external_data" => return self.external_data(token.span),
            other => return Err(vocabulary::refused(other, &token)),
        };
        Ok(Operator { kind, span: token.span })
    }

    /// Hints never change an answer; anything else is refused.
    fn hints(&mut self, operator: &str) -> Outcome<()> {
        for setting in self.settings()? {
            if !setting.name.text.starts_with("hint.") {
                return Self::unknown_setting(&setting, operator);
            }
        }
        Ok(())
    }

    fn no_settings(&mut self, operator: &str) -> Outcome<()> {
        match self.settings()?.first() {
            Some(setting) => Self::unknown_setting(setting, operator),
            None => Ok(()),
        }
    }

    fn project_rename(&mut self) -> Outcome<OperatorKind> {
        let mut pairs = Vec::new();
        loop {
            let new = self.name_in(Place::Declared, "a new name")?;
            self.expect_mark("=")?;
            pairs.push((new, self.name_in(Place::Read, "a column's name")?));
            if !self.eat_mark(",") {
                return Ok(OperatorKind::ProjectRename(pairs));
            }
        }
    }

    fn project_reorder(&mut self) -> Outcome<OperatorKind> {
        let mut list = Vec::new();
        loop {
            let pattern = self.pattern()?;
            let granny = self.is_word("granny") && self.mark_ahead(1, "-");
            if granny {
                self.advance();
                self.advance();
            }
            let order = match (granny, self.is_word("asc"), self.is_word("desc")) {
                (false, true, _) => Some(Reorder::Ascending),
                (false, _, true) => Some(Reorder::Descending),
                (true, true, _) => Some(Reorder::GrannyAscending),
                (true, _, true) => Some(Reorder::GrannyDescending),
                (true, ..) => return self.unexpected("'asc' or 'desc'"),
                _ => None,
            };
            if order.is_some() {
                self.advance();
            }
            list.push((pattern, order));
            if !self.eat_mark(",") {
                return Ok(OperatorKind::ProjectReorder(list));
            }
        }
    }

    fn render(&mut self) -> Outcome<RenderClause> {
        let chart = self.name("a chart")?;
        if !CHARTS.contains(&chart.text.as_str()) {
            return Err(Fault::new(chart.span, format!("'{}' is not a chart", chart.text)));
        }
        let mut properties = Vec::new();
        let bracketed = self.is_word("with") && self.mark_ahead(1, "(");
        if bracketed {
            self.advance();
            self.advance();
        }
        while matches!(self.token().kind, TokenKind::Name(_)) && self.mark_ahead(1, "=") {
            let name = self.name("a property")?;
            self.advance();
            let value = match name.text.as_str() {
                "title" | "xtitle" | "ytitle" => RenderValue::Title(self.unary()?),
                "xcolumn" | "ycolumns" | "anomalycolumns" | "series" => {
                    self.refuse_keyword(Place::Alone)?;
                    RenderValue::Text(self.property_value()?)
                }
                _ => RenderValue::Text(self.property_value()?),
            };
            properties.push((name.text, value));
            if bracketed && !self.eat_mark(",") {
                break;
            }
        }
        if bracketed {
            self.expect_mark(")")?;
        }
        if !bracketed && self.is_word("by") && !self.mark_ahead(1, "=") {
            self.advance();
            let mut names = vec![self.name_in(Place::Alone, "a column's name")?.text];
            while self.eat_mark(",") {
                names.push(self.name_in(Place::Alone, "a column's name")?.text);
            }
            properties.push(("series".to_owned(), RenderValue::Text(names.join(", "))));
        }
        Ok(RenderClause { visualization: chart.text, properties })
    }

    /// A literal, or a list of column names (which only `ycolumns`, `series` and the like have).
    fn property_value(&mut self) -> Outcome<String> {
        let token = self.token().clone();
        match token.kind {
            TokenKind::Text(text) => {
                self.advance();
                Ok(text)
            }
            TokenKind::Long(number) => {
                self.advance();
                Ok(number.to_string())
            }
            TokenKind::Real(number) => {
                self.advance();
                Ok(number.to_string())
            }
            TokenKind::Name(_) | TokenKind::QuotedName(_) => {
                let mut text = self.name("a value")?.text;
                while self.is_mark(",") && !self.mark_ahead(2, "=") {
                    self.advance();
                    text = format!("{text}, {}", self.name_in(Place::Alone, "a column's name")?.text);
                }
                Ok(text)
            }
            TokenKind::Mark("-") if matches!(self.ahead(1).kind, TokenKind::Long(_) | TokenKind::Real(_)) => {
                self.advance();
                Ok(format!("-{}", self.property_value()?))
            }
            TokenKind::Mark("(") => {
                self.advance();
                let mut names = vec![self.name_in(Place::Alone, "a column's name")?.text];
                while self.eat_mark(",") {
                    names.push(self.name_in(Place::Alone, "a column's name")?.text);
                }
                self.expect_mark(")")?;
                Ok(names.join(", "))
            }
            _ => self.unexpected("a value"),
        }
    }
}
