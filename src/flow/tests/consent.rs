//! What an app may see, and when a person is asked.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{super::question::Question, *};
use crate::flow::{Answer, Approved};

/// Decides about somebody who has just signed in.
fn step(app: &App, request: &Request, agreement: Option<&Agreement>, answer: Option<&Answer>) -> Step {
    let (providers, known) = (providers(), known());
    let provider = &providers[0];
    let signed_in = Some(SignedIn { provider, auth_time: NOW, known: &known, by_this_attempt: true, is_wanted: true });
    next(&Facts { app, request, providers: &providers, signed_in, agreement, answer, now: NOW })
}

fn question(app: &App, request: &Request, agreement: Option<&Agreement>) -> Question {
    match step(app, request, agreement, None) {
        Step::AskConsent(question) => question,
        other => panic!("{other:?}"),
    }
}

fn approved(step: Step) -> Approved {
    match step {
        Step::Issue(approved) => approved,
        other => panic!("{other:?}"),
    }
}

/// Says yes, with these turned on.
fn yes(question: &Question, on: &[Claim]) -> Answer {
    Answer { shown: question.shown, on: on.iter().copied().collect() }
}

/// What stands after a yes.
fn agree(app: &App, request: &Request, earlier: Option<&Agreement>, on: &[Claim]) -> Agreement {
    let answer = yes(&question(app, request, earlier), on);
    let approved = approved(step(app, request, earlier, Some(&answer)));
    assert!(approved.decided());
    approved.agreement().clone()
}

fn asked(question: &Question) -> Vec<(Claim, bool)> {
    question.claims.iter().map(|asked| (asked.claim, asked.on)).collect()
}

fn sees(app: &App, agreement: &Agreement) -> Vec<Claim> {
    claims::visible(app, &request().scope, agreement, &known()).iter().map(|(claim, _)| claim).collect()
}

fn refused(step: &Step) -> &'static str {
    match step {
        Step::Refuse(error) => error.code.as_str(),
        other => panic!("{other:?}"),
    }
}

fn with_refresh(mut app: App) -> App {
    app.grant_types.push(GrantType::RefreshToken);
    app
}

fn offline() -> Request {
    with(|r| r.scope = Scope::parse("openid email profile offline_access"))
}

#[test]
fn the_first_login_asks_and_the_next_does_not() {
    let app = app();
    let first = question(&app, &request(), None);
    assert_eq!((asked(&first), first.offline), (vec![(Claim::Name, false), (Claim::Email, true)], false));
    let agreement = agree(&app, &request(), None, &[]);
    assert_eq!(sees(&app, &agreement), [Claim::Email, Claim::EmailVerified]);
    let again = approved(step(&app, &request(), Some(&agreement), None));
    assert!(!again.decided() && !again.agreement().differs_from(&agreement));
    let generous = agree(&app, &request(), None, &[Claim::Name]);
    assert_eq!(sees(&app, &generous), [Claim::Name, Claim::Email, Claim::EmailVerified]);
}

/// Being known to an app at all is something to be asked about.
#[test]
fn an_app_that_asks_for_nothing_is_agreed_to_as_well() {
    let mut app = app();
    app.claims.clear();
    assert!(question(&app, &request(), None).claims.is_empty());
    let agreement = agree(&app, &request(), None, &[]);
    approved(step(&app, &request(), Some(&agreement), None));
}

#[test]
fn later_only_the_difference_is_asked() {
    let mut app = app();
    let agreement = agree(&app, &request(), None, &[Claim::Name]);
    // A new text.
    app.claims.get_mut(&Claim::Name).unwrap().why = "To sell it.".into();
    assert_eq!(sees(&app, &agreement), [Claim::Email, Claim::EmailVerified], "not before it was agreed to");
    assert_eq!(asked(&question(&app, &request(), Some(&agreement))), [(Claim::Name, false)]);
    let agreement = agree(&app, &request(), Some(&agreement), &[]);
    assert_eq!(sees(&app, &agreement), [Claim::Email, Claim::EmailVerified]);
    // A new claim, another period, another need.
    app.claims.insert(Claim::Picture, purpose(Need::Optional));
    assert_eq!(asked(&question(&app, &request(), Some(&agreement))), [(Claim::Picture, false)]);
    app.claims.remove(&Claim::Picture);
    app.claims.get_mut(&Claim::Email).unwrap().keep = Some("for ever".into());
    assert_eq!(asked(&question(&app, &request(), Some(&agreement))), [(Claim::Email, true)]);
    app.claims.get_mut(&Claim::Email).unwrap().keep = None;
    app.claims.get_mut(&Claim::Name).unwrap().need = Need::Required;
    assert_eq!(asked(&question(&app, &request(), Some(&agreement))), [(Claim::Name, true)]);
}

