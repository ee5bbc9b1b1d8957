//! The local Azure.
