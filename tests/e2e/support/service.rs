//! The service of docs/verify in Rust, as a program: each line of standard input is a token, each line of output is
//! what it says as JSON, or `refused: ` and why.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a service of somebody else, not a part of the broker"
)]

use std::io::BufRead as _;

#[path = "../../../docs/verify/verify.rs"]
mod verify;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let args: Vec<String> = std::env::args().collect();
    let [_, issuer, audience] = args.as_slice() else { return Err("verify ISSUER AUDIENCE".into()) };
    let verifier = verify::Verifier::new(reqwest::Client::new(), issuer, audience);
    for token in std::io::stdin().lock().lines() {
        match verifier.verify(&token?).await {
            Ok(verify::Access { sub, client_id, .. }) => {
                println!("{}", serde_json::json!({ "sub": sub, "client_id": client_id }));
            }
            Err(error) => println!("refused: {error}"),
        }
    }
    Ok(())
}