#[test]
fn what_the_scope_does_not_ask_for_is_asked_when_it_does() {
    let (app, mail) = (app(), with(|r| r.scope = Scope::parse("openid email")));
    assert_eq!(asked(&question(&app, &mail, None)), [(Claim::Email, true)]);
    let agreement = agree(&app, &mail, None, &[]);
    assert_eq!(asked(&question(&app, &request(), Some(&agreement))), [(Claim::Name, false)]);
}

#[test]
fn prompt_consent_opens_the_question_again_and_prompt_none_asks_nothing() {
    let (app, silent) = (app(), with(|r| r.prompt.none = true));
    assert_eq!(refused(&step(&app, &silent, None, None)), "consent_required");
    let agreement = agree(&app, &request(), None, &[Claim::Name]);
    approved(step(&app, &silent, Some(&agreement), None));
    let again = with(|r| r.prompt.consent = true);
    assert_eq!(asked(&question(&app, &again, Some(&agreement))), [(Claim::Name, true), (Claim::Email, true)]);
    let agreement = agree(&app, &again, Some(&agreement), &[]);
    assert_eq!(sees(&app, &agreement), [Claim::Email, Claim::EmailVerified]);
}

/// The page lay open while something on it changed: nobody agrees to what they have not seen.
#[test]
fn an_answer_counts_for_what_was_shown_only() {
    let answer = yes(&question(&app(), &request(), None), &[]);
    let change = |change: fn(&mut App)| {
        let mut app = app();
        change(&mut app);
        app
    };
    for changed in [
        change(|app| app.claims.get_mut(&Claim::Email).unwrap().why = "To sell it.".into()),
        change(|app| drop(app.claims.insert(Claim::Picture, purpose(Need::Required)))),
        change(|app| drop(app.claims.remove(&Claim::Name))),
        change(|app| app.name = "Another".into()),
        change(|app| app.links.policy = Some("https://notes.test/new-policy".parse().unwrap())),
    ] {
        assert!(matches!(step(&changed, &request(), None, Some(&answer)), Step::AskConsent(_)));
    }
    let elsewhere = with(|r| r.redirect = AppRedirect::parse("https://other.test/cb", false).unwrap());
    assert!(matches!(step(&app(), &elsewhere, None, Some(&answer)), Step::AskConsent(_)));
    assert!(matches!(step(&with_refresh(app()), &offline(), None, Some(&answer)), Step::AskConsent(_)));
    let mut other = known();
    other.insert(Claim::Email, json!("other@example.org"));
    let other = Question::about(&app(), &request(), &other, None).unwrap();
    assert_ne!(other.shown, answer.shown, "another value");
    let mut other = known();
    other.remove(Claim::EmailVerified);
    let other = Question::about(&app(), &request(), &other, None).unwrap();
    assert_ne!(other.shown, answer.shown, "what goes with a value");
    approved(step(&app(), &request(), None, Some(&answer)));
}

#[test]
fn an_answer_names_only_optional_claims_in_question() {
    let question = question(&app(), &request(), None);
    for claim in [Claim::Email, Claim::Picture, Claim::EmailVerified] {
        assert!(!question.is_answered_by(&yes(&question, &[claim])), "{claim:?}");
    }
    assert!(question.is_answered_by(&yes(&question, &[Claim::Name])));
}

#[test]
fn an_app_of_the_operators_own_asks_nothing_and_gets_nothing_optional() {
    let mut app = with_refresh(app());
    app.consent = ConsentMode::Implicit;
    for request in [request(), with(|r| r.prompt.consent = true), with(|r| r.prompt.none = true)] {
        let first = approved(step(&app, &request, None, None));
        assert!(first.decided() && first.agreement().implicit);
        assert_eq!(sees(&app, first.agreement()), [Claim::Email, Claim::EmailVerified]);
    }
    let first = approved(step(&app, &offline(), None, None));
    assert!(first.offline());
    let changed = first.agreement().changed(&app, &BTreeSet::from([Claim::Name]));
    let second = approved(step(&app, &offline(), Some(&changed), None));
    assert!(!second.decided() && sees(&app, second.agreement()).contains(&Claim::Name));
    // From now on people are asked; what they turned on themselves is on.
    app.consent = ConsentMode::Explicit;
    let question = question(&app, &offline(), Some(&changed));
    assert_eq!((asked(&question), question.offline), (vec![(Claim::Name, true), (Claim::Email, true)], true));
}

