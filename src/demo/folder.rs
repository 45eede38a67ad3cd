//! A temporary folder that leaves nothing behind.

use std::{
    fs::{DirBuilder, remove_dir_all},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::shelf::unguessable;
use crate::types::Random;

/// A folder that only its owner can enter; removed with everything in it when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn create(random: &dyn Random) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("vestibule-demo-{}", unguessable(random)));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nobody is left to tell; the system clears its temporary folder anyway.
        let _ = remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::SystemRandom;

    #[test]
    fn it_is_gone_with_what_was_in_it() {
        let folder = Folder::create(&SystemRandom).unwrap();
        let path = folder.path().to_owned();
        std::fs::write(path.join("vestibule.db"), "x").unwrap();
        drop(folder);
        assert!(!path.exists());
    }
}
