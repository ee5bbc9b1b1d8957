//! Keywords as names: where the language takes them bare, and where it wants `['first']`.

use kql::{Database, run};

use crate::options;

/// `$` is the word.
const DECLARED: [&str; 14] = [
    "datatable($:long)[1]",
    "print a = 1 | extend $ = a",
    "print a = 1 | project $ = a",
    "print a = 1 | project-rename $ = a",
    "print a = 'x' | parse a with * 'x' $:string",
    "print a = 1 | summarize $ = count() by a",
    "print a = 1 | summarize count() by $ = a",
    "let f = ($:long) { 1 }; print f(1)",
    "print $ = 1",
    "print s = 'a=1' | parse-kv s as ($:string)",
    "range x from 1 to 2 step 1 | scan declare ($:long = 0) with (step s: x > 0;)",
    "print k = 'x', d = dynamic({}) | evaluate bag_unpack(d) : ($:long)",
    "print k = 'x', d = dynamic({}) | evaluate bag_unpack(d) : (*, $:long)",
    "print k = 'x', n = 1 | evaluate pivot(k, sum(n)) : ($:long)",
];

const READ: [&str; 8] = [
    "datatable(['$']:long)[1] | where $ == 1",
    "datatable(['$']:long)[1] | project $",
    "datatable(['$']:long, b:long)[1, 2] | extend x = b + $",
    "datatable(['$']:long)[1] | summarize count() by $",
    "datatable(['$']:long)[1] | sort by $",
    "datatable(['$']:long)[1] | join (datatable(['$']:long)[1]) on $",
    "datatable(['$']:long)[1] | sample-distinct 1 of $",
    "print d = dynamic({}) | extend x = d.$",
];

const ALONE: [&str; 20] = [
    "union withsource=$ Heartbeat, Heartbeat",
    "let $ = 1; print 1",
    "range $ from 1 to 2 step 1",
    "print a = 1 | as $ | count",
    "print a = 1 | count as $",
    "datatable(['$']:long)[1] | project-keep $",
    "datatable(['$']:long, b:long)[1, 2] | project-reorder b, $",
    "print l = dynamic([1]) | mv-expand with_itemindex=$ l",
    "print l = dynamic([1]) | mv-apply with_itemindex=$ l on (take 1)",
    "range x from 1 to 2 step 1 | scan with_match_id=$ with (step s: x > 0;)",
    "range x from 1 to 2 step 1 | scan with (step $: x > 0;)",
    "datatable(['$']:long)[1] | top-hitters 1 of $",
    "datatable(['$']:long)[1] | render columnchart with (xcolumn=$)",
    "datatable(['$']:long)[1] | render columnchart with (ycolumns=$)",
    "datatable(['$']:long, b:long)[1, 2] | render columnchart with (ycolumns=b, $)",
    "datatable(['$']:long, b:long)[1, 2] | render columnchart with (series=$, xcolumn=b)",
    "datatable(['$']:long)[1] | render anomalychart with (anomalycolumns=$)",
    "datatable(['$']:long)[1] | render columnchart by $",
    "find withsource=$ Computer == 'x'",
    "datatable(['$']:long, b:long)[1, 2] | as T | find in (T) where b == 2 project b, $",
];

fn check(patterns: &[&str], word: &str, is_taken: bool) {
    for pattern in patterns {
        let bare = pattern.replace("['$']", "\0").replace('$', word).replace('\0', &format!("['{word}']"));
        let quoted = pattern.replace("['$']", "$").replace('$', &format!("['{word}']"));
        let database = Database::schema();
        match (run(&bare, &database, &options()), is_taken) {
            (Ok(_), true) => {}
            (Ok(_), false) => panic!("{bare}: must be refused"),
            (Err(error), true) => panic!("{bare}: {error}"),
            (Err(error), false) => {
                assert!(error.message.contains(&format!("['{word}']")), "{bare}: {error}");
                assert!(error.is_syntax(), "{bare}");
                let place = bare.find(&format!(" {word}")).map(|at| at + 2);
                assert!(place.is_none_or(|place| error.column >= place), "{bare}: {error}");
            }
        }
        if let Err(error) = run(&quoted, &database, &options()) {
            panic!("{quoted}: {error}");
        }
    }
}

#[test]
fn words_that_are_never_names() {
    for word in ["first", "last", "date", "time", "asc", "string", "views", "real", "char", "others", "flags"]
    {
        check(&DECLARED, word, false);
        check(&READ, word, false);
        check(&ALONE, word, false);
    }
}

#[test]
fn words_that_can_be_declared_and_not_read() {
    for word in ["has", "where", "title", "search", "latest", "contains"] {
        check(&DECLARED, word, true);
        check(&READ, word, false);
        check(&ALONE, word, false);
    }
}

#[test]
fn words_that_can_be_read_and_not_declared() {
    check(&DECLARED, "kind", false);
    check(&READ, "kind", true);
    check(&ALONE, "kind", false);
    for value in ["true", "false"] {
        check(&DECLARED, value, false);
    }
}

#[test]
fn words_that_are_names_everywhere() {
    for word in
        ["count", "top", "guid", "step", "order", "null", "typeof", "nodes", "graph", "id", "name", "type"]
    {
        check(&DECLARED, word, true);
        check(&READ, word, true);
        check(&ALONE, word, true);
    }
}
