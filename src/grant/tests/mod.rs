//! Grants on a real store.

mod giving_back;
mod lineage;
mod opening;
mod recalling;
mod refreshing;
mod served;

use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::{
    config::StoreUrl,
    flow::{
        Facts, Learned, Request, SignedIn, Step, next,
        tests::{app, known, providers, request},
    },
    partition::{Head, HeadIdentity, listing},
    seal::{Pseudonyms, Sealer, token},
    store::{Commit, Entry, Kind, Outcome, Put},
    types::{
        App, Scope, Secret32, SetClock, SystemRandom,
        app::{ConsentMode, GrantType},
    },
};

struct Place {
    grants: Grants,
    codec: Codec,
    clock: Arc<SetClock>,
    store: Arc<dyn Backend>,
    who: Presence,
    session: RandomId,
    _folder: TempDir,
}

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

const REFRESH: RefreshLifetimes = RefreshLifetimes { idle: minutes(60), absolute: minutes(180), grace: minutes(1) };

/// An account with a session whose content nobody here reads.
async fn place() -> Place {
    place_where(REFRESH, |store| store).await
}

async fn place_where(refresh: RefreshLifetimes, dress: impl FnOnce(Arc<dyn Backend>) -> Arc<dyn Backend>) -> Place {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(SetClock::default()));
    let store = crate::store::open(&StoreUrl::Sqlite(folder.path().join("v.db")), clock.clone()).unwrap();
    let store = dress(store);
    let sealer = Sealer::new(Secret32::new([1; 32]), vec![], Arc::new(SystemRandom));
    let codec = Codec::new(Arc::new(sealer), Arc::new(Pseudonyms::new(&Secret32::new([2; 32]))));
    let (code, access_token, id_token) = (minutes(1), minutes(5), minutes(5));
    let lifetimes = Lifetimes { code, access_token, id_token, refresh, consent: minutes(60 * 24 * 395) };
    let chronicle = Chronicle::new(codec.clone(), clock.clone(), minutes(60 * 24 * 90));
    let grants = Grants::new(store.clone(), codec.clone(), clock.clone(), chronicle, lifetimes);
    let identity = codec.pseudonyms().identity("google", "1");
    let head = Head::begin(
        crate::partition::Life::none(),
        HeadIdentity { provider: "google".parse().unwrap(), identity },
        clock.now(),
        &SystemRandom,
    );
    let session = RandomId::generate(&SystemRandom);
    let put_head = codec.put_head(identity.home(), &head);
    let who = codec.presence(identity.home(), head, put_head.version).unwrap();
    let key = RecordKey::session(session);
    let put_session = Put { key, version: codec.version(), value: vec![], expires: None, due: None };
    let place = Place { grants, codec, clock, store, who, session, _folder: folder };
    place.write(vec![put_head, put_session], vec![]).await;
    place
}

impl Place {
    async fn write(&self, puts: Vec<Put>, deletes: Vec<RecordKey>) {
        let commit = Commit { guards: vec![], puts, deletes };
        assert_eq!(self.store.commit(&self.who.partition(), commit).await.unwrap(), Outcome::Committed);
    }

    async fn agreed(&self) -> Agreed {
        let app = request().app;
        let read = self.store.read(&self.who.partition(), &[RecordKey::consent(&app)]).await.unwrap().pop().flatten();
        self.codec.agreed(&self.who, &app, read.as_ref())
    }

    /// Decides on an agreement as it was read, and opens a grant on the decision.
    async fn open(&self, agreed: &Agreed) -> Opened {
        self.open_with(&request(), agreed).await
    }

    async fn open_with(&self, request: &Request, agreed: &Agreed) -> Opened {
        let (known, providers, app) = (known(), providers(), our_app());
        let provider = providers.first().unwrap();
        let now = self.clock.now();
        let signed_in = SignedIn {
            provider,
            auth_time: now,
            known: &known,
            learned: &Learned::default(),
            by_this_attempt: true,
            is_wanted: true,
        };
        let (app, agreement) = (&app, agreed.agreement.as_ref());
        let signed_in = Some(signed_in);
        let facts = Facts { app, request, providers: &providers, signed_in, agreement, answer: None, now };
        let step = next(&facts);
        let Step::Issue(approved) = step else { panic!("{step:?}") };
        let (who, session, declared) = (&self.who, self.session, known.clone());
        let new =
            NewGrant { who, app, session, provider, auth_time: now, request, agreed, kept: declared, learned: None };
        self.grants.open(approved, new).await.unwrap()
    }

    /// The first refresh token of a grant with this scope.
    async fn first(&self, scope: &str) -> String {
        let request = Request { scope: Scope::parse(scope), ..request() };
        let Opened::Code(code) = self.open_with(&request, &self.agreed().await).await else { panic!("no code") };
        match self.redeem(code.expose()).await {
            Redeemed::Granted { refresh, .. } => refresh.unwrap().expose().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    /// A living grant, as its redemption left it.
    async fn granted(&self) -> Live {
        let Opened::Code(code) = self.open(&self.agreed().await).await else { panic!("no code") };
        match self.redeem(code.expose()).await {
            Redeemed::Granted { live, .. } => *live,
            other => panic!("{other:?}"),
        }
    }

    async fn redeem(&self, code: &str) -> Redeemed {
        let (app, providers, redirect) = (our_app(), providers(), request().redirect);
        let asking = Asking { app: &app, providers: &providers };
        let redemption = Redemption {
            asking,
            code,
            redirect_uri: Some(redirect.as_str()),
            verifier: None,
            resources: &[],
            key: None,
        };
        self.grants.redeem(redemption, async || Ok(true)).await.unwrap()
    }

    /// All records of a kind.
    async fn all(&self, kind: Kind) -> Vec<Entry> {
        listing::all(&*self.store, &self.who.partition(), kind).await.unwrap()
    }

    async fn history(&self) -> Vec<Deed> {
        let lines = self.all(Kind::History).await;
        lines.iter().map(|entry| self.codec.open_line(&self.who, entry).unwrap().deed).collect()
    }
}

/// An app that is not asked about, and gets refresh tokens.
fn our_app() -> App {
    App { consent: ConsentMode::Implicit, grant_types: GrantType::DEFAULT.to_vec(), ..app() }
}
