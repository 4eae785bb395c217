//! A UNIX socket that only the right processes can reach.
//!
//! The socket has mode 0600 and lies in a folder that nobody but its owner can enter, so that nobody else can put a
//! socket of his own in its place. The kernel names the process at the other end; who is neither of a user nor of a
//! group of `[unix]` is turned away without a word.
//!
//! It does **not** know what a process does after it connected: a socket that was passed on keeps its first owner.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use mcpsec_policy::model::Unix;
use tokio::net::{UnixListener, UnixStream};

use crate::{peer::Process, serve::ServeError};

/// Rights of others on the socket's folder.
const OTHERS: u32 = 0o077;

/// A listening socket. Its file is removed when it is dropped.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Which file is ours, so that nobody else's is removed.
    identity: (u64, u64),
    allowed: Allowed,
}

/// Whom a socket lets in.
#[derive(Debug)]
struct Allowed {
    users: Vec<u32>,
    groups: Vec<u32>,
    processes: Vec<u32>,
}

impl Socket {
    /// Listens at `path`. A folder that is not there is made, and a socket that nobody listens on any more is replaced.
    ///
    /// # Errors
    ///
    /// When others can enter the folder, when somebody listens there already, when the file is something else.
    pub(crate) async fn bind(path: &Path, policy: &Unix) -> Result<Self, ServeError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = |source| ServeError::Io { context: format!("cannot listen on `{}`", path.display()), source };
        make_private(folder).map_err(failed)?;
        let owner = judge_folder(folder).map_err(failed)??;
        make_way(path).await.map_err(failed)??;
        let listener = UnixListener::bind(path).map_err(failed)?;
        // Before this, nobody else can be inside of the folder.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let made = fs::symlink_metadata(path).map_err(failed)?;
        if made.uid() != owner {
            let _ = fs::remove_file(path);
            return Err(ServeError::Configuration(format!(
                "the folder `{}` belongs to another user than this server: its owner could replace the socket",
                folder.display()
            )));
        }
        let identity = (made.dev(), made.ino());
        Ok(Self { listener, path: path.to_owned(), identity, allowed: Allowed::new(policy, made.uid()) })
    }

    /// The next process that may connect.
    ///
    /// # Errors
    ///
    /// When the operating system gives no connection.
    pub(crate) async fn accept(&self) -> io::Result<(UnixStream, Process)> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let peer = stream.peer_cred()?;
            let process = Process { user: peer.uid(), group: peer.gid(), process: peer.pid() };
            if self.allowed.lets_in(process) {
                return Ok((stream, process));
            }
            tracing::warn!(uid = process.user, gid = process.group, pid = process.process, "a process was turned away");
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path).is_ok_and(|file| (file.dev(), file.ino()) == self.identity);
        if ours {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Allowed {
    /// Whom `policy` lists; without a list, `owner`.
    fn new(policy: &Unix, owner: u32) -> Self {
        let mut users = policy.users.clone();
        if users.is_empty() && policy.groups.is_empty() {
            users.push(owner);
        }
        Self { users, groups: policy.groups.clone(), processes: policy.processes.clone() }
    }

    fn lets_in(&self, process: Process) -> bool {
        let number = process.process.and_then(|number| u32::try_from(number).ok());
        (self.users.contains(&process.user) || self.groups.contains(&process.group))
            && (self.processes.is_empty() || number.is_some_and(|number| self.processes.contains(&number)))
    }
}

/// Makes the folder, where it is missing, for its owner alone.
fn make_private(folder: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// The owner of a folder that nobody else can enter.
fn judge_folder(folder: &Path) -> io::Result<Result<u32, ServeError>> {
    let found = fs::metadata(folder)?;
    if found.permissions().mode() & OTHERS == 0 {
        return Ok(Ok(found.uid()));
    }
    Ok(Err(ServeError::Configuration(format!(
        "others can enter the folder `{0}` of the socket: take the right away with `chmod 700 {0}`, or choose a folder \
         that holds nothing else",
        folder.display()
    ))))
}

/// Removes the socket of a server that is gone.
async fn make_way(path: &Path) -> io::Result<Result<(), ServeError>> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(())),
        found => found?,
    };
    let shown = path.display();
    if !found.file_type().is_socket() {
        return Ok(Err(ServeError::Configuration(format!("`{shown}` is not a socket: it is left as it is"))));
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path).map(Ok),
        Err(error) => Err(error),
        Ok(_) => Ok(Err(ServeError::Configuration(format!("another server listens on `{shown}`: stop it first")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(user: u32, group: u32, process: i32) -> Process {
        Process { user, group, process: Some(process) }
    }

    #[test]
    fn without_a_list_only_the_own_user_gets_in() {
        let allowed = Allowed::new(&Unix::default(), 1000);
        assert!(allowed.lets_in(process(1000, 5, 7)));
        assert!(!allowed.lets_in(process(0, 0, 7)));
    }

    #[test]
    fn users_and_groups_are_alternatives_and_processes_a_further_condition() {
        let policy = Unix { users: vec![1], groups: vec![2], processes: vec![7], socket: None };
        let allowed = Allowed::new(&policy, 1000);
        assert!(allowed.lets_in(process(1, 9, 7)));
        assert!(allowed.lets_in(process(9, 2, 7)));
        assert!(!allowed.lets_in(process(9, 9, 7)));
        assert!(!allowed.lets_in(process(1, 2, 8)));
        assert!(!allowed.lets_in(process(1000, 1000, 7)));
        assert!(!allowed.lets_in(Process { user: 1, group: 2, process: None }));
    }

    #[tokio::test]
    async fn an_open_folder_and_a_foreign_file_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our folder");
        let refused = Socket::bind(&path, &Unix::default()).await.err().expect("refused").to_string();
        assert!(refused.contains("chmod 700"), "{refused}");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("our folder");
        fs::write(&path, "precious").expect("our folder");
        let refused = Socket::bind(&path, &Unix::default()).await.err().expect("refused").to_string();
        assert!(refused.contains("is not a socket"), "{refused}");
        assert_eq!(fs::read_to_string(&path).expect("still there"), "precious");
    }

    #[tokio::test]
    async fn a_dead_socket_is_replaced_and_a_living_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("our folder");
        let path = folder.path().join("s");
        drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
        let socket = Socket::bind(&path, &Unix::default()).await.expect("replaced");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let refused = Socket::bind(&path, &Unix::default()).await.err().expect("refused").to_string();
        assert!(refused.contains("another server"), "{refused}");
        drop(socket);
        assert!(!path.exists());
    }
}
