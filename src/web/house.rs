//! What every handler may reach: the services, built once by the composition root.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::StatusCode, http::header, web};
use arc_swap::{ArcSwap, Guard};

use super::{
    Locale, Pages, Witness, client_ip,
    cookies::{self, Cookies},
    errors::{PageError, Problem},
    headers::{self, FormTargets},
    language,
    logos::Logos,
    pages::Page,
    weather::Weather,
};
use crate::{
    accounts::Accounts,
    apps::{Apps, Documents, KeySets},
    config::{Gate, Lifetimes, Listen, Registration},
    consent::Consents,
    devices::Devices,
    egress::Egress,
    grant::{Asking, Grants},
    heard::Heard,
    keyring::Keyring,
    limits::{Limits, RetryAfter},
    outbox::Outbox,
    pushed::Pushed,
    registry::{EditionId, Registered, Registry},
    seal::{Pseudonyms, Sealer},
    session::{Session, Sessions},
    spent::Spent,
    store::{Backend, StoreError},
    types::{
        App, AppId, Clock, ProviderId,
        access::Group,
        urls::{AppRedirect, Issuer},
    },
    upstream::Provider,
};

/// Who is registered here, on both sides. A reload swaps it whole.
pub struct Directory {
    /// The apps.
    pub apps: Apps,
    /// The providers that are enabled, in the order of the configuration.
    pub providers: Vec<Arc<dyn Provider>>,
    /// Their ids, in the same order.
    pub provider_ids: Vec<ProviderId>,
    /// Plain-http origins of providers on loopback, to which a form that begins a sign-in may lead.
    pub form_targets: Vec<String>,
    /// Which of them did not answer lately.
    pub weather: Arc<Weather>,
    /// How the gate behaves.
    pub gate: Gate,
    /// Tells this directory from every other of this process.
    pub edition: u64,
    /// Which registered apps are among the apps.
    pub registered: EditionId,
    /// The apps behind the gate, by host and port.
    gated: BTreeMap<String, AppId>,
    /// The groups that rules name.
    groups: BTreeSet<Group>,
}

/// How many directories there were.
static EDITIONS: AtomicU64 = AtomicU64::new(0);

impl Directory {
    /// From what the configuration names.
    pub fn new(apps: Apps, providers: Vec<Arc<dyn Provider>>, form_targets: Vec<String>, gate: Gate) -> Self {
        let provider_ids: Vec<ProviderId> = providers.iter().map(|provider| provider.about().id.clone()).collect();
        let weather = Arc::new(Weather::fair(&provider_ids));
        let hosts = |app: &App| Some((app.gate.as_ref()?.authority().to_owned(), app.id.clone()));
        let gated = apps.iter().filter_map(hosts).collect();
        let groups = apps.iter().flat_map(App::named_groups).cloned().collect();
        let edition = EDITIONS.fetch_add(1, Ordering::Relaxed);
        Self { apps, providers, provider_ids, form_targets, weather, gate, edition, registered: None, gated, groups }
    }

    /// The same with other registered apps.
    #[must_use]
    pub fn with_registered(&self, apps: impl Iterator<Item = App>, edition: EditionId) -> Self {
        let apps = self.apps.with_registered(apps);
        let same = Self::new(apps, self.providers.clone(), self.form_targets.clone(), self.gate);
        Self { weather: Arc::clone(&self.weather), registered: edition, ..same }
    }

    /// The same with other apps that are named after a document. No gate and no rule of ours knows of them.
    #[must_use]
    pub fn with_documents(&self, apps: BTreeMap<AppId, Arc<App>>) -> Self {
        Self {
            apps: self.apps.with_documents(apps),
            providers: self.providers.clone(),
            provider_ids: self.provider_ids.clone(),
            form_targets: self.form_targets.clone(),
            weather: Arc::clone(&self.weather),
            gated: self.gated.clone(),
            groups: self.groups.clone(),
            ..*self
        }
    }

