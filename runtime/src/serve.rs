//! From a policy to a running server.

use std::{io, path::Path, path::PathBuf, process::ExitCode, sync::Arc};

use mcpsec_policy::{Policy, model::Transport};
use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

use crate::{log, runtime::Runtime, transport};

/// Why a server did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The policy asks for something that this build or this machine cannot give. Nothing was served.
    #[error("{0}")]
    Configuration(String),
    /// The audit log cannot be written. Nothing was served: a call that leaves no trace is not allowed.
    #[error("cannot open the audit log `{}`", path.display())]
    Audit {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The address cannot be listened on, or accepting connections failed.
    #[error("{context}")]
    Io {
        /// What was tried.
        context: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// The client did not speak MCP.
    #[error("{0}")]
    Protocol(String),
}

impl ServeError {
    /// `what` of the policy needs a feature that this build was made without.
    #[allow(dead_code)] // a build with everything lacks nothing
    pub(crate) fn lacks(what: &str, feature: &str) -> Self {
        Self::Configuration(format!(
            "{what} is set, and this build cannot enforce it: add the feature `{feature}` to `mcpsec-runtime` in Cargo.toml"
        ))
    }

    /// Whether the operator has to change something before another try makes sense.
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::Configuration(_) | Self::Audit { .. })
    }
}

/// Hardens and serves under the policy, on the transports that it names, until the client of stdio closes its end, or
/// the process is asked to stop (SIGINT, SIGTERM).
///
/// `make` is called once for stdio, and for HTTP as often as once per request: keep it cheap, share state by `Arc`.
///
/// # Errors
///
/// When a transport cannot start or breaks down. See [`ServeError`].
pub async fn serve<H, F>(policy: Policy, make: F) -> Result<(), ServeError>
where
    H: ServerHandler,
    F: Fn() -> H + Clone + Send + Sync + 'static,
{
    let runtime = Runtime::new(policy)?;
    let shutdown = CancellationToken::new();
    let mut transports = runtime.policy().server.transports.clone();
    // One listener serves both.
    if transports.contains(&Transport::Http) {
        transports.retain(|transport| *transport != Transport::Websocket);
    }
    let stop_on_signal = tokio::spawn(stop_on_signal(shutdown.clone()));
    let mut running = tokio::task::JoinSet::new();
    for transport in transports {
        let (runtime, make, shutdown) = (Arc::clone(&runtime), make.clone(), shutdown.clone());
        match transport {
            Transport::Stdio => running.spawn(transport::stdio::serve::<H, F>(runtime, make, shutdown)),
            Transport::Unix => running.spawn(transport::unix::serve::<H, F>(runtime, make, shutdown)),
            Transport::Http | Transport::Websocket => {
                running.spawn(transport::http::serve::<H, F>(runtime, make, shutdown))
            }
        };
    }
    let mut outcome = Ok(());
    while let Some(ended) = running.join_next().await {
        // The first transport that ends, in whatever way, ends the others: a half-served policy is not what was asked.
        shutdown.cancel();
        let ended = ended.unwrap_or_else(|error| Err(ServeError::Protocol(format!("a transport broke down: {error}"))));
        outcome = outcome.and(ended);
    }
    stop_on_signal.abort();
    runtime.audit().close().await;
    outcome
}

/// Loads the policy from `path` and serves under it. What a server's `main` calls.
///
/// Errors are printed on standard error. The exit code is 0 after a clean end, 2 when the configuration has to change, 1
/// when serving failed.
pub async fn run<H, F>(path: impl AsRef<Path>, make: F) -> ExitCode
where
    H: ServerHandler,
    F: Fn() -> H + Clone + Send + Sync + 'static,
{
    run_with(path, |_| Ok(make)).await
}

/// Like [`run`], for a server that needs something that the policy says, such as the folders of `[paths]`.
///
/// `prepare` is called once, before anything is served. What it returns as an error is the server's last word: a
/// configuration that has to change.
pub async fn run_with<H, F>(path: impl AsRef<Path>, prepare: impl FnOnce(&Policy) -> Result<F, String>) -> ExitCode
where
    H: ServerHandler,
    F: Fn() -> H + Clone + Send + Sync + 'static,
{
    let policy = match Policy::load(path.as_ref()) {
        Ok(policy) => policy,
        Err(error) => return fail(&error, 2),
    };
    if let Err(error) = log::start(policy.log) {
        return fail(&error, 1);
    }
    let served = match prepare(&policy) {
        Ok(make) => serve(policy, make).await,
        Err(reason) => Err(ServeError::Configuration(reason)),
    };
    log::flush().await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_configuration() => fail(&error, 2),
        Err(error) => fail(&error, 1),
    }
}

#[allow(clippy::print_stderr)] // the server's own last words, before or after its log
fn fail(error: &dyn std::error::Error, code: u8) -> ExitCode {
    eprintln!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprintln!("  because: {cause}");
        source = cause.source();
    }
    ExitCode::from(code)
}

/// Cancels `shutdown` when the process is asked to end.
async fn stop_on_signal(shutdown: CancellationToken) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
    shutdown.cancel();
}
