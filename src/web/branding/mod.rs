//! How this place looks: its name, its picture, its colour, as the operator configured them.

mod accent;
mod logo;

pub use accent::{Accent, BadColour, Colour};
pub use logo::{BadLogo, Logo, MAX_BYTES as MAX_LOGO, Unfit};
