//! TLS that ends here (C-26): 1.2 and 1.3 with a certificate of the operator's, nothing older; and what changes with
//! an https issuer.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, pki_types::CertificateDer};

use crate::stage::{OnStore, Stage};

struct Place {
    stage: Stage,
    certificate: CertificateDer<'static>,
    address: String,
}

async fn place() -> Place {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap().keep();
    let (cert, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    write_secret(&key, &made.signing_key.serialize_pem());
    let stage = Stage::start_with(OnStore::Sqlite, move |config| {
        let tls = format!("tls = {{ cert = \"{}\", key = \"{}\" }}\n\n[store]", cert.display(), key.display());
        config.replace("issuer = \"http://", "issuer = \"https://").replace("\n[store]", &tls)
    })
    .await;
    let address = stage.issuer.trim_start_matches("http://").to_owned();
    Place { stage, certificate: made.cert.der().clone(), address }
}

fn write_secret(path: &std::path::Path, text: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// One request over TLS of this version alone.
fn get(place: &Place, version: &'static rustls::SupportedProtocolVersion, path: &str) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(place.certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(&place.address).unwrap());
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", place.address);
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A server that closes without a farewell is no error here: the answer has a length.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_1_2_and_1_3_are_spoken_and_cookies_are_locked_to_the_host() {
    let place = place().await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let answer = get(&place, version, "/.well-known/openid-configuration");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"issuer\":\"https://localhost"), "{answer}");
    }
    let request = place.stage.authorize(&[]);
    let path = request.split_once(&place.address).unwrap().1.to_owned();
    let answer = get(&place, &rustls::version::TLS13, &path);
    let cookie = answer.lines().find(|line| line.to_ascii_lowercase().starts_with("set-cookie: ")).unwrap();
    assert!(cookie.contains(": __Host-vst_a_"), "{cookie}");
    for flag in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{flag} in {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    place.stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_versions_are_refused() {
    let place = place().await;
    for minor in [1, 2] {
        let mut stream = TcpStream::connect(&place.address).unwrap();
        stream.write_all(&client_hello(minor)).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        // A fatal alert (RFC 5246, section 7.2): handshake_failure or protocol_version.
        assert_eq!((answer[0], answer[5]), (21, 2), "TLS 1.{}: {answer:?}", minor - 1);
        assert!([40, 70].contains(&answer[6]), "TLS 1.{}: {answer:?}", minor - 1);
    }
    place.stage.stop().await;
}

/// Of TLS 1.2 what RFC 9325, section 4.2, recommends, which FAPI 2.0 takes no others than (Security Profile, section
/// 5.2.2); TLS 1.3 has none that is weak.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_1_2_has_the_recommended_cipher_suites_alone() {
    let place = place().await;
    for suite in rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES {
        let named = format!("{:?}", suite.suite());
        let taken = suite.tls13().is_some() || named.contains("_AES_");
        // The certificate of this test has a key of its own kind; suites for another kind are never agreed on.
        if suite.tls13().is_some() || named.contains("ECDSA") {
            assert_eq!(speaks(&place, *suite), taken, "{named}");
        }
    }
    place.stage.stop().await;
}

/// Whether a handshake with this cipher suite alone comes to an end.
fn speaks(place: &Place, suite: rustls::SupportedCipherSuite) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(place.certificate.clone()).unwrap();
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites = vec![suite];
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[suite.version()])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut connection = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    connection.complete_io(&mut TcpStream::connect(&place.address).unwrap()).is_ok()
}

/// A ClientHello of TLS 1.0 or 1.1 (RFC 4346, section 7.4.1.2): no extensions, one cipher suite.
fn client_hello(minor: u8) -> Vec<u8> {
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]);
    let length = u8::try_from(body.len()).unwrap();
    let mut hello = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    hello.extend(body);
    hello
}
