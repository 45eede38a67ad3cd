//! A registered app, as the configuration (or a registration) describes it, parsed.

use std::{collections::BTreeMap, time::Duration};

use jsonwebtoken::Algorithm;
use url::Url;

use super::{
    AppId, Claim, ProviderId, Scope, SecretText,
    access::Rule,
    app_keys::KeySource,
    gate::GateOrigin,
    jws::Alg,
    scope::ScopeValue,
    urls::{AppRedirect, ApplicationType, FreePort},
};

/// Whether an app cannot do without a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// Without it there is no sign-in to this app.
    Required,
    /// Off until the person turns it on.
    Optional,
}

/// What an app declares about one claim: whether it needs it, why, and for how long it keeps it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ClaimPurpose {
    /// Required or optional.
    pub need: Need,
    /// Why, in the app's plain words, shown to the person.
    pub why: String,
    /// For how long the app says it keeps it, in its own words.
    pub keep: Option<String>,
}

/// How the person's agreement is obtained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConsentMode {
    /// The person is asked.
    #[default]
    Explicit,
    /// An operator's own app: nothing is asked, all is shown and changeable.
    Implicit,
}

/// How an app proves who it is at the token endpoint (RFC 6749, section 2.3; OpenID Connect Core, section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppAuth {
    /// A public client: no secret, PKCE instead.
    Public,
    /// A shared random secret, of which only SHA-256 is known; several while one is rolled.
    Secret {
        /// Hashes of the secrets that are accepted.
        sha256: Vec<[u8; 32]>,
        /// The one method that the app registered; without one, both are accepted.
        method: Option<SecretMethod>,
    },
    /// `private_key_jwt`: a statement signed with a key of its own.
    PrivateKey {
        /// The one algorithm that the app registered (`token_endpoint_auth_signing_alg`); without one, any that is
        /// accepted.
        alg: Option<Algorithm>,
    },
}

/// A set of rules that an app is held to (DESIGN section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// What is demanded of all.
    #[default]
    Standard,
    /// The FAPI 2.0 Security Profile.
    Fapi2,
}

/// How strictly an app wants to be treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// The rules that it is held to.
    pub profile: Profile,
    /// `dpop_bound_access_tokens` (RFC 9449, section 5.2).
    pub bound_tokens: bool,
    /// `require_pushed_authorization_requests` (RFC 9126, section 6).
    pub pushed_only: bool,
    /// What becomes of requests that it sends as signed objects.
    pub request_objects: RequestObjects,
}

/// What becomes of an app's requests as signed objects (RFC 9101), and the one algorithm that it registered for them
/// (`request_object_signing_alg`); without one, any that is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestObjects {
    /// None is taken.
    #[default]
    Refused,
    /// It may send them.
    Taken(Option<Algorithm>),
    /// It sends nothing else (`require_signed_request_object`, section 10.5).
    Demanded(Option<Algorithm>),
}

/// How a secret travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretMethod {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
}

/// A grant type that an app may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GrantType {
    /// `authorization_code`.
    AuthorizationCode,
    /// `refresh_token`.
    RefreshToken,
    /// A device without a browser (RFC 8628).
    DeviceCode,
    /// An access token for one that is meant for somebody else (RFC 8693).
    TokenExchange,
    /// `client_credentials`: a service, without a person (RFC 6749, section 4.4).
    ClientCredentials,
}

impl GrantType {
    /// All that this build implements, as discovery lists them.
    pub const ALL: [Self; 5] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::DeviceCode, Self::TokenExchange];

    /// What an app may use that names none.
    pub const DEFAULT: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// Whether an app may use it that cannot keep a secret.
    pub const fn is_for_public(self) -> bool {
        !matches!(self, Self::ClientCredentials | Self::TokenExchange)
    }
}

/// A registered app. Fields follow OpenID Connect Registration 1.0, section 2, and DESIGN section 7.
#[derive(Clone, Debug)]
pub struct App {
    /// Its `client_id`.
    pub id: AppId,
    /// What people call it.
    pub name: String,
    /// Where people may be taken back to.
    pub redirect_uris: Vec<AppRedirect>,
    /// Where people may be taken after signing out.
    pub post_logout_redirect_uris: Vec<AppRedirect>,
    /// Web or native.
    pub application_type: ApplicationType,
    /// How it proves itself.
    pub auth: AppAuth,
    /// What it signs its own statements with.
    pub keys: Option<KeySource>,
    /// How strictly it wants to be treated.
    pub security: Security,
    /// What it may use at the token endpoint.
    pub grant_types: Vec<GrantType>,
    /// Whether PKCE is demanded though the app has a secret.
    pub pkce_required: bool,
    /// The claims that it asks for, each with its purpose.
    pub claims: BTreeMap<Claim, ClaimPurpose>,
    /// Whether people are asked.
    pub consent: ConsentMode,
    /// A common name for apps that must see the same `sub`.
    pub sector: Option<String>,
    /// The providers that it allows; all when absent.
    pub providers: Option<Vec<ProviderId>>,
    /// What its ID tokens are signed with.
    pub id_token_alg: Alg,
    /// What its UserInfo is signed with; JSON when absent.
    pub userinfo_alg: Option<Alg>,
    /// Whether scope claims go into the ID token, too.
    pub id_token_claims: bool,
    /// When no `max_age` is sent: the age at which a login counts as old.
    pub default_max_age: Option<Duration>,
    /// `default_acr_values`: what it asks for in `acr` where its request does not say.
    pub default_acr_values: Vec<String>,
    /// Origins whose scripts may call token and UserInfo endpoints (CORS).
    pub origins: Vec<String>,
    /// What it may name in `resource` (RFC 8707, section 2): the services that its access tokens may be for.
    pub audiences: Vec<String>,
    /// For whom it may exchange an access token: names of apps, or addresses of services.
    pub exchange_to: Vec<String>,
    /// What it is itself, as a service that is called with access tokens.
    pub resource_uris: Vec<String>,
    /// Where its frame hears that somebody signed out (Front-Channel Logout 1.0).
    pub frontchannel_logout: Option<url::Url>,
    /// Its own page, policy and terms, for links on the consent page.
    pub links: AppLinks,
    /// Where it lives, if it stands behind the gate.
    pub gate: Option<GateOrigin>,
    /// Who may use it; anyone who can sign in, when absent.
    pub access: Option<Vec<Rule>>,
    /// How old what a login brought may be for its rules.
    pub facts_max_age: Duration,
    /// Whom people may ask about it.
    pub contacts: Vec<String>,
    /// How it hears that somebody left, signed out or changed their mind.
    pub channels: AppChannels,
    /// Whether its own addresses may be on loopback: exactly their hosts and ports are open to us.
    pub allow_loopback: bool,
    /// Whether they may be inside a private network, likewise.
    pub allow_private: bool,
}