    /// The app behind the gate at a host (and port), in the spelling that is registered.
    pub fn gated(&self, authority: &str) -> Option<&App> {
        self.gated.get(authority).and_then(|id| self.apps.get(id))
    }

    /// The groups of a provider that rules name.
    pub fn named_groups(&self, provider: &ProviderId) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.provider == *provider)
    }

    /// Where a form of a sign-in may lead: through a provider, and back to an app.
    pub fn form_targets_to(&self, app: &AppRedirect) -> FormTargets {
        self.form_targets_through().and(app.origin())
    }

    /// Where a form of a sign-in may lead that ends here.
    pub fn form_targets_through(&self) -> FormTargets {
        self.form_targets.iter().cloned().fold(FormTargets::through_providers(), FormTargets::and)
    }

    /// The provider of that id, if people may come in through it.
    pub fn provider(&self, id: &ProviderId) -> Option<&Arc<dyn Provider>> {
        self.providers.iter().find(|provider| provider.about().id == *id)
    }

    /// An app, as it asks for what was issued to it.
    pub fn asking<'a>(&'a self, app: &'a App) -> Asking<'a> {
        Asking { app, providers: &self.provider_ids }
    }
}

/// The services.
#[derive(Clone)]
pub struct House {
    /// Who we are.
    pub issuer: Issuer,
    /// Whom we believe about where requests come from.
    pub listen: Listen,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Names and flags of cookies.
    pub cookies: Cookies,
    /// Who is registered.
    pub directory: Arc<ArcSwap<Directory>>,
    /// What apps publish to be verified by.
    pub app_keys: Arc<KeySets>,
    /// Where records live.
    pub store: Arc<dyn Backend>,
    /// Whole accounts.
    pub accounts: Accounts,
    /// Who is signed in.
    pub sessions: Sessions,
    /// What was issued.
    pub grants: Grants,
    /// What was agreed to.
    pub consents: Consents,
    /// What apps asked for beforehand.
    pub pushed: Pushed,
    /// What apps are told.
    pub outbox: Outbox,
    /// What providers told us already.
    pub heard: Heard,
    /// What must not be used twice.
    pub spent: Spent,
    /// Devices that wait for a person.
    pub devices: Devices,
    /// Apps that registered themselves; none where they may not.
    pub registry: Option<Registry>,
    /// How they may.
    pub registration: Registration,
    /// Whether browsers may offer accounts by themselves (FedCM).
    pub fedcm: bool,
    /// The documents that apps are named after; none where no app may be.
    pub documents: Option<Arc<Documents>>,
    /// What goes out, for documents that apps name.
    pub egress: Egress,
    /// What we sign with.
    pub keyring: Arc<Keyring>,
    /// For how long others may keep our keys, as a header value.
    pub jwks_cache_control: String,
    /// The pictures of apps.
    pub logos: Logos,
    /// What people see.
    pub pages: Arc<Pages>,
    /// The same as it is seen on gated hosts.
    pub pages_abroad: Arc<Pages>,
    /// What seals.
    pub sealer: Arc<Sealer>,
    /// What names people.
    pub pseudonyms: Arc<Pseudonyms>,
    /// How much one may ask.
    pub limits: Arc<Limits>,
    /// Tells what happened.
    pub witness: Witness,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl House {
    /// Who is registered at this moment.
    pub fn directory(&self) -> Guard<Arc<Directory>> {
        self.directory.load()
    }

    /// Learns which apps registered themselves, or took that back, since it was looked last.
    ///
    /// # Errors
    /// The store's own; then what was known before is known still.
    pub async fn learn(&self) -> Result<(), StoreError> {
        let Some(registry) = &self.registry else { return Ok(()) };
        let edition = registry.edition().await?;
        if self.directory().registered == edition {
            return Ok(());
        }
        // Read after the edition: what comes in between is looked at again with the next request.
        let registered = registry.all().await?;
        self.directory.rcu(|directory| {
            let by_the_rules = |app: &Registered| {
                let app =
                    app.app().inspect_err(|error| tracing::warn!(app = %app.id, %error, "a registered app")).ok()?;
                Some(App { audiences: self.registration.audiences.clone(), ..app })
            };
            directory.with_registered(registered.iter().filter_map(by_the_rules), edition)
        });
        Ok(())
    }

    /// The living session of the browser that asks.
    ///
    /// # Errors
    /// The store's: [`super::errors::Problem::StoreAway`].
    pub async fn session(&self, request: &HttpRequest) -> Result<Option<Session>, PageError> {
        match self.cookies.get(request, cookies::SESSION) {
            Some(cookie) => Ok(self.sessions.find(&cookie).await?),
            None => Ok(None),
        }
    }

    /// Counts an anonymous start.
    ///
    /// # Errors
    /// [`Problem::TooMany`] for an address that asks too often.
    pub fn check_address(&self, request: &HttpRequest) -> Result<(), PageError> {
        match self.client_ip(request) {
            Some(ip) => self.limits.check_address(ip).map_err(|_| Problem::TooMany.into()),
            None => Ok(()),
        }
    }

    /// Counts a proof that was none, for `app` if there is such an app.
    ///
    /// # Errors
    /// [`RetryAfter`] for who is wrong too often.
    pub fn count_wrong(&self, request: &HttpRequest, app: Option<&AppId>) -> Result<(), RetryAfter> {
        self.client_ip(request).map_or(Ok(()), |address| self.limits.wrong_secret(app, address))
    }

    /// The address to count this request by.
    pub fn client_ip(&self, request: &HttpRequest) -> Option<IpAddr> {
        client_ip::client_ip(request, &self.listen.trusted_proxies)
    }

    /// A page for people, with all the headers that pages have.
    pub fn page(
        &self,
        request: &HttpRequest,
        status: StatusCode,
        page: &impl Page,
        targets: &FormTargets,
    ) -> HttpResponse {
        self.page_in(request, locale(request, None), status, page, targets)
    }

    /// The same in a language that is known already, as where an app asked for one.
    pub fn page_in(
        &self,
        request: &HttpRequest,
        locale: Locale,
        status: StatusCode,
        page: &impl Page,
        targets: &FormTargets,
    ) -> HttpResponse {
        // Where the app's wish decides, a choice here would change nothing, and is not offered.
        let offers_choice = locale == self::locale(request, None);
        let switch = offers_choice.then(|| language::form_token(self, request));
        let mut response = HttpResponseBuilder::new(status);
        headers::page(&mut response, targets);
        response
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CONTENT_LANGUAGE, locale.tag()))
            .insert_header((header::VARY, "Accept-Language, Cookie"))
            .body(self.pages.render_with(locale, page, switch))
    }
}

