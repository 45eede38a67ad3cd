//! A person on their own behalf: to see their page, to add a way to sign in, to delete everything. No app asks, and no
//! app is answered; what is asked of the login is decided here, as it is for apps in [`super::next`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::next::{Ask, Departure};
use crate::types::{
    ProviderId, Timestamp,
    ids::{AccountId, IdentityId, RandomId},
};

/// How old a login may be for what cannot be taken back.
pub const FRESH: Duration = Duration::from_secs(5 * 60);

/// What a person came for. Travels sealed in the browser's own cookie, as the request of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// What for.
    pub errand: Errand,
    /// The provider that they picked to sign in with.
    pub provider: Option<ProviderId>,
    /// What they are at a provider for, while they are.
    pub leg: Leg,
    /// Whether it happens in a window that the browser opened for it, which closes at the end (FedCM).
    #[serde(default)]
    pub in_window: bool,
}

/// What for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To see their page.
    See,
    /// To sign in as somebody else, whoever is signed in.
    Another,
    /// To add a way to sign in.
    Link {
        /// To whom, and where they confirmed it.
        to: Bound,
        /// Which provider is added.
        add: ProviderId,
    },
    /// To delete everything.
    Delete {
        /// Of whom, and where they confirmed it.
        of: Bound,
    },
}

/// Whom an errand is for. It counts for this account in this session, and for nobody else who may sit there later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Whose.
    pub account: AccountId,
    /// In which session.
    pub session: RandomId,
}

/// What a person is at a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Leg {
    /// To show who they are.
    Prove,
    /// To show who else they are.
    Add,
}

/// Somebody whom a provider vouched for, and who may become a way into the account of the visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Who vouched.
    pub provider: ProviderId,
    /// For whom, as a pseudonym.
    pub identity: IdentityId,
    /// What that person is called there, to be recognised on the page that asks.
    pub called: Option<String>,
}

/// Who is signed in in this browser.
#[derive(Clone, Copy, Debug)]
pub struct Guest<'a> {
    /// Who, and in which session.
    pub bound: Bound,
    /// The provider that they last signed in with.
    pub provider: &'a ProviderId,
    /// When.
    pub auth_time: Timestamp,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitStep {
    /// Let the person choose a provider.
    Choose,
    /// Send them to this one.
    GoUpstream(Departure, Leg),
    /// They are where they wanted to go.
    There,
    /// The session in which it began is over: nothing of it counts any more.
    Over,
}

impl Visit {
    /// Begins one.
    pub const fn new(errand: Errand) -> Self {
        Self { errand, provider: None, leg: Leg::Prove, in_window: false }
    }

    /// Begins a sign-in in a window that the browser opened: `as_another` where somebody is signed in.
    pub const fn in_window(as_another: bool) -> Self {
        let errand = if as_another { Errand::Another } else { Errand::See };
        Self { errand, provider: None, leg: Leg::Prove, in_window: true }
    }

    /// Decides.
    pub fn next(&self, guest: Option<Guest<'_>>, providers: &[ProviderId], now: Timestamp) -> VisitStep {
        let still = |bound: &Bound| guest.filter(|guest| guest.bound == *bound);
        match &self.errand {
            Errand::See if guest.is_some() => VisitStep::There,
            Errand::See => self.sign_in(providers, Ask::default()),
            Errand::Another => self.sign_in(providers, Ask { select_account: true, ..Ask::default() }),
            Errand::Link { to, add } => match still(to) {
                None => VisitStep::Over,
                Some(guest) if now.age_of(guest.auth_time) <= FRESH => VisitStep::GoUpstream(other(add), Leg::Add),
                Some(guest) => VisitStep::GoUpstream(anew(guest.provider), Leg::Prove),
            },
            Errand::Delete { of } => match still(of) {
                None => VisitStep::Over,
                Some(guest) => {
                    let provider = self.provider.as_ref().unwrap_or(guest.provider);
                    VisitStep::GoUpstream(anew(provider), Leg::Prove)
                }
            },
        }
    }

    fn sign_in(&self, providers: &[ProviderId], ask: Ask) -> VisitStep {
        match (self.provider.as_ref().filter(|picked| providers.contains(picked)), providers) {
            (Some(only), _) | (None, [only]) => {
                VisitStep::GoUpstream(Departure { provider: only.clone(), ask }, Leg::Prove)
            }
            (None, _) => VisitStep::Choose,
        }
    }
}

/// A new login, whatever session the person has there.
fn anew(provider: &ProviderId) -> Departure {
    Departure { provider: provider.clone(), ask: Ask { fresh: true, ..Ask::default() } }
}

