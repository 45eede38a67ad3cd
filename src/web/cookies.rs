//! Every cookie that we set, with its flags in one place.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time},
    http::header,
};

use super::errors::PageError;
use crate::{
    store::about::Span,
    types::{gate::GateOrigin, urls::Issuer},
};

/// The session's cookie.
pub const SESSION: &str = "vst_session";
/// Cookies of attempts begin with this; the attempt's id follows.
pub const ATTEMPT_PREFIX: &str = "vst_a_";
/// What tells one session from the next to frames of apps; changes with the session, and opens nothing.
pub const STATE: &str = "vst_state";
/// The provider used last in this browser, by its section's name. Says nothing of who.
pub const LAST: &str = "vst_last";
/// The language that was chosen in this browser. Says nothing of who.
pub const LANGUAGE: &str = "vst_lang";

/// The cookie of a gated host, on that host.
pub const GATE: &str = "vst_gate";
/// Cookies of sign-ins on their way, on a gated host, begin with this; the sign-in's id follows.
pub const GATE_ATTEMPT_PREFIX: &str = "vst_go_";
/// What browsers send when they themselves ask for accounts (FedCM).
pub const FEDCM: &str = "vst_fedcm";
/// A note for the next page: how what was just done came out.
pub const NOTE: &str = "vst_note";

/// How long a note waits for its page.
pub const NOTE_LIVES: Duration = Duration::from_secs(60);

/// How long a browser remembers what says nothing of who: the provider used last, the language.
pub const REMEMBERED: Duration = Duration::from_secs(365 * 24 * 3600);

/// A cookie of ours, for whoever asks what browsers keep for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// [`SESSION`].
    Session,
    /// Those that begin with [`ATTEMPT_PREFIX`].
    Attempt,
    /// [`STATE`].
    State,
    /// [`LAST`].
    Last,
    /// [`LANGUAGE`].
    Language,
    /// [`GATE`].
    Gate,
    /// Those that begin with [`GATE_ATTEMPT_PREFIX`].
    GateAttempt,
    /// [`FEDCM`].
    Fedcm,
    /// [`NOTE`].
    Note,
}

impl Held {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Session,
        Self::Attempt,
        Self::Gate,
        Self::GateAttempt,
        Self::State,
        Self::Last,
        Self::Language,
        Self::Fedcm,
        Self::Note,
    ];

    /// Whether a name of its own follows what it begins with.
    pub const fn is_one_of_several(self) -> bool {
        matches!(self, Self::Attempt | Self::GateAttempt)
    }

    /// Its name, or the beginning of it, as [`Cookies`] takes it.
    pub const fn base(self) -> &'static str {
        match self {
            Self::Session => SESSION,
            Self::Attempt => ATTEMPT_PREFIX,
            Self::State => STATE,
            Self::Last => LAST,
            Self::Language => LANGUAGE,
            Self::Gate => GATE,
            Self::GateAttempt => GATE_ATTEMPT_PREFIX,
            Self::Fedcm => FEDCM,
            Self::Note => NOTE,
        }
    }

    /// What it is for.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Session => "Keeps the browser signed in; with it alone the session can be opened.",
            Self::Attempt => {
                "Carries one sign-in on its way to a provider and back, sealed; nothing is stored here for it."
            }
            Self::State => "Lets apps notice in their own pages that somebody signed out here. Says nothing of who.",
            Self::Last => "Remembers which provider was used last, to offer it first. Says nothing of who.",
            Self::Language => "Remembers the language that was chosen. Says nothing of who.",
            Self::Gate => "At an app behind the gate: lets the browser through while it is signed in here.",
            Self::GateAttempt => "At an app behind the gate: remembers, sealed, where a sign-in goes back to.",
            Self::Fedcm => "Lets the browser itself offer the account to apps, where that is turned on.",
            Self::Note => "Carries how an act came out to the next page, sealed.",
        }
    }

    /// How long it stays.
    pub const fn lives(self) -> Span {
        match self {
            Self::Session | Self::State | Self::Gate | Self::Fedcm => {
                Span::Set { key: "session", of: |lives| lives.session }
            }
            Self::Attempt | Self::GateAttempt => Span::Set { key: "attempt", of: |lives| lives.attempt },
            Self::Last | Self::Language => Span::Fixed(REMEMBERED),
            Self::Note => Span::Fixed(NOTE_LIVES),
        }
    }
}

/// The most cookies of one kind that are looked at.
const MAX_SEEN: usize = 64;

/// Names and flags by what the issuer is: `__Host-` and `Secure`, but for plain http on loopback, where not every
/// Puts cookies into an answer.
///
/// # Errors
/// One of them is no header value, as none of ours is.
pub fn put(response: &mut HttpResponse, cookies: impl IntoIterator<Item = Cookie<'static>>) -> Result<(), PageError> {
    cookies.into_iter().try_for_each(|cookie| response.add_cookie(&cookie)).map_err(PageError::internal)
}

