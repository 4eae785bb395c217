//! The threads that read, parse and check: the same from the first file to the last rule, so that what one step frees the
//! next one uses.

use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// The stack of each thread, in bytes; what is not used of it is never taken. Flows follow calls while they stand deep
/// inside of expressions, and so nest far deeper than any one source.
const STACK: usize = 64 << 20;

/// Nothing where the system gives no more threads.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| ThreadPoolBuilder::new().stack_size(STACK).build().ok());

/// Does `work` in one of the threads, and what it does in parallel in all of them.
pub(crate) fn install<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match &*POOL {
        Some(pool) => pool.install(work),
        None => work(),
    }
}