/// The ways in which an app can be told something while nobody is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppChannels {
    /// For security events.
    pub events: Option<EventChannel>,
    /// For sign-outs (OpenID Connect Back-Channel Logout).
    pub logout: Option<LogoutChannel>,
}

impl AppChannels {
    /// Every address of the app's own.
    pub fn urls(&self) -> impl Iterator<Item = &Url> {
        let events = match &self.events {
            Some(EventChannel::Push { uri, .. }) => Some(uri),
            Some(EventChannel::Poll) | None => None,
        };
        events.into_iter().chain(self.logout.as_ref().map(|logout| &logout.uri))
    }
}

/// How an app gets security events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventChannel {
    /// They are posted to it (RFC 8935).
    Push {
        /// `events_uri`.
        uri: Url,
        /// `events_authorization`: the value of the `Authorization` header that comes with them.
        authorization: Option<SecretText>,
    },
    /// It asks for them (RFC 8936): `events_poll`.
    Poll,
}

/// Where an app hears that a session ended (OpenID Connect Back-Channel Logout, section 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutChannel {
    /// `backchannel_logout_uri`.
    pub uri: Url,
    /// `backchannel_logout_session_required`: whether it can do nothing with a message that names no session.
    pub session_required: bool,
}

/// [`App::facts_max_age`] where the configuration does not say.
pub const FACTS_MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// Pages of an app that a person may want to read, and its picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppLinks {
    /// `client_uri`.
    pub home: Option<Url>,
    /// `policy_uri`.
    pub policy: Option<Url>,
    /// `tos_uri`.
    pub terms: Option<Url>,
    /// `logo_uri`.
    pub logo: Option<Url>,
}

impl App {
    /// Whether it has no secret.
    pub const fn is_public(&self) -> bool {
        matches!(self.auth, AppAuth::Public)
    }

    /// Whether PKCE is demanded of it (RFC 9700, section 2.1.1).
    pub fn must_use_pkce(&self) -> bool {
        self.is_public() || self.pkce_required || self.is_strict()
    }

    /// Whether it is held to FAPI 2.0.
    pub fn is_strict(&self) -> bool {
        self.security.profile == Profile::Fapi2
    }

    /// Whether every token of it must be bound to a key (RFC 9449, section 5.2).
    pub fn must_bind(&self) -> bool {
        self.security.bound_tokens || self.is_strict()
    }

    /// Whether its requests must be pushed (RFC 9126, section 6).
    pub fn must_push(&self) -> bool {
        self.security.pushed_only || self.is_strict()
    }

    /// Whether people may come in through `provider`.
    pub fn allows(&self, provider: &ProviderId) -> bool {
        self.providers.as_ref().is_none_or(|allowed| allowed.contains(provider))
    }

    /// Whether it may use a grant type.
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// Whether it gets refresh tokens.
    pub fn refreshes(&self) -> bool {
        self.may_use(GrantType::RefreshToken)
    }

    /// Whether an access token for `audience` is for this app: by its own name, or by what it is as a service.
    pub fn is_meant_by(&self, audience: &str) -> bool {
        (self.id.as_str() == audience && !self.id.is_document()) || self.resource_uris.iter().any(|uri| uri == audience)
    }

    /// Whether it asks, by `scope`, to come back while the person is away (OpenID Connect Core, section 11); without
    /// refresh tokens it could not.
    pub fn asks_offline(&self, scope: &Scope) -> bool {
        scope.has(ScopeValue::OfflineAccess) && self.refreshes()
    }

    /// The groups that its rules name.
    pub fn named_groups(&self) -> impl Iterator<Item = &super::access::Group> {
        self.access.iter().flatten().filter_map(|rule| rule.groups.as_ref()).flatten()
    }

    /// Whether its rules name addresses.
    pub fn decides_by_address(&self) -> bool {
        self.access.iter().flatten().any(|rule| rule.emails.is_some())
    }

    /// Whether the port of its loopback redirect URIs is free (RFC 8252, section 7.3). What the operator writes names
    /// the literal (section 8.3); a document is written for every server at once.
    pub fn free_port(&self) -> FreePort {
        match (self.is_public(), self.application_type) {
            (true, ApplicationType::Native) if self.id.is_document() => FreePort::OnLoopback,
            (true, ApplicationType::Native) => FreePort::OnLiterals,
            _ => FreePort::No,
        }
    }
}
