//! What a person does about an app afterwards, on a real store: each act with all that must be written with it.

use tempfile::TempDir;

use super::*;
use crate::{
    config::StoreUrl,
    flow::tests::{app, request},
    partition::{Cause, Deed, Head, HeadIdentity, Intent, Life, Receipt, ReceiptEvent},
    seal::{Pseudonyms, Sealer},
    store::{Commit, Entry, Guard, Outcome, Partition, Put, record::OUTBOX_SHARDS},
    types::{App, Claim, Secret32, SetClock, SystemRandom, Timestamp},
};

const LIVES: Duration = Duration::from_secs(395 * 24 * 3600);

struct Place {
    consents: Consents,
    codec: Codec,
    clock: Arc<SetClock>,
    store: Arc<dyn Backend>,
    who: Presence,
    _folder: TempDir,
}

/// An account that lets an app see what it requires.
async fn place() -> Place {
    let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(SetClock::default()));
    let store = crate::store::open(&StoreUrl::Sqlite(folder.path().join("v.db")), clock.clone()).unwrap();
    let sealer = Sealer::new(Secret32::new([1; 32]), vec![], Arc::new(SystemRandom));
    let codec = Codec::new(Arc::new(sealer), Arc::new(Pseudonyms::new(&Secret32::new([2; 32]))));
    let chronicle = Chronicle::new(codec.clone(), clock.clone(), LIVES);
    let consents = Consents::new(store.clone(), codec.clone(), clock.clone(), chronicle, LIVES);
    let identity = codec.pseudonyms().identity("google", "1");
    let head = Head::begin(
        Life::default(),
        HeadIdentity { provider: "google".parse().unwrap(), identity },
        clock.now(),
        &SystemRandom,
    );
    let put_head = codec.put_head(identity.home(), &head);
    let who = codec.presence(identity.home(), head, put_head.version).unwrap();
    let agreement = Agreement::unasked(&app(), &request().scope, None, clock.now());
    let put = codec.put_agreement(&who, &app().id, &agreement, clock.now().plus(LIVES));
    let place = Place { consents, codec, clock, store, who, _folder: folder };
    place.write(vec![], vec![put_head, put]).await;
    place
}

/// All that one account has, beside its head.
#[derive(Debug, PartialEq)]
struct Written {
    agreement: Option<Agreement>,
    deeds: Vec<Deed>,
    receipts: Vec<Receipt>,
    causes: Vec<Cause>,
}

impl Place {
    async fn write(&self, guards: Vec<Guard>, puts: Vec<Put>) {
        let commit = Commit { guards, puts, deletes: vec![] };
        assert_eq!(self.store.commit(&self.who.partition(), commit).await.unwrap(), Outcome::Committed);
    }

    async fn change(&self, on: &[Claim]) -> Changed {
        self.consents.change(&self.who, &app(), &on.iter().copied().collect()).await.unwrap()
    }

    async fn all(&self, kind: Kind) -> Vec<Entry> {
        listing::all(&*self.store, &self.who.partition(), kind).await.unwrap()
    }

    async fn written(&self) -> Written {
        let deeds = self.all(Kind::History).await;
        let receipts = self.all(Kind::Receipt).await;
        Written {
            agreement: self.consents.find(&self.who, &app().id).await.unwrap().agreement,
            deeds: deeds.iter().map(|entry| self.codec.open_line(&self.who, entry).unwrap().deed).collect(),
            receipts: receipts.iter().map(|entry| self.codec.open_receipt(&self.who, entry).unwrap()).collect(),
            causes: self.intents().await.into_iter().map(|intent| intent.cause).collect(),
        }
    }

