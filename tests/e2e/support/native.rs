//! The app of docs/apps/native.rs, as a program.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an app of somebody else, not a part of the broker"
)]

#[path = "../../../docs/apps/native.rs"]
mod native;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    native::main()
}
