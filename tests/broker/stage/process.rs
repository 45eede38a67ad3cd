//! The real binary, in a process of its own: for what happens to processes.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use super::{Stage, ready};

/// `vestibule serve` on the configuration of a stage.
pub struct Process {
    child: Option<Child>,
    folder: PathBuf,
    management: String,
}

impl Process {
    /// Writes the configuration down and serves it, until it is ready.
    pub async fn start(stage: &Stage) -> Self {
        std::fs::write(stage.folder().join("vestibule.toml"), stage.config()).unwrap();
        let mut process = Self { child: None, folder: stage.folder().to_owned(), management: stage.management.clone() };
        process.serve().await;
        process
    }

    /// Serves again, on what the process before left behind.
    pub async fn serve(&mut self) {
        let log: File = OpenOptions::new().create(true).append(true).open(self.folder.join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
            .args(["serve", "--config"])
            .arg(self.config())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        ready(&self.management).await;
    }

    /// Ends it as a power cut would (SIGKILL).
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap();
        assert!(sent.success(), "kill -s {name}");
    }

    /// Waits for its end, and gives its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.take().unwrap().wait().unwrap().code()
    }

    /// Another command on the same configuration, with these variables.
    pub fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        command(&self.config(), arguments, variables)
    }

    /// Where its configuration is.
    pub fn config(&self) -> PathBuf {
        self.folder.join("vestibule.toml")
    }

    /// What it has written to standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap()
    }
}

fn command(config: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(arguments)
        .arg("--config")
        .arg(config)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

impl Stage {
    /// A command on the configuration of this stage, beside the broker that runs in this process.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let config = self.folder().join("vestibule.toml");
        std::fs::write(&config, self.config()).unwrap();
        command(&config, arguments, &[])
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
