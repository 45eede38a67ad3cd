//! One SQLite file has one `serve`: a second one would work, but its limits, its caches and its background work
//! would not know of the first.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::config::StoreUrl;

/// Why `serve` may not start on this file.
#[derive(Debug, thiserror::Error)]
pub enum ServeLockError {
    /// Another process serves from it.
    #[error("another `vestibule serve` already uses this database: {}", holder(*pid))]
    Held {
        /// That process, where it could be read.
        pid: Option<u32>,
    },
    /// The lock file cannot be made.
    #[error("cannot lock {}: {source}", path.display())]
    File {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "a process that did not leave its number".into(), |pid| format!("process {pid}"))
}

/// Held as long as `serve` runs. The system frees it with the process, however that ends; the lock file stays,
/// since deleting it would let two processes lock two files of one name.
#[derive(Debug)]
pub struct ServeLock {
    _locked: File,
}

impl ServeLock {
    /// Takes the lock of a SQLite store; other stores are made for several instances and have none.
    ///
    /// # Errors
    /// [`ServeLockError::Held`] with the holder, or what kept the lock file from being made.
    pub fn acquire(url: &StoreUrl) -> Result<Option<Self>, ServeLockError> {
        match url {
            StoreUrl::Sqlite(path) => Self::beside(path).map(Some),
            StoreUrl::Redis(_) => Ok(None),
        }
    }

    fn beside(database: &Path) -> Result<Self, ServeLockError> {
        // Two names of one file are one file.
        let mut name: OsString = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned()).into();
        name.push(".lock");
        let path = PathBuf::from(name);
        match lock(&path) {
            Ok(file) => Ok(Self { _locked: file }),
            Err(TryLockError::WouldBlock) => Err(ServeLockError::Held { pid: read_pid(&path) }),
            Err(TryLockError::Error(source)) => Err(ServeLockError::File { path, source }),
        }
    }
}

fn lock(path: &Path) -> Result<File, TryLockError> {
    let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let mut file = open().map_err(TryLockError::Error)?;
    file.try_lock()?;
    let write = |file: &mut File| file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    write(&mut file).map_err(TryLockError::Error)?;
    Ok(file)
}

fn read_pid(path: &Path) -> Option<u32> {
    let mut text = String::new();
    File::open(path).ok()?.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_learns_who_holds_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let url = StoreUrl::Sqlite(folder.path().join("v.db"));
        let first = ServeLock::acquire(&url).unwrap();
        let error = ServeLock::acquire(&url).unwrap_err();
        assert!(matches!(error, ServeLockError::Held { pid } if pid == Some(std::process::id())));
        assert!(error.to_string().ends_with(&format!("process {}", std::process::id())));
        drop(first);
        assert!(ServeLock::acquire(&url).unwrap().is_some());
    }
}
