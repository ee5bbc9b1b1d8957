//! The stand-in as a program: what it says of a world that it cannot use.

use std::process::Command;

#[test]
fn a_faulty_world_is_one_error_that_names_file_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("world.json");
    let shown = file.display().to_string();
    for (text, place) in [
        ("{\n  \"machines\": [,]\n}", "line 2 column"),
        ("{\n  \"zones\": 5\n}", "zones"),
        ("{\n  \"unheard-of\": []\n}", "unheard-of"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let mut program = Command::new(env!("CARGO_BIN_EXE_standin"));
        program
            .arg("--world")
            .arg(&file)
            .args(["--port", "0", "--dns-port", "0", "--resolver-port", "0"])
            .env("RUST_BACKTRACE", "1");
        let output = program.output().expect("the program");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("error: failed to read ") && said.contains(&shown), "{said}");
        assert!(said.contains(place) && said.contains("\n\nhint: "), "{said}");
        assert!(!said.contains("backtrace") && !said.contains("   0: "), "{said}");
    }
}
