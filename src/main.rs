//! The `vestibule` command.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Most of what a request allocates is small and freed with it: that takes a tenth off an answer of the token endpoint.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    vestibule::cli::main()
}
