//! The engine as a program: `kql FILE.kql --data DIR`.

fn main() {}
