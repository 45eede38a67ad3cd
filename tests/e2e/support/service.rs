//! The service of docs/verify in Rust, as a program: each line of standard input is a token, each line of output is
//! what it says as JSON, or `refused: ` and why. After issuer and audience may come how many seconds keys are fresh, and
//! how many pass before an unknown one is looked for again.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a service of somebody else, not a part of the broker"
)]

use std::io::BufRead as _;
use std::{num::ParseFloatError, time::Duration};

#[path = "../../../docs/verify/verify.rs"]
mod verify;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let args: Vec<String> = std::env::args().collect();
    let [_, issuer, audience, ages @ ..] = args.as_slice() else { return Err("verify ISSUER AUDIENCE".into()) };
    let mut verifier = verify::Verifier::new(reqwest::Client::new(), issuer, audience);
    if let [fresh, cool_down] = ages {
        (verifier.fresh, verifier.cool_down) = (seconds(fresh)?, seconds(cool_down)?);
    }
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

fn seconds(text: &str) -> Result<Duration, ParseFloatError> {
    text.parse().map(Duration::from_secs_f64)
}
