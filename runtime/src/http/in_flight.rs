//! Counts the calls that are being answered, so that a stopping server knows when it is done.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::sync::Notify;

use super::refusal::Body;

/// The calls being answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<State>);

#[derive(Debug, Default)]
struct State {
    calls: AtomicUsize,
    idle: Notify,
}

impl InFlight {
    /// Counts one call until the ticket is dropped.
    pub(crate) fn enter(&self) -> Ticket {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        Ticket(Arc::clone(&self.0))
    }

    /// Returns when no call is being answered.
    pub(crate) async fn idle(&self) {
        loop {
            let idle = self.0.idle.notified();
            if self.0.calls.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}

/// One call being answered.
#[derive(Debug)]
pub(crate) struct Ticket(Arc<State>);

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.0.calls.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

/// An answer's body that keeps something until its last byte is gone, or the client is.
pub(crate) struct Keeping<T> {
    pub(crate) body: Body,
    pub(crate) _kept: T,
}

impl<T: Unpin> HttpBody for Keeping<T> {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
