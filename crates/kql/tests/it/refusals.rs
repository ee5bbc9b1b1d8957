//! What kind of error a refusal is, and how the service words it.

use kql::{Cause, Database, Options, Unknown, run};

use crate::options;

#[test]
fn names_that_are_not_found_are_told_as_the_service_tells_them() {
    let failed = |operator: &str, what: &str, name: &str| {
        format!("'{operator}' operator: Failed to resolve {what} named '{name}'")
    };
    let table = "table or column or scalar expression";
    for (query, code, words) in [
        ("Nothing_CL", "SEM0100", failed("", table, "Nothing_CL")),
        ("Nothing_CL | where x == 1 | take 1", "SEM0100", failed("", table, "Nothing_CL")),
        (
            "Heartbeat | join kind=inner (Nothing_CL | take 1) on Computer",
            "SEM0100",
            failed("", table, "Nothing_CL"),
        ),
        ("Heartbeat | join Nothing_CL on Computer", "SEM0100", failed("join", table, "Nothing_CL")),
        ("Heartbeat | union Nothing_CL | count", "SEM0100", failed("union", table, "Nothing_CL")),
        ("let t = Nothing_CL; t | count", "SEM0100", failed("", table, "Nothing_CL")),
        ("let t = Nothing_CL | take 1; t | count", "SEM0100", failed("", table, "Nothing_CL")),
        ("(Nothing_CL) | count", "SEM0100", failed("", table, "Nothing_CL")),
        ("Heartbeat | union (Nothing_CL | take 1)", "SEM0100", failed("", table, "Nothing_CL")),
        (
            "Heartbeat | where Nothing == 1",
            "SEM0100",
            failed("where", "column or scalar expression", "Nothing"),
        ),
        ("Heartbeat | project Nothing", "SEM0100", failed("project", "scalar expression", "Nothing")),
        (
            "Heartbeat | take 5 | summarize count() by Nothing",
            "SEM0100",
            failed("summarize", "scalar expression", "Nothing"),
        ),
        ("Heartbeat | extend x = nothing(1)", "SEM0260", "Unknown function: 'nothing'.".to_owned()),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert_eq!((error.api_code(), &*error.api_message()), (code, words.as_str()), "{query}");
        assert!(!error.is_syntax() && matches!(error.cause, Cause::Unknown { .. }), "{query}");
    }
    let error = run("Nothing_CL", &Database::schema(), &options()).unwrap_err();
    let name = "Nothing_CL".to_owned();
    assert_eq!(error.cause, Cause::Unknown { what: Unknown::Table, name, operator: String::new() });
}

#[test]
fn other_errors_keep_the_engines_words() {
    for (query, cause, code) in [
        ("Heartbeat | joyn x", Cause::Syntax { found: "joyn".to_owned() }, "SYN0002"),
        ("print 1 + 'a'", Cause::Refused, "SEM0100"),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert_eq!((&error.cause, error.api_code()), (&cause, code), "{query}");
        assert_eq!(error.api_message(), error.message, "{query}");
    }
}

#[test]
fn what_the_service_refuses_and_its_analyser_does_not() {
    let d = "datatable(d:dynamic, n:long, r:real)[dynamic([1]), 1, 1.5]";
    for (query, words, place) in [
        ("print a = dynamic([1]), b = dynamic([1]) | where a == b", "two dynamics", "a == b"),
        ("print a = dynamic(1) | extend b = a * a", "two dynamics", "a * a"),
        ("print a = dynamic(1) | extend b = a.x < a.y", "two dynamics", "a.x <"),
        (&format!("{d} | extend x = iff(n > 0, n, r)"), "write toreal(x)", "r)"),
        (&format!("{d} | extend x = case(n > 0, r, n > 1, 2, r)"), "write toreal(x)", "2, r"),
        (&format!("{d} | extend x = coalesce(n, 1.0)"), "write toreal(x)", "1.0)"),
        (&format!("{d} | sort by n asc | extend x = prev(n, 0)"), "cannot be 0", "0)"),
        (&format!("{d} | extend x = row_number()"), "in an order", "row_number"),
        ("datatable(s:string)['a', null]", "'null'", "null]"),
        ("print {", "expected an expression", "{"),
        ("print dynamic({a: 1})", "in quotes", "a: 1"),
        ("print x = 100000000d", "too large", "100000000d"),
        (
            &format!("print {}1{}", "(".repeat(100), ")".repeat(100)),
            "a pair of brackets counts as two",
            "1))",
        ),
        ("datatable(n:long)[null]", "'null'", "null]"),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert!(error.message.contains(words), "{query}: {error}");
        assert!(query[error.column - 1..].starts_with(place), "{query}: {error}");
    }
    for query in [
        "print a = dynamic([1]), b = dynamic([1]) | where tostring(a) == b",
        "print a = dynamic(1) | extend b = a * tolong(a), c = a * 2, e = a == 1, f = -a",
        "print iff(true, toint(1), 2), coalesce(toint(1), 2), case(true, 1.5, 2.5), max_of(1, 2.5)",
        "range n from 1 to 3 step 1 | extend x = row_number(), y = prev(n, 1, 0)",
        "datatable(n:long)[long(null)] | serialize x = row_number()",
    ] {
        if let Err(error) = run(query, &Database::schema(), &options()) {
            panic!("{query}: {error}");
        }
    }
}

