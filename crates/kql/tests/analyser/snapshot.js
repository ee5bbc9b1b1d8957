// Asks the analyser of the language for the result columns of our queries, and stores its answers, so that the tests
// need no Node. Run it after a query was added or changed:
//
//   cd crates/kql/tests/analyser && npm install && node snapshot.js
//
// Reads ../it/fixtures/analyser-schema.json (tables), conformance.json, seeds/*.kql, names-queries.txt,
// names-shapes.txt and names-operators.txt (one query a line) and the queries below infra; writes ../it/fixtures/names.json.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

const fixtures = path.join(__dirname, '..', 'it', 'fixtures');
const read = (...parts) => fs.readFileSync(path.join(...parts), 'utf8');
const list = (bridged) => Array.from({ length: bridged.Count }, (_, index) => bridged.getItem(index));

const { tables } = JSON.parse(read(fixtures, 'analyser-schema.json'));
const symbols = Object.entries(tables).map(([name, columns]) => {
  const described = Object.entries(columns).map(([column, type]) => `['${column}']: ${type}`);
  return new Symbols.TableSymbol.$ctor7(name, `(${described.join(', ')})`, null);
});
const database = new Symbols.DatabaseSymbol.$ctor2('workspace', null, symbols);
const globals = GlobalState.Default.WithDatabase(database);

function answer(query) {
  const code = KustoCode.ParseAndAnalyze(query, globals);
  const errors = list(code.GetDiagnostics()).filter((one) => one.Severity === 'Error');
  if (errors.length > 0) return null;
  const columns = code.ResultType && code.ResultType.Columns;
  return columns ? list(columns).map((column) => ({ name: column.Name, type: column.Type.Name })) : [];
}

const queries = [];
for (const one of JSON.parse(read(fixtures, 'conformance.json'))) queries.push([one.name, one.kql]);
const infra = path.join(__dirname, '..', '..', '..', '..', 'infra');
const own = ['kql', 'workbook', 'recipes'].map((folder) => path.join(infra, folder));
for (const folder of [path.join(fixtures, 'seeds'), ...own]) {
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.kql')).sort()) {
    queries.push([file, read(folder, file)]);
  }
}
for (const list of ['names-queries.txt', 'names-shapes.txt', 'names-operators.txt']) {
  for (const line of read(fixtures, list).split('\n').filter(Boolean)) queries.push([line, line]);
}

const answers = queries.map(([name, query]) => `  ${JSON.stringify({ name, columns: answer(query) })}`);
fs.writeFileSync(path.join(fixtures, 'names.json'), `[\n${answers.join(',\n')}\n]\n`);