/// Whoever else they are there: nobody is linked because a provider still knew somebody.
fn other(provider: &ProviderId) -> Departure {
    Departure { provider: provider.clone(), ask: Ask { select_account: true, ..Ask::default() } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::SystemRandom;

    const NOW: Timestamp = Timestamp::from_secs(10_000);

    fn provider(id: &str) -> ProviderId {
        id.parse().unwrap()
    }

    fn bound() -> Bound {
        Bound { account: AccountId::new([1; 32]), session: RandomId::generate(&SystemRandom) }
    }

    fn going(step: &VisitStep) -> (&str, Ask, Leg) {
        let VisitStep::GoUpstream(departure, leg) = step else { panic!("{step:?}") };
        (departure.provider.as_str(), departure.ask, *leg)
    }

    fn own(step: &VisitStep) -> (String, Ask, Leg) {
        let (name, ask, leg) = going(step);
        (name.to_owned(), ask, leg)
    }

    #[test]
    fn whoever_is_signed_in_is_there_and_others_choose() {
        let visit = Visit::new(Errand::See);
        let (one, two) = ([provider("google")], [provider("google"), provider("home")]);
        let guest = Guest { bound: bound(), provider: &one[0], auth_time: Timestamp::from_secs(0) };
        assert_eq!(visit.next(Some(guest), &two, NOW), VisitStep::There);
        assert_eq!(visit.next(None, &two, NOW), VisitStep::Choose);
        assert_eq!(visit.next(None, &[], NOW), VisitStep::Choose);
        assert_eq!(going(&visit.next(None, &one, NOW)), ("google", Ask::default(), Leg::Prove));
        let another = Visit::in_window(true);
        assert_eq!(another.next(Some(guest), &two, NOW), VisitStep::Choose, "somebody else may come in another way");
        let asked = Ask { select_account: true, ..Ask::default() };
        assert_eq!(going(&another.next(Some(guest), &one, NOW)), ("google", asked, Leg::Prove));
        let picked = Visit { provider: Some(provider("home")), ..visit.clone() };
        assert_eq!(going(&picked.next(None, &two, NOW)).0, "home");
        let away = Visit { provider: Some(provider("gone")), ..visit };
        assert_eq!(away.next(None, &two, NOW), VisitStep::Choose);
    }

    #[test]
    fn a_way_is_added_only_by_whoever_has_just_signed_in() {
        let (to, google) = (bound(), provider("google"));
        let visit = Visit::new(Errand::Link { to, add: provider("home") });
        let at = |age: u64| Guest { bound: to, provider: &google, auth_time: NOW.minus(Duration::from_secs(age)) };
        let (name, ask, leg) = own(&visit.next(Some(at(300)), &[], NOW));
        assert_eq!((name.as_str(), ask.select_account, leg), ("home", true, Leg::Add));
        let to_come = Guest { auth_time: NOW.plus(Duration::from_secs(61)), ..at(0) };
        for old in [at(301), to_come] {
            let (name, ask, leg) = own(&visit.next(Some(old), &[], NOW));
            assert_eq!((name.as_str(), ask.fresh, leg), ("google", true, Leg::Prove));
        }
    }

    #[test]
    fn an_errand_ends_with_its_session_and_its_account() {
        let (mine, google) = (bound(), provider("google"));
        let errands = [Errand::Link { to: mine, add: provider("home") }, Errand::Delete { of: mine }];
        for visit in errands.map(Visit::new) {
            let others = [
                Bound { session: RandomId::generate(&SystemRandom), ..mine },
                Bound { account: AccountId::new([2; 32]), ..mine },
            ];
            for bound in others {
                let guest = Guest { bound, provider: &google, auth_time: NOW };
                assert_eq!(visit.next(Some(guest), &[], NOW), VisitStep::Over);
            }
            assert_eq!(visit.next(None, &[], NOW), VisitStep::Over);
        }
    }

    #[test]
    fn deleting_demands_a_new_login_however_young_the_last_one_is() {
        let (of, google) = (bound(), provider("google"));
        let guest = Guest { bound: of, provider: &google, auth_time: NOW };
        let visit = Visit::new(Errand::Delete { of });
        assert_eq!(
            going(&visit.next(Some(guest), &[], NOW)),
            ("google", Ask { fresh: true, ..Ask::default() }, Leg::Prove)
        );
        let picked = Visit { provider: Some(provider("home")), ..visit };
        assert_eq!(going(&picked.next(Some(guest), &[], NOW)).0, "home");
    }
}