/// browser keeps such cookies.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// As `issuer` needs them.
    pub fn of(issuer: &Issuer) -> Self {
        Self { secure: !issuer.is_plain_http() }
    }

    /// As a gated host needs them.
    pub fn of_gate(origin: &GateOrigin) -> Self {
        Self { secure: !origin.is_plain_http() }
    }

    /// The name in full.
    pub fn name(self, base: &str) -> String {
        if self.secure { format!("__Host-{base}") } else { base.to_owned() }
    }

    /// A cookie to set: `HttpOnly`, `SameSite=Lax`, `Path=/`, no `Domain`.
    pub fn set(self, base: &str, value: String, lives: Duration) -> Cookie<'static> {
        let max_age = time::Duration::try_from(lives).unwrap_or(time::Duration::MAX);
        Cookie::build(self.name(base), value)
            .path("/")
            .secure(self.secure)
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(max_age)
            .finish()
    }

    /// A cookie that a script of ours reads in a frame of an app's page: `SameSite=None; Secure`, also on loopback. Holds
    /// no secret.
    pub fn set_for_frames(self, base: &str, value: String, lives: Duration) -> Cookie<'static> {
        let mut cookie = self.set(base, value, lives);
        cookie.set_same_site(SameSite::None);
        cookie.set_secure(true);
        cookie.set_http_only(false);
        cookie
    }

    /// A cookie that the browser itself sends along when it asks for accounts, wherever the page is that it asks for
    /// (FedCM): `SameSite=None; Secure`, also on loopback. No script reads it.
    pub fn set_for_browser(self, base: &str, value: String, lives: Duration) -> Cookie<'static> {
        let mut cookie = self.set_for_frames(base, value, lives);
        cookie.set_http_only(true);
        cookie
    }

    /// The cookies that take a session away from a browser.
    pub fn signed_out(self) -> [Cookie<'static>; 2] {
        [self.clear(SESSION), self.set_for_frames(STATE, String::new(), Duration::ZERO)]
    }

    /// A cookie that takes another away.
    pub fn clear(self, base: &str) -> Cookie<'static> {
        self.set(base, String::new(), Duration::ZERO)
    }

    /// The value of a cookie. Of two with one name neither is believed.
    pub fn get(self, request: &HttpRequest, base: &str) -> Option<String> {
        let name = self.name(base);
        let mut found = received(request).filter(|(other, _)| *other == name).map(|(_, value)| value.to_owned());
        let value = found.next().filter(|value| !value.is_empty())?;
        found.next().is_none().then_some(value)
    }

    /// All cookies whose name begins with `base`, as (rest of the name, value).
    pub fn with_prefix(self, request: &HttpRequest, base: &str) -> Vec<(String, String)> {
        let prefix = self.name(base);
        received(request)
            .filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?.to_owned(), value.to_owned())))
            .take(MAX_SEEN)
            .collect()
    }
}

/// What the browser sent (RFC 6265, section 5.4). A cookie that is none takes no other with it: whoever can set one
/// on a neighbouring host must not lock people out.
fn received(request: &HttpRequest) -> impl Iterator<Item = (&str, &str)> {
    request
        .headers()
        .get_all(header::COOKIE)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn cookies(issuer: &str) -> Cookies {
        Cookies::of(&issuer.parse().unwrap())
    }

    /// A cookie that nobody says anything about does not pass: its name stands in this file, or it is not ours.
    #[test]
    fn every_name_says_what_it_is_for() {
        let source = include_str!("cookies.rs");
        let names = source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""));
        let names: Vec<&str> = names.map(|(_, name)| name.trim_end_matches("\";")).collect();
        assert!(names.len() >= 4);
        for name in names {
            assert!(Held::ALL.iter().any(|held| held.base() == name), "{name}");
        }
    }

    #[test]
    fn every_cookie_is_locked_to_this_host() {
        let set = cookies("https://login.test").set(SESSION, "v".into(), Duration::from_secs(9)).to_string();
        assert_eq!(set, "__Host-vst_session=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=9");
        let local = cookies("http://localhost:1").set(SESSION, "v".into(), Duration::from_secs(9)).to_string();
        assert_eq!(local, "vst_session=v; HttpOnly; SameSite=Lax; Path=/; Max-Age=9");
    }

    #[test]
    fn a_broken_cookie_takes_no_other_with_it() {
        let request = TestRequest::default()
            .insert_header((header::COOKIE, "garbage; =; ;;; x; __Host-vst_session=good; vst_session=bad"))
            .to_http_request();
        assert_eq!(cookies("https://login.test").get(&request, SESSION).as_deref(), Some("good"));
    }

    /// A neighbouring host sets as many cookies as a browser takes, with paths that put them before ours.
    #[test]
    fn many_cookies_of_a_neighbour_hide_none_of_ours() {
        let many = (0..180).map(|n| format!("n{n}=x; ")).collect::<String>();
        let all = format!("{many}__Host-vst_session=good; __Host-vst_a_1=one");
        let request = TestRequest::default().insert_header((header::COOKIE, all)).to_http_request();
        assert_eq!(cookies("https://login.test").get(&request, SESSION).as_deref(), Some("good"));
        let attempts = cookies("https://login.test").with_prefix(&request, ATTEMPT_PREFIX);
        assert_eq!(attempts, [("1".to_owned(), "one".to_owned())]);
    }

    #[test]
    fn of_two_with_one_name_neither_is_believed() {
        let request =
            TestRequest::default().insert_header((header::COOKIE, "vst_last=a; vst_last=b")).to_http_request();
        assert_eq!(cookies("http://localhost").get(&request, LAST), None);
    }
}