#[test]
fn what_a_rule_decided_is_no_answer_of_the_person() {
    let mut app = app();
    let agreement = agree(&app, &request(), None, &[]);
    app.consent = ConsentMode::Implicit;
    let kept = approved(step(&app, &request(), Some(&agreement), None));
    assert!(!kept.decided() && !kept.agreement().implicit, "the person said so");
    app.claims.insert(Claim::Picture, purpose(Need::Required));
    let more = approved(step(&app, &request(), Some(&agreement), None));
    assert!(more.decided() && more.agreement().implicit);
}

#[test]
fn a_paused_app_is_refused_whatever_it_asks() {
    let app = app();
    let agreement = Agreement { paused: true, ..agree(&app, &request(), None, &[]) };
    for request in [request(), with(|r| r.prompt.consent = true), with(|r| r.prompt.none = true)] {
        assert_eq!(refused(&step(&app, &request, Some(&agreement), None)), "access_denied");
    }
}

#[test]
fn coming_back_while_the_person_is_away_is_asked_once() {
    assert!(!question(&app(), &offline(), None).offline, "an app without refresh tokens cannot");
    let app = with_refresh(app());
    assert!(!question(&app, &request(), None).offline, "not asked for");
    let agreement = agree(&app, &request(), None, &[]);
    assert!(!agreement.offline);
    let later = question(&app, &offline(), Some(&agreement));
    assert!(later.offline && later.claims.is_empty());
    let agreement = agree(&app, &offline(), Some(&agreement), &[]);
    assert!(approved(step(&app, &offline(), Some(&agreement), None)).offline());
    assert!(!approved(step(&app, &request(), Some(&agreement), None)).offline(), "not asked for this time");
}

#[test]
fn a_later_choice_says_nothing_of_what_stays() {
    let mut app = app();
    app.claims.insert(Claim::Picture, purpose(Need::Optional));
    let agreement = agree(&app, &request(), None, &[Claim::Name]);
    app.claims.get_mut(&Claim::Picture).unwrap().why = "To sell it.".into();
    let changed = agreement.changed(&app, &BTreeSet::from([Claim::Email]));
    assert_eq!(sees(&app, &changed), [Claim::Email, Claim::EmailVerified]);
    assert_eq!(asked(&question(&app, &request(), Some(&changed))), [(Claim::Picture, false)]);
    let changed = agreement.changed(&app, &BTreeSet::from([Claim::Picture]));
    assert_eq!(sees(&app, &changed), [Claim::Picture, Claim::Email, Claim::EmailVerified]);
}

/// Disconnected, and connected again: what hung on the earlier agreement stays dead.
#[test]
fn an_agreement_carries_what_was_issued_on_it() {
    let agreement = agree(&app(), &request(), None, &[]);
    assert!(agreement.carries(NOW) && agreement.carries(NOW.plus(Duration::from_secs(1))));
    assert!(!agreement.carries(NOW.minus(Duration::from_millis(1))));
    let later = agreement.used_again(NOW.plus(Duration::from_secs(60)));
    assert!(later.carries(NOW));
}

#[test]
fn a_preview_says_what_an_app_would_get() {
    let mut app = app();
    app.claims.insert(Claim::PhoneNumber, purpose(Need::Required));
    let preview = |agreement: Option<&Agreement>| -> Vec<(Claim, bool, bool)> {
        let all = claims::preview(&app, agreement, &known());
        all.iter().map(|preview| (preview.claim, preview.on, preview.known)).collect()
    };
    let before = [(Claim::Name, false, true), (Claim::Email, true, true), (Claim::PhoneNumber, true, false)];
    assert_eq!(preview(None), before);
    let agreement = agreed(&app).changed(&app, &BTreeSet::from([Claim::Name]));
    assert_eq!(preview(Some(&agreement))[0], (Claim::Name, true, true));
    let paused = Agreement { paused: true, ..agreement };
    assert!(preview(Some(&paused)).iter().all(|(_, on, _)| !on));
}

const CLAIMS: [Claim; 5] = [Claim::Name, Claim::Picture, Claim::Email, Claim::EmailVerified, Claim::PhoneNumber];

fn any_app() -> impl Strategy<Value = App> {
    let purpose = (prop_oneof![Just(Need::Required), Just(Need::Optional)], 0..2, any::<bool>());
    let claims = prop::collection::btree_map(prop::sample::select(CLAIMS.to_vec()), purpose, 0..=CLAIMS.len());
    (claims, any::<bool>()).prop_map(|(claims, refreshes)| {
        let purpose = |(need, why, keep): (Need, i32, bool)| ClaimPurpose {
            need,
            why: format!("Reason {why}."),
            keep: keep.then(|| "a year".into()),
        };
        let claims = claims.into_iter().map(|(claim, given)| (claim, purpose(given))).collect();
        let app = App { claims, ..app() };
        if refreshes { with_refresh(app) } else { app }
    })
}

