//! `scan`: row after row, each against the steps from the last to the first (reference, `scan` operator, "scan logic").

use std::rc::Rc;

use crate::ast::ScanOutput;
use crate::data::Data;
use crate::error::Outcome;
use crate::plan::{Node, NodeKind, Scan};
use crate::value::Value;

use super::env::Env;
use super::eval::Vector;
use super::frame::{Frame, Lazy};
use super::group::number;
use super::source::ROW_BYTES;

/// A row that matched a step, and the declared columns as the step left them.
#[derive(Clone)]
struct Record {
    row: usize,
    declared: Rc<[Value]>,
}

/// What a step knows: the records of the steps up to itself.
struct State {
    match_id: i64,
    records: Vec<Record>,
}

/// An expression: what depends on the row alone was computed for all rows at once.
enum Prepared {
    Fixed(Vector),
    /// With the columns that it reads.
    Varying(Node, Vec<usize>),
}

struct PreparedStep {
    terms: Vec<Prepared>,
    assignments: Vec<(usize, Prepared)>,
    output: ScanOutput,
}

/// What is under way.
struct Scanning<'a> {
    scan: &'a Scan,
    steps: Vec<PreparedStep>,
    columns: Vec<Rc<Data>>,
    defaults: Rc<[Value]>,
    /// The frame of one row in which expressions are computed.
    scratch: Frame,
    states: Vec<Option<State>>,
    /// The last match of each step that answers the last one only.
    pending: Vec<Option<(Record, i64)>>,
    next_id: i64,
    rows: Vec<u32>,
    declared: Vec<Data>,
    match_ids: Vec<i64>,
}

