//! How a command of the program ended, and what it said.

use std::process::Output;

use serde_json::Value;

use crate::handler::House;

/// The code that it ended with.
pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Everything that it said, to whichever stream.
pub(crate) fn words(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The report that a command prints, in the form that is promised.
pub(crate) async fn report(house: &House, arguments: &[&str]) -> Value {
    let output = house.run(&[arguments, &["-o", "json"]].concat()).await;
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)));
    crate::schema::hold(&report);
    report
}
