//! Encrypts full files for the policy's recipients (age, <https://age-encryption.org/v1>), on a thread of its own.
//!
//! The file that is written to stays in the clear, readable by its owner alone: an age file cannot be continued after a
//! crash, and holds back up to 64 KiB until it is finished, records that a crash would take. It is encrypted when it is
//! rotated, and when the server ends in order.
//!
//! It does **not** overwrite what it encrypted: on journaling file systems and flash memory that would promise more than
//! it does. Keep the folder on an encrypted disk where that matters.

#[cfg(feature = "age")]
pub(super) use with_age::Sealer;
#[cfg(not(feature = "age"))]
pub(super) use without_age::Sealer;

#[cfg(feature = "age")]
mod with_age {
    use std::{
        fs::{self, File, OpenOptions},
        io::{self, BufReader, BufWriter, Write as _},
        path::{Path, PathBuf},
        sync::Arc,
        thread::{self, JoinHandle},
    };

    use mcpsec_policy::{
        audit_log::{
            age::{self, Recipient},
            segments::{Rotated, encrypted_path, with_suffix},
        },
        model,
    };

    use crate::serve::ServeError;

    /// Encrypts full files while the log is written on.
    #[derive(Debug)]
    pub(in super::super) struct Sealer {
        recipients: Arc<[Recipient]>,
        running: Vec<JoinHandle<()>>,
    }

    impl Sealer {
        /// Reads the recipients of the policy, if there are any.
        ///
        /// # Errors
        ///
        /// When one is no X25519 key.
        pub(in super::super) fn open(policy: &model::Audit) -> Result<Option<Self>, ServeError> {
            let read = |text: &String| {
                text.parse().map_err(|why| ServeError::Configuration(format!("`audit.recipients`: `{text}`: {why}")))
            };
            let recipients = policy.recipients.iter().map(read).collect::<Result<Arc<[Recipient]>, _>>()?;
            Ok((!recipients.is_empty()).then(|| Self { recipients, running: Vec::new() }))
        }

        /// Encrypts what a crash left in the clear.
        pub(in super::super) fn catch_up(&mut self, rotated: &[Rotated]) {
            let left: Vec<PathBuf> = rotated.iter().filter(|it| !it.encrypted).map(|it| it.path.clone()).collect();
            if !left.is_empty() {
                self.start(left);
            }
        }

        /// Begins to encrypt the file at `path`; the plain one is removed once the encrypted one is on the disk.
        pub(in super::super) fn seal(&mut self, path: PathBuf) {
            self.start(vec![path]);
        }

        /// Waits until everything is encrypted.
        pub(in super::super) fn wait(&mut self) {
            for thread in self.running.drain(..) {
                let _ = thread.join();
            }
        }

        fn start(&mut self, paths: Vec<PathBuf>) {
            self.running.retain(|thread| !thread.is_finished());
            let recipients = Arc::clone(&self.recipients);
            let work = move || {
                for path in paths {
                    if let Err(error) = encrypt(&path, &recipients) {
                        tracing::error!(%error, path = %path.display(), "an audit file stays in the clear");
                    }
                }
            };
            match thread::Builder::new().name("mcpsec-seal".to_owned()).spawn(work) {
                Ok(thread) => self.running.push(thread),
                Err(error) => tracing::error!(%error, "an audit file stays in the clear until the next start"),
            }
        }
    }

    fn encrypt(path: &Path, recipients: &[Recipient]) -> io::Result<()> {
        let done = encrypted_path(path);
        let part = with_suffix(&done, ".part");
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut output = BufWriter::new(options.open(&part)?);
        age::encrypt(recipients, &mut BufReader::new(File::open(path)?), &mut output)?;
        output.flush()?;
        output.get_ref().sync_all()?;
        fs::rename(&part, &done)?;
        fs::remove_file(path)
    }
}

#[cfg(not(feature = "age"))]
mod without_age {
    use std::path::PathBuf;

    use mcpsec_policy::{audit_log::segments::Rotated, model};

    use crate::serve::ServeError;

    /// Stands in where encryption is not compiled in; there is none.
    #[derive(Debug)]
    pub(in super::super) enum Sealer {}

    impl Sealer {
        /// Refuses a policy that asks for encryption.
        pub(in super::super) fn open(policy: &model::Audit) -> Result<Option<Self>, ServeError> {
            if policy.recipients.is_empty() { Ok(None) } else { Err(ServeError::lacks("`audit.recipients`", "age")) }
        }

        pub(in super::super) fn catch_up(&mut self, _: &[Rotated]) {}

        pub(in super::super) fn seal(&mut self, _: PathBuf) {}

        pub(in super::super) fn wait(&mut self) {}
    }
}
