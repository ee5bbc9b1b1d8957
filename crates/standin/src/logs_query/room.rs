//! The memory of queries over the workspace: all of the process share it.

use std::sync::LazyLock;

use kql::{Options, Room, Share};

/// What the queries hold together, so that the process stays below a gigabyte beside its rows and what is not counted.
const BYTES: usize = 480_000_000;

/// A process has one memory, however many stand-ins run in it.
static ROOM: LazyLock<Room> = LazyLock::new(|| Room::new(BYTES));

/// Gives a query its share; whoever keeps its answer keeps the share.
pub(super) fn take(options: &mut Options) -> Share {
    let share = ROOM.share();
    options.max_bytes = ROOM.largest();
    options.share = Some(share.clone());
    share
}
