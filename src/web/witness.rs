//! What happened, told once to all who listen: a line of log, a number, and the audit stream. None of them learns who
//! it was; the audit names an account by an id that dies with it.

use std::sync::Arc;

use crate::{
    audit::{Audit, Event, EventKind},
    partition::Presence,
    session::Session,
    store::StoreError,
    telemetry::{Escaped, metrics, metrics::Outcome},
    types::{App, AppId, Lately, ProviderId, Timestamp, app::ConsentMode, ids::RandomId},
    upstream::UpstreamError,
};

/// What was said to the question what an app may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consented {
    /// Yes.
    Agreed,
    /// No.
    Declined,
}

/// A request comes to nothing by the store's fault. The log says so where the answer is made.
pub fn store_failed(error: &StoreError) {
    metrics::store_error(match error {
        StoreError::Unavailable(_) => "unavailable",
        StoreError::Corrupt(_) => "corrupt",
    });
}

/// Tells what happened.
#[derive(Clone, Default)]
pub struct Witness {
    audit: Audit,
    /// By what codes were proven lately.
    verifiers: Arc<Verifiers>,
}

type Verifiers = Lately<(), 64>;

impl Witness {
    /// With the audit stream.
    pub fn new(audit: Audit) -> Self {
        Self { audit, verifiers: Arc::default() }
    }

    /// Somebody signed in.
    pub fn login(&self, session: &Session, first: bool) {
        let provider = &session.provider;
        tracing::info!(%provider, first, "signed in");
        metrics::login(provider, Outcome::Success);
        self.audit.record(Event::new(EventKind::Login).account(session.who.living.audit_id).provider(provider));
    }

    /// Somebody came back from a provider and could not be signed in.
    pub fn login_failed(&self, provider: &ProviderId, error: &UpstreamError) {
        let (outcome, reason) = match error {
            UpstreamError::Cancelled => (Outcome::Cancelled, "cancelled"),
            UpstreamError::Unavailable(_) => (Outcome::Unavailable, "unavailable"),
            UpstreamError::Refused(_) => (Outcome::Refused, "refused"),
            UpstreamError::NotAllowed(_) => (Outcome::Refused, "not_allowed"),
            UpstreamError::NotFresh => (Outcome::Invalid, "not_fresh"),
            UpstreamError::Invalid(_) => (Outcome::Invalid, "invalid"),
        };
        tracing::warn!(%provider, reason, detail = %Escaped(&error.to_string()), "a sign-in came to nothing");
        metrics::login(provider, outcome);
        self.audit.record(Event::new(EventKind::LoginRefused).provider(provider).reason(reason));
    }

    /// Somebody whom the operator has blocked.
    pub fn blocked(&self, provider: &ProviderId) {
        tracing::info!(%provider, "a blocked account was refused");
        metrics::login(provider, Outcome::Refused);
        self.audit.record(Event::new(EventKind::LoginRefused).provider(provider).reason("blocked"));
    }

    /// An answer of a provider came a second time, or to another browser than the one that began.
    pub fn stray_answer(&self, provider: &ProviderId, reason: &'static str) {
        tracing::warn!(%provider, reason, "an answer of a provider was refused");
        metrics::login(provider, Outcome::Refused);
        self.audit.record(Event::new(EventKind::LoginRefused).provider(provider).reason(reason));
    }

    /// Somebody signed out.
    pub fn logout(&self, session: &Session) {
        self.logout_of(&session.who);
    }

    /// Somebody signed out at an app behind the gate.
    pub fn logout_of(&self, who: &Presence) {
        tracing::info!("signed out");
        self.audit.record(Event::new(EventKind::Logout).account(who.living.audit_id));
    }

    /// A person, or a rule for an app that asks nobody, decided what an app may see.
    pub fn consent(&self, app: &App, session: &Session, consented: Consented) {
        let reason = match (consented, app.consent) {
            (Consented::Declined, _) => "declined",
            (Consented::Agreed, ConsentMode::Explicit) => "agreed",
            (Consented::Agreed, ConsentMode::Implicit) => "implicit",
        };
        tracing::info!(app = %app.id, reason, "consent");
        let event = Event::new(EventKind::Consent).account(session.who.living.audit_id);
        self.audit.record(event.app(&app.id).reason(reason));
    }

    /// A person changed, paused, resumed or disconnected an app, as `reason` says.
    pub fn changed(&self, app: &AppId, session: &Session, reason: &'static str) {
        tracing::info!(%app, reason, "consent changed");
        let event = Event::new(EventKind::ConsentChanged).account(session.who.living.audit_id);
        self.audit.record(event.app(app).reason(reason));
    }

    /// A way to sign in was removed.
    pub fn unlinked(&self, session: &Session, provider: &ProviderId) {
        tracing::info!(%provider, "a way to sign in was removed");
        self.audit.record(Event::new(EventKind::Unlinked).account(session.who.living.audit_id).provider(provider));
    }

    /// A person took their data with them.
    pub fn exported(&self, session: &Session) {
        tracing::info!("data exported");
        self.audit.record(Event::new(EventKind::Exported).account(session.who.living.audit_id));
    }

