//! What kind of error a refusal is, and how the service words it.

use kql::{Cause, Database, Unknown, run};

use crate::options;

#[test]
fn names_that_are_not_found_are_told_as_the_service_tells_them() {
    let failed = |operator: &str, what: &str, name: &str| {
        format!("'{operator}' operator: Failed to resolve {what} named '{name}'")
    };
    let table = "table or column or scalar expression";
    for (query, code, words) in [
        ("Nothing_CL", "SEM0100", failed("", table, "Nothing_CL")),
        ("Nothing_CL | where x == 1 | take 1", "SEM0100", failed("where", table, "Nothing_CL")),
        (
            "Heartbeat | join kind=inner (Nothing_CL | take 1) on Computer",
            "SEM0100",
            failed("take", table, "Nothing_CL"),
        ),
        ("Heartbeat | join Nothing_CL on Computer", "SEM0100", failed("join", table, "Nothing_CL")),
        ("Heartbeat | union Nothing_CL | count", "SEM0100", failed("union", table, "Nothing_CL")),
        ("let t = Nothing_CL; t | count", "SEM0100", failed("", table, "Nothing_CL")),
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
    for (query, cause, code) in
        [("Heartbeat | joyn x", Cause::Syntax, "SYN0002"), ("print 1 + 'a'", Cause::Refused, "SEM0100")]
    {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert_eq!((&error.cause, error.api_code()), (&cause, code), "{query}");
        assert_eq!(error.api_message(), error.message, "{query}");
    }
}