fn any_scope() -> impl Strategy<Value = Scope> {
    let values = vec!["openid", "profile", "email", "phone", "offline_access"];
    prop::sample::subsequence(values, 0..=5).prop_map(|values| Scope::parse(&values.join(" ")))
}

fn any_choice() -> impl Strategy<Value = Vec<Claim>> {
    prop::sample::subsequence(CLAIMS.to_vec(), 0..=CLAIMS.len())
}

/// What somebody agreed to with the app as it was once, perhaps paused since.
fn any_agreement() -> impl Strategy<Value = Agreement> {
    (any_app(), any_scope(), any_choice(), any::<bool>(), any::<bool>()).prop_map(
        |(app, scope, on, paused, implicit)| {
            let on = on.into_iter().collect();
            Agreement { paused, implicit, ..Agreement::unasked(&app, &scope, None, NOW).changed(&app, &on) }
        },
    )
}

proptest! {
    /// Promise 9: what goes out is declared, asked for by the scope, agreed to on today's text, and known; and all
    /// that is goes out.
    #[test]
    fn what_goes_out_is_declared_asked_for_agreed_to_and_known(
        app in any_app(),
        scope in any_scope(),
        agreement in any_agreement(),
        withheld in any_choice(),
    ) {
        let known = known().filtered(|claim| !withheld.contains(&claim));
        let sees = claims::visible(&app, &scope, &agreement, &known);
        let agreed_to = |claim: Claim| {
            let (purpose, choice) = (app.claims.get(&claim), agreement.choices.get(&claim));
            let is_today = |(purpose, choice): (&ClaimPurpose, &crate::flow::agreement::Choice)| {
                choice.on && choice.text == crate::flow::agreement::TextVersion::of(purpose)
            };
            scope.asks(claim) && !agreement.paused && purpose.zip(choice).is_some_and(is_today)
        };
        for claim in Claim::ALL {
            let by_another = claim == Claim::EmailVerified && agreed_to(Claim::Email);
            let goes_out = known.get(claim).is_some() && (agreed_to(claim) || by_another);
            prop_assert_eq!(sees.get(claim), known.get(claim).filter(|_| goes_out));
        }
        prop_assert_eq!(claims::visible(&app, &scope, &Agreement { paused: true, ..agreement }, &known).is_empty(), true);
    }

    /// Promise 5: no optional claim is on that the person did not turn on, on the text that they read.
    #[test]
    fn a_yes_turns_on_what_is_required_and_what_the_person_turned_on(
        app in any_app(),
        scope in any_scope(),
        earlier in prop::option::of(any_agreement()),
        on in any_choice(),
    ) {
        let (earlier, request) = (earlier.map(|e| Agreement { paused: false, ..e }), with(|r| r.scope = scope));
        let Some(question) = Question::about(&app, &request, &known(), earlier.as_ref()) else { return Ok(()) };
        let optional = |claim: &Claim| app.claims.get(claim).is_some_and(|p| p.need == Need::Optional);
        let asked = |claim: &Claim| question.claims.iter().any(|asked| asked.claim == *claim);
        let on: Vec<Claim> = on.into_iter().filter(|claim| optional(claim) && asked(claim)).collect();
        let after = Agreement::answered(&app, earlier.as_ref(), &question, &yes(&question, &on), NOW);
        for (claim, purpose) in &app.claims {
            let before = earlier.as_ref().is_some_and(|earlier| earlier.chose(*claim, purpose));
            let expected = if !asked(claim) { before } else { purpose.need == Need::Required || on.contains(claim) };
            prop_assert_eq!(after.lets(*claim, purpose), expected);
        }
        // Who changed nothing is not asked twice; a changed text is asked about, and nothing else.
        prop_assert_eq!(Question::about(&app, &request, &known(), Some(&after)), None);
        for claim in app.claims.keys().filter(|claim| request.scope.asks(**claim)) {
            let mut changed = app.clone();
            changed.claims.get_mut(claim).unwrap().why = "Another reason.".into();
            let question = Question::about(&changed, &request, &known(), Some(&after)).unwrap();
            let asked: Vec<Claim> = question.claims.iter().map(|asked| asked.claim).collect();
            prop_assert_eq!((asked, question.offline), (vec![*claim], false));
        }
    }
}
