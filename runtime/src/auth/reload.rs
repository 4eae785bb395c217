//! Files of keys that change while the server runs.
//!
//! A file is looked at once a second. A new one takes effect at once and whole; one that cannot be used leaves the old
//! keys in force, and log and audit say so: a slip of the hand must not lock everybody out, and must not stay unseen.
//! It does **not** follow what happens between two looks: of two quick changes only the last one counts.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, Weak},
    time::{Duration, SystemTime},
};

use tokio::{task, time};

use crate::{
    audit::{Audit, Record},
    guard::{Verdict, new_request_id},
    serve::ServeError,
};

/// Time between two looks.
const PERIOD: Duration = Duration::from_secs(1);

/// Reads a file; says what is wrong with it, without secrets.
pub(super) type Read<T> = dyn Fn(&Path) -> Result<T, String> + Send + Sync;

/// A file, and how to read it.
pub(super) struct Watched<T> {
    /// The key of the policy that names it, such as `auth.api_keys`.
    pub(super) setting: &'static str,
    pub(super) path: PathBuf,
    pub(super) read: Box<Read<T>>,
}

/// What a file held when it was last good.
pub(super) struct Reloaded<T>(RwLock<Arc<T>>);

impl<T: Send + Sync + 'static> Reloaded<T> {
    /// Reads `file`, and again whenever it changes, for as long as somebody holds what is returned.
    ///
    /// # Errors
    ///
    /// When the file cannot be used: a server does not start with half of its keys.
    pub(super) fn open(file: Watched<T>, audit: &Arc<Audit>) -> Result<Arc<Self>, ServeError> {
        let seen = Stamp::of(&file.path);
        let first = (file.read)(&file.path).map_err(ServeError::Configuration)?;
        let reloaded = Arc::new(Self(RwLock::new(Arc::new(first))));
        task::spawn(watch(Arc::downgrade(&reloaded), Arc::new(file), seen, Arc::clone(audit)));
        Ok(reloaded)
    }

    /// What is in force now.
    pub(super) fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, value: T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
    }
}

async fn watch<T: Send + Sync + 'static>(
    reloaded: Weak<Reloaded<T>>,
    file: Arc<Watched<T>>,
    mut seen: Option<Stamp>,
    audit: Arc<Audit>,
) {
    loop {
        time::sleep(PERIOD).await;
        let Some(reloaded) = reloaded.upgrade() else { return };
        let (looked, before) = (Arc::clone(&file), seen.clone());
        let look = task::spawn_blocking(move || {
            let now = Stamp::of(&looked.path);
            (now != before).then(|| ((looked.read)(&looked.path), now))
        });
        let Ok(Some((read, now))) = look.await else { continue };
        seen = now;
        let shown = file.path.display().to_string();
        match read {
            Ok(value) => {
                reloaded.set(value);
                tracing::info!(file = shown, "`{}` has changed and is in force", file.setting);
                note(&audit, file.setting, Verdict::Allowed, "the changed file is in force");
            }
            Err(why) => {
                tracing::error!(
                    file = shown,
                    "`{}` has changed and cannot be used, so what was there stays in force: {why}",
                    file.setting
                );
                note(
                    &audit,
                    file.setting,
                    Verdict::Failed,
                    "the changed file cannot be used: what was there stays in force",
                );
            }
        }
    }
}

/// Writes an event of the server's own into the audit log.
fn note(audit: &Audit, setting: &'static str, verdict: Verdict, reason: &'static str) {
    let Some(entry) = audit.entry() else { return };
    entry.write(Record {
        time: SystemTime::now(),
        request_id: new_request_id(),
        client: "server".to_owned(),
        transport: "file",
        method: "reload".into(),
        target: Some(setting.to_owned()),
        verdict: verdict.as_str(),
        reason: reason.into(),
        duration: Duration::ZERO,
    });
}

/// What tells one state of a file from another.
#[derive(Clone, Eq, PartialEq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, inode, time of the last change, rights: what a file has that was put in the place of another.
    #[cfg(unix)]
    place: (u64, u64, i64, i64, u32),
}

impl Stamp {
    /// `None` where there is no file that can be looked at.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let place = {
            use std::os::unix::fs::MetadataExt as _;
            (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec(), metadata.mode())
        };
        Some(Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            place,
        })
    }
}
