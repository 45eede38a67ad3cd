//! What a browser is, from its `User-Agent`: two coarse words, of which the text itself is not kept.

use actix_web::{HttpRequest, http::header};
use woothee::parser::Parser;

use crate::session::Device;

/// So much of the header is read.
const MAX: usize = 512;

/// Browser and system of whoever asks, if they are ones that people know by name.
pub fn of(request: &HttpRequest) -> Option<Device> {
    let agent = request.headers().get(header::USER_AGENT)?.to_str().ok()?;
    let start = agent.get(..agent.floor_char_boundary(MAX))?;
    let known = Parser::new().parse(start)?;
    let word = |text: &str| (!text.is_empty() && text != "UNKNOWN").then(|| text.to_owned());
    Some(Device { browser: word(known.name)?, system: word(known.os)? })
}
