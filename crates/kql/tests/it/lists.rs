//! Lists of texts are kept as numbers until somebody reads them as values. Whoever asks must not see that: each expression
//! answers the same for the list of an aggregate and for an array that a function made of it.

use kql::{Column, Database, Type, run};
use serde_json::{Map, Value as Json, json};

use crate::options;
use crate::semantics::rows;

const ROWS: &str =
    "datatable(k:string, t:string)['a', 'x', 'a', 'B', 'a', 'x', 'b', '', 'c', 'ä', 'c', 'z', 'c', 'Z']";

/// The same over lists and over plain arrays, and as it should be.
fn hold(of_groups: &str, expression: &str, wanted: &Json) {
    let listed = format!("{ROWS} | {of_groups} | project k, Answer = {expression} | sort by k asc");
    assert_eq!(rows(&listed), *wanted, "{expression}");
    let plain = expression.replace("Set", "array_concat(Set, dynamic([]))");
    let plain = plain.replace("List", "array_concat(List, dynamic([]))");
    let plain = format!("{ROWS} | {of_groups} | project k, Answer = {plain} | sort by k asc");
    assert_eq!(rows(&plain), *wanted, "{expression} of arrays");
}

#[test]
fn what_reads_lists_of_texts_reads_arrays() {
    let of_groups =
        "summarize Set = make_set(t), List = make_list(t), Some = make_set_if(t, t != 'x' and t != '') by k";
    let cases = [
        ("Set", json!([["a", ["x", "B"]], ["b", [""]], ["c", ["ä", "z", "Z"]]])),
        ("List", json!([["a", ["x", "B", "x"]], ["b", [""]], ["c", ["ä", "z", "Z"]]])),
        ("array_sort_asc(Set)", json!([["a", ["B", "x"]], ["b", [""]], ["c", ["Z", "z", "ä"]]])),
        ("array_sort_desc(List)", json!([["a", ["x", "x", "B"]], ["b", [""]], ["c", ["ä", "z", "Z"]]])),
        ("strcat_array(array_sort_asc(Set), '-')", json!([["a", "B-x"], ["b", ""], ["c", "Z-z-ä"]])),
        ("strcat_array(List, k)", json!([["a", "xaBax"], ["b", ""], ["c", "äczcZ"]])),
        ("tostring(array_sort_asc(Set)[0])", json!([["a", "B"], ["b", ""], ["c", "Z"]])),
        ("tostring(List[-1])", json!([["a", "x"], ["b", ""], ["c", "Z"]])),
        ("tostring(List[2])", json!([["a", "x"], ["b", ""], ["c", "Z"]])),
        ("tostring(List[7])", json!([["a", ""], ["b", ""], ["c", ""]])),
        ("tostring(Set)", json!([["a", "[\"x\",\"B\"]"], ["b", "[\"\"]"], ["c", "[\"ä\",\"z\",\"Z\"]"]])),
        ("List[1]", json!([["a", "B"], ["b", null], ["c", "z"]])),
        ("array_length(Set)", json!([["a", 2], ["b", 1], ["c", 3]])),
        ("array_slice(List, 1, -1)", json!([["a", ["B", "x"]], ["b", []], ["c", ["z", "Z"]]])),
        ("array_slice(array_sort_asc(List), -2, 1)", json!([["a", ["x"]], ["b", [""]], ["c", ["z"]]])),
        (
            "array_sort_asc(iff(k == 'a', Set, List))",
            json!([["a", ["B", "x"]], ["b", [""]], ["c", ["Z", "z", "ä"]]]),
        ),
        (
            "strcat_array(case(k == 'a', List, k == 'b', Some, Set), ',')",
            json!([["a", "x,B,x"], ["b", ""], ["c", "ä,z,Z"]]),
        ),
        ("strcat_array(iff(k == 'c', Set, List), ',')", json!([["a", "x,B,x"], ["b", ""], ["c", "ä,z,Z"]])),
        ("array_length(array_slice(List, 2, 0))", json!([["a", 0], ["b", 0], ["c", 0]])),
        ("array_length(Some)", json!([["a", 1], ["b", 0], ["c", 3]])),
        (
            "strcat_array(iff(k == 'a', Set, dynamic(['none'])), ',')",
            json!([["a", "x,B"], ["b", "none"], ["c", "none"]]),
        ),
        ("array_index_of(Set, 'z')", json!([["a", -1], ["b", -1], ["c", 1]])),
        ("set_has_element(Set, 'x')", json!([["a", true], ["b", false], ["c", false]])),
    ];
    for (expression, wanted) in cases {
        hold(of_groups, expression, &wanted);
    }
}

/// The lists of two columns may begin and end at the same places.
#[test]
fn a_choice_between_columns_keeps_their_lists_apart() {
    let query = "datatable(k:string, t:string)['a', 'x', 'b', 'y']
        | summarize A = make_list_if(t, k == 'a'), B = make_list_if(t, k == 'b') by k
        | sort by k asc | project k, iff(k == 'a', A, B)";
    assert_eq!(rows(query), json!([["a", ["x"]], ["b", ["y"]]]));
}

