//! The words of the field. This room knows nothing of HTTP, storage or configuration: it parses what comes
//! from outside into types that cannot be mixed up, and refuses what does not fit.

pub mod access;
pub mod app;
pub mod app_keys;
pub mod bytes;
pub mod claims;
pub mod claims_request;
pub mod clock;
mod document_url;
pub mod echo;
pub mod gate;
pub mod ids;
pub mod json;
pub mod jws;
mod lately;
pub mod oauth_error;
pub mod prompt;
pub mod random;
pub mod request_path;
pub mod response_mode;
pub mod scope;
pub mod secrets;
pub mod thumbprint;
pub mod urls;
pub mod user_code;
pub mod written_name;

pub use app::App;
pub use claims::{Claim, Claims};
pub use clock::{Clock, SetClock, SystemClock, Timestamp};
pub use ids::{AppId, ProviderId};
pub use lately::{Lately, Name};
pub use oauth_error::{OAuthCode, OAuthError};
pub use random::{Random, SystemRandom};
pub use scope::Scope;
pub use secrets::{Secret32, SecretText};
pub use thumbprint::Thumbprint;
