//! A real Redis for a test: Debian's `redis-server` on a free port, with a folder of its own, gone with the value.

#![expect(clippy::panic, reason = "a test without its server fails by panicking")]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running (or stopped) `redis-server`.
pub struct RedisServer {
    process: Option<Child>,
    port: u16,
    folder: TempDir,
    options: Vec<String>,
}

impl RedisServer {
    /// Starts one as an operator should run it: nothing evicted, every write in the append-only file.
    pub fn start() -> Self {
        Self::start_with(&[
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--maxmemory-policy",
            "noeviction",
            "--save",
            "",
        ])
    }

    /// Starts one with these options and no others but port, address and folder.
    pub fn start_with(options: &[&str]) -> Self {
        Self::start_from(None, options)
    }

    /// The same, with lines of a configuration file, as Sentinel needs one.
    pub fn start_from(file: Option<&str>, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let mut options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
        if let Some(lines) = file {
            let path = folder.path().join("conf");
            std::fs::write(&path, lines).unwrap_or_else(|error| panic!("no configuration file: {error}"));
            options.insert(0, path.display().to_string());
        }
        let mut server = Self { process: None, port: 0, folder, options };
        // Somebody else may take the free port before the server does.
        for _ in 0..10 {
            server.port = free_port();
            if server.try_start() {
                return server;
            }
        }
        panic!("redis-server does not start; its log: {}", server.log());
    }

    /// `redis://…`, as it stands in `store.url`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port, the same after a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server at once, as a power cut would.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it again, on the same port and the same data.
    pub fn restart(&mut self) {
        self.stop();
        assert!(self.try_start(), "redis-server does not start again; its log: {}", self.log());
    }

    /// Sends one command (`"CONFIG SET appendonly no"`) and gives back what was answered, raw.
    pub fn command(&self, command: &str) -> String {
        self.ask(command).unwrap_or_else(|error| panic!("redis-server does not answer: {error}"))
    }

    fn try_start(&mut self) -> bool {
        let log = std::fs::File::create(self.folder.path().join("log"));
        let mut process = Command::new("redis-server")
            .args(&self.options)
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--dir"])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.map_or_else(|_| Stdio::null(), Stdio::from))
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("redis-server is needed: apt-get install redis-server ({error})"));
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if matches!(process.try_wait(), Ok(Some(_))) {
                return false;
            }
            // A server that loads its data, or wants a password, answers too.
            if self.ask("PING").is_ok_and(|answer| answer.starts_with("+PONG") || answer.starts_with("-NOAUTH")) {
                self.process = Some(process);
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = process.kill();
        let _ = process.wait();
        false
    }

    fn ask(&self, command: &str) -> std::io::Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        // It answers what it has read before it sees the end.
        stream.shutdown(Shutdown::Write)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .unwrap_or_else(|error| panic!("no free port: {error}"))
        .port()
}

/// Not every suite that has this file uses all of it.
const _: [fn(&mut RedisServer); 3] = [RedisServer::stop, RedisServer::restart, |server| {
    let _ = (server.url(), server.port(), server.command("PING"), RedisServer::start());
}];
