//! What every page and endpoint shares: pages and texts, cookies, forms, headers, links, errors.

pub mod access_token;
pub mod api;
pub mod assets;
pub mod attempts;
pub mod branding;
pub mod choices;
pub mod client_ip;
pub mod cookies;
pub mod csrf;
pub mod departure;
pub mod device;
pub mod errors;
pub mod front;
pub mod gated;
pub mod headers;
mod house;
pub mod language;
pub mod links;
pub mod locale;
pub mod logos;
mod meeting;
pub mod pages;
pub mod params;
pub mod parked;
pub mod registered;
pub mod sign_out;
pub mod slow;
pub mod texts;
pub mod trace;
mod weather;
pub mod witness;

pub use house::{Directory, House, locale as locale_of, page_abroad, see_other};
pub use locale::Locale;
pub use meeting::NotMet;
pub use pages::Pages;
pub use witness::Witness;
