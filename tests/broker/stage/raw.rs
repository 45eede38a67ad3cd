//! Bytes on a wire: for what no HTTP client would send.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::Stage;

/// Sends bytes as they are, one connection a request.
pub struct Wire {
    address: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// `0`: the connection was closed without a word.
    pub status: u16,
    /// All of it.
    pub text: String,
    pub took: Duration,
}

impl Wire {
    pub fn to(stage: &Stage) -> Self {
        Self { address: stage.issuer.strip_prefix("http://").unwrap().to_owned() }
    }

    /// A request with these lines of header and this body, after which the connection is done.
    pub async fn ask(&self, line: &str, headers: &[&[u8]], body: &[u8]) -> Answer {
        let mut request = format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address).into_bytes();
        for header in headers {
            request.extend_from_slice(header);
            request.extend_from_slice(b"\r\n");
        }
        if !body.is_empty() {
            request.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body);
        self.send(&request).await
    }

    /// These bytes, and then one more now and again, for as long as anybody listens.
    pub async fn drip(&self, request: &[u8]) -> Answer {
        let begun = Instant::now();
        let (mut reader, mut writer) = TcpStream::connect(&self.address).await.unwrap().into_split();
        writer.write_all(request).await.unwrap();
        let dripping = tokio::spawn(async move {
            while writer.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
        let mut read = Vec::new();
        let _read = timeout(Duration::from_secs(20), reader.read_to_end(&mut read))
            .await
            .expect("an end within twenty seconds");
        dripping.abort();
        Answer::of(&read, begun)
    }

    /// Exactly these bytes.
    pub async fn send(&self, request: &[u8]) -> Answer {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let mut read = Vec::new();
        let both = async {
            // A refusal may come, and the connection go, before all is written.
            let (_written, _read) = tokio::join!(writer.write_all(request), reader.read_to_end(&mut read));
        };
        timeout(Duration::from_secs(20), both).await.expect("an answer within twenty seconds");
        Answer::of(&read, begun)
    }
}

impl Answer {
    fn of(read: &[u8], begun: Instant) -> Self {
        let text = String::from_utf8_lossy(read).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, text, took: begun.elapsed() }
    }

    /// The value of a header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or_default()
    }
}
