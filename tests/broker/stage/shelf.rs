//! A web server with TLS and a certificate of its own, where apps keep their documents.

use std::{
    collections::BTreeMap,
    future::ready,
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::future::BoxFuture;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use url::Url;
use vestibule::egress::{Bounds, Egress, Machine, Names, Opening};

/// What lies at each path.
type Sheets = BTreeMap<String, Sheet>;

#[derive(Clone)]
enum Sheet {
    /// Status, header lines and body.
    Whole(u16, String, Vec<u8>),
    /// A body without an end, piece by piece after such a pause.
    Endless(&'static [u8], Duration),
}

const NAME: &str = "shelf.test";

/// Where the shelf's names lead. Nobody knows any other.
struct Here;

impl Names for Here {
    fn addresses(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let is_here = ["localhost", NAME].contains(&host);
        Box::pin(ready(if is_here {
            Ok(vec![Ipv4Addr::LOCALHOST.into()])
        } else {
            Err(io::ErrorKind::NotFound.into())
        }))
    }
}

pub struct Shelf {
    pub origin: String,
    egress: Egress,
    sheets: Arc<Mutex<Sheets>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Shelf {
    pub fn start() -> Self {
        Self::start_within(Bounds::default())
    }

    /// One that is asked within these bounds.
    pub fn start_within(bounds: Bounds) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), NAME.to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let trust = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let trust = trust.unwrap().with_root_certificates(roots).with_no_client_auth();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let tls = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let opening = Opening::of(&Url::parse(&origin).unwrap(), true, false).unwrap();
        let named = Opening { host: NAME.to_owned(), ..opening.clone() };
        let egress = Egress::on(Machine::new(trust, Here), bounds).opening(vec![opening, named]);
        let shelf = Self { origin, egress, sheets: Arc::default(), asked: Arc::default() };
        let (tls, sheets, asked) = (Arc::new(tls), Arc::clone(&shelf.sheets), Arc::clone(&shelf.asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (tls, sheets, asked) = (Arc::clone(&tls), Arc::clone(&sheets), Arc::clone(&asked));
                std::thread::spawn(move || serve(stream.unwrap(), tls, &sheets, &asked));
            }
        });
        shelf
    }

    /// What goes out where this shelf, and no other place on loopback, can be reached.
    pub fn egress(&self) -> Egress {
        self.egress.clone()
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The same place by a name that is not one of this machine's own.
    pub fn abroad(&self, path: &str) -> String {
        format!("{}{path}", self.origin.replace("localhost", NAME))
    }

    pub fn lay(&self, path: &str, status: u16, headers: &str, body: impl ToString) {
        self.put(path, Sheet::Whole(status, headers.to_owned(), body.to_string().into_bytes()));
    }

    /// The same with a body that is no text.
    pub fn lay_bytes(&self, path: &str, headers: &str, body: Vec<u8>) {
        self.put(path, Sheet::Whole(200, headers.to_owned(), body));
    }

    /// A JSON document that never ends.
    pub fn lay_endless(&self, path: &str, piece: &'static [u8], pause: Duration) {
        self.put(path, Sheet::Endless(piece, pause));
    }

    fn put(&self, path: &str, sheet: Sheet) {
        lock(&self.sheets).insert(path.to_owned(), sheet);
    }

    /// Counts anew.
    pub fn forget_asked(&self) {
        lock(&self.asked).clear();
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        lock(&self.asked).iter().filter(|asked| *asked == path).count()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

fn serve(stream: TcpStream, tls: Arc<ServerConfig>, sheets: &Mutex<Sheets>, asked: &Mutex<Vec<String>>) {
    let mut stream = StreamOwned::new(ServerConnection::new(tls).unwrap(), stream);
    let mut buffer = [0; 4096];
    // Whoever does not trust us hangs up in the middle of the handshake.
    let Ok(length) = stream.read(&mut buffer) else { return };
    let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
    let Some(path) = request.split(' ').nth(1).map(str::to_owned) else { return };
    let nothing = || Sheet::Whole(404, String::new(), Vec::new());
    let sheet = lock(sheets).get(&path).cloned().unwrap_or_else(nothing);
    lock(asked).push(path);
    // Whoever has read enough hangs up.
    let _hung_up = match sheet {
        Sheet::Whole(status, headers, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n");
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).and_then(|()| stream.flush())
        }
        Sheet::Endless(piece, pause) => {
            let head = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
            let mut written = stream.write_all(head.as_bytes());
            while written.is_ok() {
                written = stream.write_all(piece).and_then(|()| stream.flush());
                std::thread::sleep(pause);
            }
            written
        }
    };
}