impl Env<'_> {
    pub(super) fn scan(&mut self, frame: &Frame, scan: &Scan) -> Outcome<Frame> {
        let mut defaults = Vec::new();
        for (_, node) in &scan.declared {
            defaults.push(self.constant(node, &Frame { rows: 1, columns: Vec::new() })?);
        }
        let mut steps = Vec::new();
        for step in &scan.steps {
            let terms = match &step.condition.kind {
                NodeKind::And(terms) => terms.as_slice(),
                _ => std::slice::from_ref(&step.condition),
            };
            let terms = terms.iter().map(|term| self.prepared(term, frame, scan.width));
            let mut terms = terms.collect::<Outcome<Vec<_>>>()?;
            terms.sort_by_key(|term| matches!(term, Prepared::Varying(..)));
            let mut assignments = Vec::new();
            for (place, node) in &step.assignments {
                assignments.push((*place, self.prepared(node, frame, scan.width)?));
            }
            steps.push(PreparedStep { terms, assignments, output: step.output });
        }
        let nothing = Lazy::of(Rc::new(Data::Number(Vec::new())));
        let width = scan.width + scan.declared.len();
        let mut scanning = Scanning {
            scan,
            steps,
            columns: (0..scan.width).map(|place| frame.data(place, &self.pool)).collect(),
            defaults: defaults.into(),
            scratch: Frame { rows: 1, columns: vec![nothing; width * (scan.steps.len() + 1)] },
            states: scan.steps.iter().map(|_| None).collect(),
            pending: scan.steps.iter().map(|_| None).collect(),
            next_id: 0,
            rows: Vec::new(),
            declared: scan.declared.iter().map(|(ty, _)| Data::with_capacity(*ty, frame.rows)).collect(),
            match_ids: Vec::new(),
        };
        let mut keys = Vec::new();
        for node in &scan.partition {
            keys.push(self.column(node, frame)?);
        }
        let keys: Vec<&Data> = keys.iter().map(|data| &**data).collect();
        let groups = self.groups(&keys, frame.rows)?;
        for row in 0..frame.rows {
            if row > 0 && groups.of_row[row] != groups.of_row[row - 1] {
                self.end_sequences(&mut scanning);
            }
            self.scan_row(&mut scanning, row)?;
        }
        self.end_sequences(&mut scanning);
        let mut result = frame.select(scanning.rows);
        result.columns.extend(scanning.declared.into_iter().map(|data| Lazy::of(Rc::new(data))));
        if scan.with_match_id {
            result.columns.push(Lazy::of(Rc::new(Data::Number(scanning.match_ids))));
        }
        Ok(result)
    }

    /// An expression over all rows, if it reads nothing but the row's own columns.
    fn prepared(&mut self, node: &Node, frame: &Frame, width: usize) -> Outcome<Prepared> {
        let mut used = Vec::new();
        columns_of(node, &mut used);
        used.sort_unstable();
        used.dedup();
        if used.iter().all(|place| *place < width) {
            return Ok(Prepared::Fixed(self.eval(node, frame)?));
        }
        Ok(Prepared::Varying(node.clone(), used))
    }

    fn scan_row(&mut self, scanning: &mut Scanning<'_>, row: usize) -> Outcome<()> {
        if row.is_multiple_of(64) {
            self.charge(64 * ROW_BYTES)?;
        }
        for step in (0..scanning.steps.len()).rev() {
            if step > 0
                && let Some(state) = scanning.states[step - 1].take()
            {
                if self.matches(scanning, step, row, &state.records)? {
                    self.flush(scanning, step);
                    self.flush(scanning, step - 1);
                    self.accept(scanning, step, row, state)?;
                    continue;
                }
                scanning.states[step - 1] = Some(state);
            }
            let state = scanning.states[step].take();
            if state.is_none() && step > 0 {
                continue;
            }
            let records = state.as_ref().map_or(&[] as &[Record], |state| state.records.as_slice());
            if self.matches(scanning, step, row, records)? {
                let state = state.unwrap_or_else(|| {
                    scanning.next_id += 1;
                    State { match_id: scanning.next_id - 1, records: Vec::new() }
                });
                self.accept(scanning, step, row, state)?;
            } else {
                scanning.states[step] = state;
            }
        }
        Ok(())
    }

    fn matches(
        &mut self,
        scanning: &mut Scanning<'_>,
        step: usize,
        row: usize,
        records: &[Record],
    ) -> Outcome<bool> {
        for term in 0..scanning.steps[step].terms.len() {
            let terms = std::mem::take(&mut scanning.steps[step].terms);
            let value = self.scan_value(scanning, &terms[term], crate::types::Type::Bool, row, records);
            scanning.steps[step].terms = terms;
            if !matches!(value?, Value::Bool(true)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The row matches: it becomes the step's record in the state, and is answered as the step says.
    fn accept(
        &mut self,
        scanning: &mut Scanning<'_>,
        step: usize,
        row: usize,
        mut state: State,
    ) -> Outcome<()> {
        let mut declared = scanning.defaults.to_vec();
        let assignments = std::mem::take(&mut scanning.steps[step].assignments);
        for (place, expression) in &assignments {
            let ty = scanning.scan.declared[*place].0;
            declared[*place] = self.scan_value(scanning, expression, ty, row, &state.records)?;
        }
        scanning.steps[step].assignments = assignments;
        let record = Record { row, declared: declared.into() };
        state.records.truncate(step);
        state.records.push(record.clone());
        let match_id = state.match_id;
        scanning.states[step] = Some(state);
        match scanning.steps[step].output {
            ScanOutput::All => self.answer_row(scanning, &record, match_id),
            ScanOutput::Last => scanning.pending[step] = Some((record, match_id)),
            ScanOutput::None => {}
        }
        Ok(())
    }

    fn scan_value(
        &mut self,
        scanning: &mut Scanning<'_>,
        expression: &Prepared,
        ty: crate::types::Type,
        row: usize,
        records: &[Record],
    ) -> Outcome<Value> {
        let (node, used) = match expression {
            Prepared::Fixed(Vector::Constant(value)) => return Ok(value.clone()),
            Prepared::Fixed(Vector::Data(data)) => return Ok(data.value(ty, row, &self.pool)),
            Prepared::Varying(node, used) => (node, used),
        };
        let own = scanning.scan.width;
        let width = own + scanning.scan.declared.len();
        for place in used {
            let (block, column) = (place / width, place % width);
            let record = if block == 0 { None } else { records.get(block - 1) };
            let data = match (block, record) {
                (0, _) if column < own => scanning.columns[column].gather(&[number(row)]),
                (_, Some(record)) if column < own => scanning.columns[column].gather(&[number(record.row)]),
                (_, None) if column < own => scanning.columns[column].gather(&[crate::data::NO_ROW]),
                (_, record) => {
                    let values = record.map_or(&scanning.defaults, |record| &record.declared);
                    let ty = scanning.scan.declared[column - own].0;
                    Data::repeat(ty, &values[column - own], 1, &mut self.pool)
                }
            };
            scanning.scratch.columns[*place] = Lazy::of(Rc::new(data));
        }
        self.constant(node, &scanning.scratch)
    }

    /// Answers the last match of a step whose matches in a row are over.
    fn flush(&mut self, scanning: &mut Scanning<'_>, step: usize) {
        if let Some((record, match_id)) = scanning.pending[step].take() {
            self.answer_row(scanning, &record, match_id);
        }
    }

    fn end_sequences(&mut self, scanning: &mut Scanning<'_>) {
        for step in 0..scanning.steps.len() {
            self.flush(scanning, step);
            scanning.states[step] = None;
        }
    }

    fn answer_row(&mut self, scanning: &mut Scanning<'_>, record: &Record, match_id: i64) {
        scanning.rows.push(number(record.row));
        scanning.match_ids.push(match_id);
        for (data, value) in scanning.declared.iter_mut().zip(record.declared.iter()) {
            data.push(value, &mut self.pool);
        }
    }
}

fn columns_of(node: &Node, used: &mut Vec<usize>) {
    if let NodeKind::Column(place) = node.kind {
        used.push(place);
    }
    node.children().into_iter().for_each(|child| columns_of(child, used));
}