/// A page that is seen on a gated host: its style comes from here, and no choice of a language is offered, which would
/// be remembered here alone.
pub fn page_abroad(
    house: &House,
    request: &HttpRequest,
    status: StatusCode,
    page: &impl Page,
    targets: &FormTargets,
) -> HttpResponse {
    let locale = locale(request, None);
    let mut response = HttpResponseBuilder::new(status);
    headers::page_dressed_by(&mut response, house.issuer.as_str(), targets);
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, locale.tag()))
        .insert_header((header::VARY, "Accept-Language, Cookie"))
        .body(house.pages_abroad.render(locale, page))
}

/// The language of whoever asks: as the app wishes, then as the person chose, then as the browser prefers.
pub fn locale(request: &HttpRequest, ui_locales: Option<&str>) -> Locale {
    let chosen = request.app_data::<web::Data<House>>().and_then(|house| language::choice(house, request));
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Locale::choose(ui_locales, chosen.as_deref(), accepted)
}

/// Whether the answer is for somebody who reads, not for a program.
pub fn reads_html(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// 303: the answer to a form, and every other redirect, so that no body is ever sent on (RFC 9700, section 4.12).
pub fn see_other(location: &str) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    headers::no_store(&mut response);
    response
        .insert_header((header::LOCATION, location))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}