#[test]
fn lists_of_texts_go_through_rows_as_other_values_do() {
    let made = "summarize L = make_list(t, 2), N = count() by k";
    let cases = [
        // A row without a partner has no list.
        (
            format!(
                "print k = 'd' | join kind=leftouter ({ROWS} | {made}) on k | project isnull(L), array_length(L), strcat_array(L, ','), tostring(L[0]), L"
            ),
            json!([[true, null, "", "", null]]),
        ),
        (
            format!("{ROWS} | {made} | sort by k desc | project k, strcat_array(L, '')"),
            json!([["c", "äz"], ["b", ""], ["a", "xB"]]),
        ),
        (
            format!("{ROWS} | {made} | where k != 'b' | mv-expand L to typeof(string) | project k, L"),
            json!([["a", "x"], ["a", "B"], ["c", "ä"], ["c", "z"]]),
        ),
        (format!("{ROWS} | {made} | summarize make_list(L)"), json!([[["x", "B", "", "ä", "z"]]])),
        (
            format!(
                "let T = materialize({ROWS} | {made} | extend S = array_sort_desc(L)); union T, T | distinct k, tostring(S) | sort by k asc"
            ),
            json!([["a", "[\"x\",\"B\"]"], ["b", "[\"\"]"], ["c", "[\"ä\",\"z\"]"]]),
        ),
        (
            format!("{ROWS} | {made} | summarize N = sum(N) by tostring(array_length(L)) | sort by N asc"),
            json!([["1", 1], ["2", 6]]),
        ),
        (
            format!(
                "{ROWS} | where false | summarize L = make_list(t), S = make_set(t) | project strcat_array(L, ','), array_length(S), S"
            ),
            json!([["", 0, []]]),
        ),
    ];
    for (query, wanted) in cases {
        assert_eq!(rows(&query), wanted, "{query}");
    }
}

#[test]
fn one_part_of_a_text_is_that_element_of_all_parts() {
    let texts = "datatable(t:string)['/a/b/c', 'a', '', '//', 'ä/ö']";
    for (delimiter, index) in
        [("'/'", 0), ("'/'", 1), ("'/'", 2), ("'/'", 9), ("'/'", -1), ("''", 0), ("''", 1), ("'b/'", 1)]
    {
        let quick = format!("{texts} | project tostring(split(t, {delimiter})[{index}])");
        let whole =
            format!("{texts} | extend Parts = split(t, {delimiter}) | project tostring(Parts[{index}])");
        assert_eq!(rows(&quick), rows(&whole), "{delimiter} {index}");
    }
    let second = format!("{texts} | project tostring(split(t, '/')[1])");
    assert_eq!(rows(&second), json!([["a"], [""], [""], [""], ["ö"]]));
    assert_eq!(
        rows("print tostring(split(dynamic('x,y'), ',')[1]), tostring(split('a-b', '-', 1)[0])"),
        json!([["y", "b"]])
    );
}

#[test]
fn a_function_of_a_text_answers_the_same_in_each_table() {
    let many = "range i from 1 to 600 step 1 | extend t = strcat('N', i % 300)";
    let query = format!(
        "let A = {many} | extend L = tolower(t), U = toupper(t), R = reverse(t);
         let B = {many} | where i > 300 | extend t = strcat(t, 'X') | extend L = tolower(t), U = toupper(t), R = reverse(t);
         union A, B
         | summarize Rows = count(), Wrong = countif(not(L =~ t and L != t and U =~ t and reverse(R) == t)), dcount(L)"
    );
    assert_eq!(rows(&query), json!([[900, 0, 600]]));
}

/// Of what is stored the pool knows the small letters; it knows nothing else of it.
#[test]
fn stored_texts_are_turned_as_those_of_a_query_are() {
    let mut database = Database::new();
    database.add_table("T", vec![Column::new("t", Type::String)]);
    let row = |number: usize| {
        let text = ["Rg-Ä", "rg-ä", "NAS", "nas"][number % 4];
        Map::from_iter([("t".to_owned(), json!(format!("{text}{}", number / 4)))])
    };
    database.append("T", &(0..400).map(row).collect::<Vec<_>>()).unwrap();
    let query = "T | extend Lower = tolower(t), Upper = toupper(t), Again = tolower(strcat(t, 'Ü'))
        | summarize count(), dcount(Lower), dcount(Upper), countif(strcat(Lower, 'ü') != Again), take_anyif(Upper, t == 'Rg-Ä0'),
            take_anyif(Lower, t == 'Rg-Ä0')";
    let answer = run(query, &database, &options()).unwrap();
    let cells: Vec<Json> = answer.rows[0].iter().map(kql::Value::to_json).collect();
    assert_eq!(json!(cells), json!([400, 200, 200, 0, "RG-Ä0", "rg-ä0"]));
}

#[test]
fn a_list_of_texts_that_nobody_could_write_out_is_refused() {
    let long = "let Long = strcat_array(repeat('0123456789abcdef', 65536), '');
        range i from 1 to 140 step 1 | summarize L = make_list(Long) | project array_length(L)";
    let refusal = run(long, &Database::new(), &options()).unwrap_err();
    assert!(refusal.message.contains("a dynamic value would hold more than"), "{}", refusal.message);
}