    /// Every intent that a hint leads to, the oldest first; and none is without one.
    async fn intents(&self) -> Vec<Intent> {
        let mut intents = Vec::new();
        for shard in 0..OUTBOX_SHARDS {
            for entry in listing::all(&*self.store, &Partition::outbox(shard), Kind::Outbox).await.unwrap() {
                let hint = self.codec.open_hint(&entry).unwrap();
                let read = self.store.read(&self.who.partition(), &[RecordKey::intent(hint.case)]).await.unwrap();
                let stored = read.into_iter().next().flatten();
                let open = |stored| self.codec.open_intent(hint.home, hint.case, &stored).unwrap();
                intents.extend(stored.map(open));
            }
        }
        assert_eq!(intents.len(), self.all(Kind::Intent).await.len());
        intents.sort_by_key(|intent| intent.at);
        intents
    }
}

/// What a receipt says is on.
fn on(receipt: &Receipt) -> Vec<Claim> {
    receipt.items.iter().filter(|item| item.on).map(|item| item.claim).collect()
}

#[tokio::test]
async fn a_change_is_written_with_history_receipt_and_word_for_the_app() {
    let place = place().await;
    let id = app().id;
    assert_eq!(place.change(&[Claim::Name]).await, Changed::Done);
    place.clock.forward(Duration::from_secs(1));
    assert_eq!(place.change(&[]).await, Changed::Done);
    let written = place.written().await;
    let (name, none) = (vec![Claim::Name], vec![]);
    let cause =
        |on: &Vec<Claim>, off: &Vec<Claim>| Cause::Changed { app: id.clone(), on: on.clone(), off: off.clone() };
    assert_eq!(written.causes, [cause(&name, &none), cause(&none, &name)]);
    let deed = |on: &Vec<Claim>, off: &Vec<Claim>| Deed::Changed {
        app: id.clone(),
        on: on.iter().copied().collect(),
        off: off.iter().copied().collect(),
    };
    assert_eq!(written.deeds, [deed(&name, &none), deed(&none, &name)]);
    let receipts: Vec<_> = written.receipts.iter().map(|receipt| (receipt.event, on(receipt))).collect();
    let changed = ReceiptEvent::Changed;
    assert_eq!(receipts, [(changed, vec![Claim::Name, Claim::Email]), (changed, vec![Claim::Email])]);
    let agreement = written.agreement.unwrap();
    assert_eq!(agreement.chosen(&app()).into_iter().collect::<Vec<_>>(), [Claim::Email]);
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let place = place().await;
    let before = place.written().await;
    // What the app requires is no choice, and what it does not declare is none either.
    for on in [&[][..], &[Claim::Email], &[Claim::Picture, Claim::EmailVerified]] {
        assert_eq!(place.change(on).await, Changed::Nothing);
    }
    assert_eq!(place.consents.resume(&place.who, &app()).await.unwrap(), Changed::Nothing);
    assert_eq!(place.written().await, before);
}

#[tokio::test]
async fn a_pause_is_off_for_the_app_and_a_change_meanwhile_is_told_when_it_ends() {
    let place = place().await;
    let id = app().id;
    let cause = |on: &[Claim], off: &[Claim]| Cause::Changed { app: id.clone(), on: on.to_vec(), off: off.to_vec() };
    assert_eq!(place.consents.pause(&place.who, &app()).await.unwrap(), Changed::Done);
    assert_eq!(place.consents.pause(&place.who, &app()).await.unwrap(), Changed::Nothing);
    place.clock.forward(Duration::from_secs(1));
    assert_eq!(place.change(&[Claim::Name]).await, Changed::Done);
    place.clock.forward(Duration::from_secs(1));
    assert_eq!(place.consents.resume(&place.who, &app()).await.unwrap(), Changed::Done);
    let written = place.written().await;
    assert_eq!(written.causes, [cause(&[], &[Claim::Email]), cause(&[Claim::Name, Claim::Email], &[])]);
    assert_eq!(written.deeds.first(), Some(&Deed::Paused { app: id.clone() }));
    assert_eq!(written.deeds.last(), Some(&Deed::Resumed { app: id.clone() }));
    let receipts: Vec<_> = written.receipts.iter().map(|receipt| (receipt.event, on(receipt))).collect();
    assert_eq!(
        receipts,
        [
            (ReceiptEvent::Paused, vec![]),
            (ReceiptEvent::Changed, vec![]),
            (ReceiptEvent::Resumed, vec![Claim::Name, Claim::Email]),
        ]
    );
}

