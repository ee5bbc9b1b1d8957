//! The local Azure as a program.

fn main() {}