#[test]
fn a_slip_of_the_fingers_is_told_with_what_was_meant() {
    for (query, meant) in [
        ("Heartbeat | where Compter == 'a'", "Computer"),
        ("Heartbeat | project-away Compuetr", "Computer"),
        ("Heartbeat | project-rename x = computer", "Computer"),
        ("Heartbeat | join Heartbeat on Computr", "Computer"),
        ("Heartbeat | partition by Computr (take 1)", "Computer"),
        ("Heartbeat | top-hitters 1 of Computr", "Computer"),
        ("find in (Heartbeat) where Computr == 'a'", "Computer"),
        ("Heartbeat | evaluate bag_unpack(Computr)", "Computer"),
        ("let threshold = 5; print thresold", "threshold"),
        ("let twice = (n:long) { 2 * n }; print twcie(1)", "twice"),
        ("Heartbeet | count", "Heartbeat"),
        ("print tolowr('A')", "tolower"),
        ("print coalesc(1)", "coalesce"),
        ("Heartbeat | summarize dcout(Computer)", "dcount"),
        ("Heartbeat | summarize arg_mx(TimeGenerated, *) by Computer", "arg_max"),
        ("Heartbeat | sumarize count()", "summarize"),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert!(error.message.ends_with(&format!("; did you mean '{meant}'?")), "{query}: {error}");
        // What the service says stays what it says.
        assert!(error.is_syntax() || !error.api_message().contains("did you mean"), "{query}: {error}");
    }
    for query in ["print foo(1)", "Heartbeat | where Elsewhere == 1", "print series_fit_2lines(dynamic([1]))"]
    {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert!(!error.message.contains("did you mean"), "{query}: {error}");
    }
}

#[test]
fn the_word_at_the_place_of_a_syntax_error_is_told() {
    for (query, word, place) in [
        ("Heartbeat | where (Computer == 'a'", "", (1, 35)),
        ("Heartbeat\n| where\n\n", "", (2, 8)),
        ("Heartbeat | where Computer contins 'a'", "contins", (1, 28)),
        ("Heartbeat | where Computer == 'a", "'", (1, 31)),
        ("Heartbeat | mv-expnd Computer", "mv", (1, 13)),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert_eq!(error.cause, Cause::Syntax { found: word.to_owned() }, "{query}: {error}");
        assert_eq!((error.line, error.column), place, "{query}: {error}");
    }
}

#[test]
fn a_stop_for_memory_says_so_and_what_the_answer_would_have_been() {
    let long = "range x from 1 to 300000 step 1 | extend s = strcat('a text of some weight ', x)";
    for (query, operator, columns) in [
        (format!("{long} | summarize l = make_list(s)"), "extend", "l"),
        (format!("{long} | sort by s asc"), "extend", "x s"),
        (
            "range x from 1 to 10 step 1 | mv-expand y = range(1, 1000000) to typeof(long)".to_owned(),
            "mv-expand",
            "x y",
        ),
        // Rows that an operator makes itself are those of none.
        ("range x from 1 to 10000000 step 1 | count".to_owned(), "", "Count"),
    ] {
        let narrow = Options { max_bytes: 20_000_000, ..options() };
        let error = run(&query, &Database::schema(), &narrow).unwrap_err();
        let Cause::OutOfMemory { budget, operator: named, columns: found } = &error.cause else {
            panic!("{query}: {error:?}");
        };
        assert_eq!(*budget, 20_000_000, "{query}");
        let found: Vec<&str> = found.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((named.as_str(), found.join(" ").as_str()), (operator, columns), "{query}");
        assert_eq!(error.api_code(), "-2133196799");
        let words = format!("'{operator}' operator has exceeded the memory budget (20000000)");
        assert!(error.api_message().starts_with(&words), "{query}: {}", error.api_message());
    }
}