    /// A person added a way to sign in.
    pub fn linked(&self, session: &Session, provider: &ProviderId) {
        tracing::info!(%provider, "a way to sign in was added");
        self.audit.record(Event::new(EventKind::Linked).account(session.who.living.audit_id).provider(provider));
    }

    /// A person deleted everything.
    pub fn deleted(&self, session: &Session) {
        tracing::info!("an account was deleted by its person");
        self.audit.record(Event::new(EventKind::Deleted).account(session.who.living.audit_id).reason("person"));
    }

    /// Our grant at a provider was withdrawn, or not.
    pub fn parted(&self, provider: &ProviderId, error: Option<&UpstreamError>) {
        match error {
            None => tracing::info!(%provider, "our grant at the provider was withdrawn"),
            Some(error) => {
                tracing::warn!(%provider, detail = %Escaped(&error.to_string()), "our grant at the provider was not withdrawn");
            }
        }
    }

    /// The operator did something with an account that somebody at a provider has, or would have.
    pub fn operator(&self, deed: EventKind, provider: &ProviderId, who: Option<&Presence>) {
        let account = who.map(|who| who.living.audit_id);
        self.audit.record(about(account, deed).provider(provider).reason("operator"));
    }

    /// A provider told us something, and it was acted on. `account` is the audit's name for whose account it was about.
    pub fn provider_said(&self, provider: &ProviderId, account: Option<RandomId>, word: &'static str) {
        tracing::info!(%provider, word, known = account.is_some(), "a provider told us something");
        self.audit.record(about(account, EventKind::ProviderEvent).provider(provider).reason(word));
    }

    /// An account was deleted since its provider said so.
    pub fn deleted_for_provider(&self, provider: &ProviderId, account: RandomId) {
        tracing::info!(%provider, "an account was deleted, as its provider said");
        self.audit.record(Event::new(EventKind::Deleted).account(account).provider(provider));
    }

    /// A trial arrived that we asked a provider for.
    pub fn trial(&self, provider: &ProviderId, state: &str) {
        tracing::info!(%provider, state = %Escaped(state), "a trial message of a provider arrived");
    }

    /// Something that claimed to be of a provider, and was not for us.
    pub fn provider_refused(&self, provider: &ProviderId, fault: &'static str, why: &'static str) {
        tracing::warn!(%provider, fault, why, "a message of a provider was refused");
    }

    /// A code went to an app.
    pub fn code(&self, app: &AppId) {
        metrics::code(app);
    }

    /// Tokens went to an app.
    pub fn tokens(&self, app: &AppId, grant_type: &'static str) {
        tracing::info!(%app, grant_type, "tokens issued");
        metrics::tokens(app, grant_type);
    }

    /// A code came a second time. `account` is the audit's name for whose it was.
    pub fn code_reuse(&self, app: &AppId, account: RandomId) {
        tracing::warn!(%app, "a code was used twice; what it gave is revoked");
        self.audit.record(Event::new(EventKind::CodeReuse).app(app).account(account));
    }

    /// An app proved a code by this verifier. One that comes with another code, too, protects neither.
    pub fn verifier(&self, app: &AppId, verifier: &str, now: Timestamp) {
        let name = Verifiers::name(&format!("{app} {verifier}"));
        if self.verifiers.get(&name, now).is_none() {
            return self.verifiers.put(name, Arc::new(()), now);
        }
        tracing::warn!(%app, "an app uses one code_verifier for several logins");
        self.audit.record(Event::new(EventKind::VerifierReuse).app(app));
    }

    /// A refresh token came that was spent before.
    pub fn refresh_reuse(&self, app: &AppId, account: RandomId) {
        tracing::warn!(%app, "a spent refresh token was used again; all that hangs on it is revoked");
        self.audit.record(Event::new(EventKind::RefreshReuse).app(app).account(account));
    }

    /// An app gave a token back.
    pub fn revoked(&self, app: &AppId) {
        tracing::info!(%app, "an app gave a token back");
    }

    /// Somebody claimed to be an app and did not prove it. A name that no app has is not told: who mixes up the two
    /// fields sends a secret for a name.
    pub fn app_refused(&self, claimed: Option<&AppId>) {
        match claimed {
            Some(app) => tracing::warn!(%app, "an app did not prove who it is"),
            None => tracing::warn!("somebody who is no app here tried to prove to be one"),
        }
    }
}

fn about(account: Option<RandomId>, kind: EventKind) -> Event {
    let event = Event::new(kind);
    match account {
        Some(account) => event.account(account),
        None => event,
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::web::{api::ApiError, errors::PageError};

    #[test]
    fn what_the_store_spoils_is_counted_for_programs_and_for_people() {
        let recorder = PrometheusBuilder::new().build_recorder();
        ::metrics::with_local_recorder(&recorder, || {
            let _answer = ApiError::from(StoreError::Unavailable("gone".into()));
            let _page = PageError::from(StoreError::Unavailable("gone".into()));
            let _page = PageError::from(StoreError::Corrupt("torn"));
        });
        let text = recorder.handle().render();
        for line in [r#"{problem="unavailable"} 2"#, r#"{problem="corrupt"} 1"#] {
            assert!(text.contains(&format!("vestibule_store_errors_total{line}")), "{line} in\n{text}");
        }
    }
}
