//! `scan`: the logic of its steps, worked out by hand.

use serde_json::{Value as Json, json};

use super::check;

const DOORS: &str = "datatable(t: long, who: string, what: string)\
    [1, 'a', 'noise', 2, 'a', 'open', 3, 'a', 'noise', 4, 'a', 'knock', 5, 'a', 'shut', 6, 'b', 'shut', 7, 'b', 'open', 8, 'b', 'open', 9, 'b', 'shut']";

#[test]
fn a_step_sees_what_it_kept_and_what_is_declared() {
    check(
        "range x from 1 to 4 step 1",
        &[
            (
                "scan declare (s: long = 0) with (step one: true => s = x + one.s;)",
                "x s",
                json!([[1, 1], [2, 3], [3, 6], [4, 10]]),
            ),
            // A declared column without its step is what it was declared as.
            (
                "scan declare (s: long = 5) with (step one: true => s = s + x;)",
                "x s",
                json!([[1, 6], [2, 7], [3, 8], [4, 9]]),
            ),
            ("scan declare (s: long) with (step one: x % 2 == 0;)", "x s", json!([[2, null], [4, null]])),
            (
                "scan declare (a: long = 1, b: long = 1) with (step f: true => a = f.b, b = f.a + f.b;) | project a",
                "a",
                json!([[1], [2], [3], [5]]),
            ),
            (
                "scan declare (b: real) with (step f: isnull(f.x) or f.x < 3 => b = x;)",
                "x b",
                json!([[1, 1.0], [2, 2.0], [3, 3.0]]),
            ),
            ("scan declare (x: long) with (step f: true;)", "", Json::Null),
            ("scan declare (s: long) with (step f: true => x = 1;)", "", Json::Null),
            ("scan declare (s: long) with (step f: true => s = 'a';)", "", Json::Null),
            ("scan declare (s: long) with (step f: true => s = prev(x);)", "", Json::Null),
            ("scan with (step f: true)", "", Json::Null),
            ("scan with (step f: true; step f: true;)", "", Json::Null),
            ("scan with (step f: g.x > 1;)", "", Json::Null),
        ],
    );
}

#[test]
fn sequences_go_from_step_to_step() {
    let steps = "step s1: what == 'open'; step s2: what != 'open' and what != 'shut'; step s3: what == 'shut' and t - s1.t <= 9;";
    check(
        DOORS,
        &[
            (
                &format!("scan with_match_id=m with ({steps}) | project t, m"),
                "t m",
                json!([[2, 0], [3, 0], [4, 0], [5, 0], [6, 0], [7, 1], [8, 1], [9, 0]]),
            ),
            (
                &format!("scan with_match_id=m partition by who with ({steps}) | project t, m"),
                "t m",
                json!([[2, 0], [3, 0], [4, 0], [5, 0], [7, 1], [8, 1]]),
            ),
            (
                "scan declare (from: long) with (step s1 output=none: what == 'open' => from = t; step s2: what == 'shut' => from = s1.from;) | project t, from",
                "t from",
                json!([[5, 2], [6, 2], [9, 8]]),
            ),
            (
                "scan with (step s1 output=last: what == 'open'; step s2: what != 'open';) | project t",
                "t",
                json!([[2], [3], [4], [5], [6], [8], [9]]),
            ),
            (
                "scan with (step s1 output=none: what == 'open'; step s2 output=last: what != 'open';) | project t",
                "t",
                json!([[6], [9]]),
            ),
            (
                "scan with_match_id=m declare (began: long) with (step in_it: true => began = coalesce(in_it.began, t); step over output=none: t - in_it.began > 3;) | project t, began, m",
                "t began m",
                json!([
                    [1, 1, 0],
                    [2, 1, 0],
                    [3, 1, 0],
                    [4, 1, 0],
                    [5, 5, 1],
                    [6, 5, 1],
                    [7, 5, 1],
                    [8, 5, 1],
                    [9, 9, 2]
                ]),
            ),
        ],
    );
}
