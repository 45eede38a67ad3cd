//! Where an app listens for what it is told. It answers as a test wants, and remembers what came.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// A request that came.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// With this status, header lines and body.
    With(u16, &'static str, &'static str),
    /// With far more than anybody reads.
    Flood,
    /// Not at all.
    Silence,
}

/// One app's listener, on a port that stays its own while it is down.
pub struct Receiver {
    pub origin: String,
    port: u16,
    shared: Arc<Shared>,
    task: Option<JoinHandle<()>>,
}

struct Shared {
    seen: Mutex<Vec<Delivery>>,
    replies: Mutex<VecDeque<Reply>>,
    held: watch::Sender<bool>,
}

impl Receiver {
    /// One that takes everything: 202 for events, 200 for logout tokens.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Shared { seen: Mutex::default(), replies: Mutex::default(), held: watch::Sender::new(false) };
        let shared = Arc::new(shared);
        let task = Some(tokio::spawn(listen(listener, Arc::clone(&shared))));
        Self { origin: format!("http://127.0.0.1:{port}"), port, shared, task }
    }

    /// Lets nobody in any more.
    pub async fn down(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ended = task.await;
        }
    }

    /// Lets them in again.
    pub async fn up(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.task = Some(tokio::spawn(listen(listener, Arc::clone(&self.shared))));
    }

    /// The next requests are answered so, one after the other; then everything is taken again.
    pub fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared.replies.lock().unwrap().extend(replies);
    }

    /// Answers nobody until it is released.
    pub fn hold(&self, held: bool) {
        self.shared.held.send_replace(held);
    }

    /// All that came so far.
    pub fn seen(&self) -> Vec<Delivery> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The same, and forgets it.
    pub fn take(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.shared.seen.lock().unwrap())
    }
}

impl Delivery {
    /// The token that it carries, whichever way.
    pub fn token(&self) -> String {
        match self.headers["content-type"].as_str() {
            "application/secevent+jwt" => self.body.clone(),
            "application/x-www-form-urlencoded" => {
                let mut form = url::form_urlencoded::parse(self.body.as_bytes());
                let (name, token) = form.next().unwrap();
                assert_eq!((&*name, form.next()), ("logout_token", None));
                token.into_owned()
            }
            other => panic!("{other}"),
        }
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut tasks = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        tasks.spawn(answer(stream, Arc::clone(&shared)));
    }
}

async fn answer(mut stream: TcpStream, shared: Arc<Shared>) {
    let Some(delivery) = read(&mut stream).await else { return };
    let default = if delivery.headers["content-type"] == "application/secevent+jwt" { 202 } else { 200 };
    shared.seen.lock().unwrap().push(delivery);
    let mut held = shared.held.subscribe();
    let _released = held.wait_for(|held| !held).await.map(drop);
    let reply = shared.replies.lock().unwrap().pop_front().unwrap_or(Reply::With(default, "", ""));
    match reply {
        Reply::With(status, headers, body) => {
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}");
            let _gone = stream.write_all(answer.as_bytes()).await;
        }
        Reply::Flood => {
            let head = format!("HTTP/1.1 202 X\r\ncontent-length: {}\r\n\r\n", 1_u64 << 30);
            let mut sent = stream.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                sent = stream.write_all(&[b'x'; 64 * 1024]).await;
            }
        }
        Reply::Silence => {
            // Until the other side has had enough.
            let _ended = stream.read(&mut [0; 1]).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Delivery> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let path = lines.next()?.split(' ').nth(1)?.to_owned();
            let headers: BTreeMap<String, String> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length: usize = headers["content-length"].parse().ok()?;
            if body.len() >= length {
                return Some(Delivery { path, headers, body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The claims of a token that one of `keys` signed for `app`, with what its header must say.
pub fn verified(keys: &str, token: &str, typ: &str, app: &str) -> Value {
    let keys: JwkSet = serde_json::from_str(keys).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some(typ));
    let jwk = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[app]);
    validation.required_spec_claims.clear();
    // Whoever wants to know when looks at `iat` against its own clock; in a test that may be another one.
    validation.validate_exp = false;
    jsonwebtoken::decode(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation).unwrap().claims
}