/// An app that is registered no more can still be left: the receipt tells of it as the last one did.
#[tokio::test]
async fn an_app_is_disconnected_whether_or_not_it_is_still_registered() {
    let place = place().await;
    let id = app().id;
    place.change(&[Claim::Name]).await;
    place.clock.forward(Duration::from_secs(1));
    assert_eq!(place.consents.disconnect(&place.who, &id).await.unwrap(), Changed::Done);
    let written = place.written().await;
    assert_eq!(written.agreement, None);
    assert_eq!(written.causes.last(), Some(&Cause::Disconnected { app: id.clone() }));
    assert_eq!(written.deeds.last(), Some(&Deed::Disconnected { app: id.clone() }));
    let last = written.receipts.last().unwrap();
    assert_eq!((last.event, last.app_name.as_str(), on(last)), (ReceiptEvent::Withdrawn, "Notes", vec![]));
    assert_eq!(last.items.len(), 2);
    assert!(place.consents.list(&place.who).await.unwrap().is_empty());
    // There is nothing left to change.
    assert_eq!(place.consents.disconnect(&place.who, &id).await.unwrap(), Changed::Gone);
    assert_eq!(place.change(&[]).await, Changed::Gone);
    assert_eq!(place.consents.pause(&place.who, &app()).await.unwrap(), Changed::Gone);
    assert_eq!(place.written().await, written);
}

/// A deletion, a block or a sign-out everywhere wins over what is decided on the account as it was.
#[tokio::test]
async fn an_account_that_changed_meanwhile_is_not_written_to() {
    let place = place().await;
    let stored = place.store.read(&place.who.partition(), &[RecordKey::head()]).await.unwrap();
    let head = place.codec.open_head(place.who.home, stored[0].as_ref().unwrap()).unwrap();
    place.write(vec![place.who.unchanged()], vec![place.codec.put_head(place.who.home, &head)]).await;
    let before = place.written().await;
    assert_eq!(place.change(&[Claim::Name]).await, Changed::Gone);
    assert_eq!(place.consents.pause(&place.who, &app()).await.unwrap(), Changed::Gone);
    assert_eq!(place.consents.disconnect(&place.who, &app().id).await.unwrap(), Changed::Gone);
    assert_eq!(place.written().await, before);
}

/// Two windows at once: each act is done on what the other left, and none is lost.
#[tokio::test]
async fn acts_at_once_do_not_undo_each_other() {
    let place = place().await;
    let app = App { claims: app().claims, ..app() };
    let (changed, paused) = tokio::join!(place.change(&[Claim::Name]), place.consents.pause(&place.who, &app));
    assert_eq!((changed, paused.unwrap()), (Changed::Done, Changed::Done));
    let written = place.written().await;
    let agreement = written.agreement.unwrap();
    assert!(agreement.paused && agreement.chosen(&app).contains(&Claim::Name));
    assert_eq!((written.deeds.len(), written.receipts.len()), (2, 2));
}

/// An agreement that nothing is issued on ends by itself; a change is a use.
#[tokio::test]
async fn an_agreement_expires_unused() {
    let place = place().await;
    let begun: Timestamp = place.clock.now();
    place.clock.forward(LIVES / 2);
    place.change(&[Claim::Name]).await;
    place.clock.forward(LIVES / 2);
    assert_eq!(place.consents.list(&place.who).await.unwrap().len(), 1);
    place.clock.forward(LIVES / 2);
    assert!(place.clock.now().since(begun) > LIVES);
    assert!(place.consents.list(&place.who).await.unwrap().is_empty());
    assert_eq!(place.change(&[]).await, Changed::Gone);
}
