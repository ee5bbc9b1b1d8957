//! Behaviour of the real binary against the local Azure.
