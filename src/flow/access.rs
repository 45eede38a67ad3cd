//! Who may use an app: the same answer for OpenID Connect and for the gate, at every issuance. The first rule that fits
//! decides; where none does, the answer is no.

use std::{collections::BTreeSet, time::Duration};

use crate::types::{
    App, AppId, Claim, Claims, ProviderId, Timestamp,
    access::{Email, Group, Rule},
    request_path::RequestPath,
};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub enum Asker<'a> {
    /// Nobody has signed in.
    Anonymous,
    /// A person, with what their last login brought.
    Person(Person<'a>),
    /// A machine: an app with an access token for this one.
    Machine(&'a AppId),
}

/// What rules may know of a person.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Through whom they came in.
    pub provider: &'a ProviderId,
    /// What that provider said.
    pub known: &'a Claims,
    /// The groups that were asked for at the login; of the others nothing is known.
    pub asked: &'a BTreeSet<Group>,
    /// The groups among them that the person is in.
    pub groups: &'a BTreeSet<Group>,
    /// How old all that is.
    pub learned: Timestamp,
}

/// What is asked for, where it is a request through the gate.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Its path.
    pub path: &'a RequestPath,
    /// Its method, in upper case as the standard writes them; methods are case-sensitive (RFC 9110, section 9.1).
    pub method: &'a str,
}

/// The answer, and the rule that gave it, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone may, without signing in.
    Public(usize),
    /// This one may.
    Allowed(Option<usize>),
    /// Not before signing in.
    SignIn,
    /// What is known is too old, or was not asked for at the last login: a new login, then again.
    SignInAnew(usize),
    /// No.
    Denied,
}

/// Decides. `rules` is `None` for an app without an `access` list, which takes anyone who can sign in (and no machine).
pub fn access(
    rules: Option<&[Rule]>,
    asker: Asker<'_>,
    target: Option<Target<'_>>,
    facts_max_age: Duration,
    now: Timestamp,
) -> Access {
    let Some(rules) = rules else {
        return match asker {
            Asker::Anonymous => Access::SignIn,
            Asker::Person(_) => Access::Allowed(None),
            Asker::Machine(_) => Access::Denied,
        };
    };
    for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| is_about(rule, target)) {
        if rule.public {
            return Access::Public(at);
        }
        match fits(rule, asker, facts_max_age, now) {
            Fit::Yes => return Access::Allowed(Some(at)),
            Fit::No => {}
            Fit::Unknown => return Access::SignInAnew(at),
        }
    }
    // A rule for people might fit after a login.
    match asker {
        Asker::Anonymous if rules.iter().any(|rule| is_about(rule, target) && rule.apps.is_none()) => Access::SignIn,
        _ => Access::Denied,
    }
}

/// Decides whether somebody may sign in to `app`. At the gate they may who may use any part of it: which part, each
/// request is asked anew. What one rule would have to ask for is asked for now, so that no request has to send the
/// person back.
pub fn at_sign_in(app: &App, person: Person<'_>, now: Timestamp) -> Access {
    let (rules, asker) = (app.access.as_deref(), Asker::Person(person));
    let Some(rules) = rules.filter(|_| app.gate.is_some()) else {
        return access(rules, asker, None, app.facts_max_age, now);
    };
    let mut allowed = Access::Denied;
    for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| !rule.public) {
        match (fits(rule, asker, app.facts_max_age, now), allowed) {
            (Fit::Unknown, _) => return Access::SignInAnew(at),
            (Fit::Yes, Access::Denied) => allowed = Access::Allowed(Some(at)),
            _ => {}
        }
    }
    allowed
}

/// Whether a rule is about what is asked for. Outside the gate there is no path: a rule that names one is about nothing.
fn is_about(rule: &Rule, target: Option<Target<'_>>) -> bool {
    let Some(target) = target else { return rule.path.is_none() && rule.methods.is_none() && !rule.public };
    let path = rule
        .path
        .as_ref()
        .is_none_or(|prefix| if rule.public { prefix.opens(target.path) } else { prefix.covers(target.path) });
    path && rule.methods.as_ref().is_none_or(|methods| methods.iter().any(|method| method == target.method))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    No,
    Unknown,
}

fn fits(rule: &Rule, asker: Asker<'_>, facts_max_age: Duration, now: Timestamp) -> Fit {
    match asker {
        Asker::Anonymous => Fit::No,
        Asker::Machine(id) if !rule.names_people() => {
            if rule.apps.as_ref().is_some_and(|apps| apps.contains(id)) {
                Fit::Yes
            } else {
                Fit::No
            }
        }
        Asker::Machine(_) => Fit::No,
        Asker::Person(_) if rule.apps.is_some() => Fit::No,
        Asker::Person(person) => {
            let fit = fits_person(rule, person);
            // A provider does not change with time; what it said does.
            let stale = now.age_of(person.learned) > facts_max_age;
            let depends = rule.emails.is_some() || rule.groups.is_some();
            if stale && depends && fits_provider(rule, person) { Fit::Unknown } else { fit }
        }
    }
}

fn fits_provider(rule: &Rule, person: Person<'_>) -> bool {
    rule.providers.as_ref().is_none_or(|providers| providers.contains(person.provider))
}

fn fits_person(rule: &Rule, person: Person<'_>) -> Fit {
    if !fits_provider(rule, person) {
        return Fit::No;
    }
    if let Some(patterns) = &rule.emails {
        let email = verified_email(person.known);
        if !email.is_some_and(|email| patterns.iter().any(|pattern| pattern.matches(&email))) {
            return Fit::No;
        }
    }
    let Some(groups) = &rule.groups else { return Fit::Yes };
    // Only groups of the provider that the person came in through can be known.
    let mut theirs = groups.iter().filter(|group| group.provider == *person.provider);
    if theirs.clone().any(|group| person.groups.contains(group)) {
        Fit::Yes
    } else if theirs.any(|group| !person.asked.contains(group)) {
        Fit::Unknown
    } else {
        Fit::No
    }
}

/// An address counts only if the same provider says that it verified it, and if it has one reading.
fn verified_email(known: &Claims) -> Option<Email> {
    let verified = known.get(Claim::EmailVerified).and_then(serde_json::Value::as_bool) == Some(true);
    known.text(Claim::Email).filter(|_| verified)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn known(email: &str, verified: bool) -> Claims {
        let mut known = Claims::default();
        known.insert(Claim::Email, json!(email));
        known.insert(Claim::EmailVerified, json!(verified));
        known
    }

    struct Who {
        provider: ProviderId,
        known: Claims,
        asked: BTreeSet<Group>,
        groups: BTreeSet<Group>,
        learned: Timestamp,
    }

    impl Who {
        fn new(provider: &str, email: &str) -> Self {
            let provider = provider.parse().unwrap();
            let learned = Timestamp::from_secs(1_000_000);
            Self { provider, known: known(email, true), asked: BTreeSet::new(), groups: BTreeSet::new(), learned }
        }

        fn asker(&self) -> Asker<'_> {
            Asker::Person(Person {
                provider: &self.provider,
                known: &self.known,
                asked: &self.asked,
                groups: &self.groups,
                learned: self.learned,
            })
        }

        fn ask(&self, rules: &[Rule]) -> Access {
            access(Some(rules), self.asker(), None, DAY, self.learned)
        }
    }

    fn emails(pattern: &str) -> Rule {
        Rule { emails: Some(vec![pattern.parse().unwrap()]), ..Rule::default() }
    }

    fn groups(group: &str) -> Rule {
        Rule { groups: Some(vec![group.parse().unwrap()]), ..Rule::default() }
    }

    fn path(prefix: &str) -> Option<crate::types::request_path::PathPrefix> {
        Some(crate::types::request_path::PathPrefix::parse(prefix).unwrap())
    }

    #[test]
    fn without_rules_whoever_signs_in_may_and_no_machine() {
        let now = Timestamp::from_secs(5);
        let ada = Who::new("google", "ada@example.org");
        let app = "cron".parse().unwrap();
        assert_eq!(access(None, Asker::Anonymous, None, DAY, now), Access::SignIn);
        assert_eq!(access(None, ada.asker(), None, DAY, now), Access::Allowed(None));
        assert_eq!(access(None, Asker::Machine(&app), None, DAY, now), Access::Denied);
    }

    #[test]
    fn no_rule_is_a_no() {
        assert_eq!(Who::new("google", "ada@example.org").ask(&[]), Access::Denied);
        assert_eq!(access(Some(&[]), Asker::Anonymous, None, DAY, Timestamp::default()), Access::Denied);
    }

    #[test]
    fn only_a_verified_address_counts() {
        let rules = [emails("*@example.org")];
        let mut ada = Who::new("google", "ada@example.org");
        assert_eq!(ada.ask(&rules), Access::Allowed(Some(0)));
        ada.known = known("ada@example.org", false);
        assert_eq!(ada.ask(&rules), Access::Denied);
        ada.known.remove(Claim::EmailVerified);
        assert_eq!(ada.ask(&rules), Access::Denied);
    }

    #[test]
    fn a_group_counts_at_its_own_provider_only_and_one_not_asked_for_is_unknown() {
        let rules = [groups("github:acme/ops")];
        let mut ada = Who::new("github", "ada@example.org");
        assert_eq!(ada.ask(&rules), Access::SignInAnew(0));
        ada.asked.insert("github:acme/ops".parse().unwrap());
        assert_eq!(ada.ask(&rules), Access::Denied);
        ada.groups.insert("github:acme/ops".parse().unwrap());
        assert_eq!(ada.ask(&rules), Access::Allowed(Some(0)));
        ada.provider = "gitlab".parse().unwrap();
        assert_eq!(ada.ask(&rules), Access::Denied);
    }

    #[test]
    fn stale_facts_ask_for_a_login_never_for_trust() {
        let rules = [emails("*@example.org")];
        let ada = Who::new("google", "ada@example.org");
        let later = ada.learned.plus(DAY).plus(Duration::from_secs(1));
        assert_eq!(access(Some(&rules), ada.asker(), None, DAY, later), Access::SignInAnew(0));
        let clock_set_back = ada.learned.minus(DAY);
        assert_eq!(access(Some(&rules), ada.asker(), None, DAY, clock_set_back), Access::SignInAnew(0));
        // What does not depend on facts stays.
        let by_provider = [Rule { providers: Some(vec!["google".parse().unwrap()]), ..Rule::default() }];
        assert_eq!(access(Some(&by_provider), ada.asker(), None, DAY, later), Access::Allowed(Some(0)));
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let open = Rule { path: path("/public/"), public: true, ..Rule::default() };
        let admin = Rule { path: path("/admin"), ..groups("github:acme/ops") };
        let rules = [open, admin, emails("*@example.org")];
        let mut ada = Who::new("github", "ada@example.org");
        ada.asked.insert("github:acme/ops".parse().unwrap());
        let ask = |asker, target: &str| {
            let path = RequestPath::parse(target).unwrap();
            let target = Target { path: &path, method: "GET" };
            access(Some(&rules), asker, Some(target), DAY, ada.learned)
        };
        assert_eq!(ask(Asker::Anonymous, "/public/x"), Access::Public(0));
        assert_eq!(ask(Asker::Anonymous, "/x"), Access::SignIn);
        // The rule about /admin does not fit, a later one does: rules allow, they do not forbid.
        assert_eq!(ask(ada.asker(), "/admin"), Access::Allowed(Some(2)));
        assert_eq!(ask(ada.asker(), "/x"), Access::Allowed(Some(2)));
    }

    #[test]
    fn methods_and_machines_are_what_a_rule_names() {
        let read = Rule { methods: Some(vec!["GET".into()]), ..emails("*@example.org") };
        let machine = Rule { apps: Some(vec!["cron".parse().unwrap()]), ..Rule::default() };
        let rules = [read, machine];
        let ada = Who::new("github", "ada@example.org");
        let path = RequestPath::parse("/x").unwrap();
        let ask = |asker, method| access(Some(&rules), asker, Some(Target { path: &path, method }), DAY, ada.learned);
        assert_eq!(ask(ada.asker(), "GET"), Access::Allowed(Some(0)));
        for method in ["POST", "get", "HEAD", "OPTIONS", "TRACE", ""] {
            assert_eq!(ask(ada.asker(), method), Access::Denied, "{method}");
        }
        let (cron, other) = ("cron".parse().unwrap(), "other".parse().unwrap());
        assert_eq!(ask(Asker::Machine(&cron), "POST"), Access::Allowed(Some(1)));
        assert_eq!(ask(Asker::Machine(&other), "POST"), Access::Denied);
    }

    /// At the door of a gated app each rule is asked, wherever it applies: what one would have to know is asked for now.
    #[test]
    fn whoever_may_use_any_part_of_a_gated_app_may_sign_in() {
        let public = Rule { path: path("/public/"), public: true, ..Rule::default() };
        let machine = Rule { apps: Some(vec!["cron".parse().unwrap()]), ..Rule::default() };
        let admin = Rule { path: path("/admin"), ..groups("github:acme/ops") };
        let app = |rules: &[&Rule]| App {
            gate: Some("https://wiki.test".parse().unwrap()),
            access: Some(rules.iter().map(|rule| (*rule).clone()).collect()),
            ..crate::flow::tests::app()
        };
        let ask = |who: &Who, rules: &[&Rule], later: Duration| match who.asker() {
            Asker::Person(person) => at_sign_in(&app(rules), person, who.learned.plus(later)),
            _ => Access::Denied,
        };
        let (now, people) = (Duration::ZERO, emails("*@example.org"));
        let ada = Who::new("google", "ada@example.org");
        assert_eq!(ask(&ada, &[&public, &admin, &people], now), Access::Allowed(Some(2)));
        assert_eq!(ask(&ada, &[&public, &machine], now), Access::Denied, "what is open to all needs no sign-in");
        assert_eq!(ask(&ada, &[&people], DAY + Duration::from_secs(1)), Access::SignInAnew(0));
        let mut grace = Who::new("github", "grace@example.org");
        assert_eq!(ask(&grace, &[&people, &admin], now), Access::SignInAnew(1), "asked now, not at the first /admin");
        grace.asked.insert("github:acme/ops".parse().unwrap());
        assert_eq!(ask(&grace, &[&people, &admin], now), Access::Allowed(Some(0)));
    }

    #[test]
    fn outside_the_gate_a_rule_about_a_path_is_about_nothing() {
        let rules = [Rule { path: path("/"), ..emails("*@example.org") }, Rule { public: true, ..Rule::default() }];
        assert_eq!(Who::new("google", "ada@example.org").ask(&rules), Access::Denied);
    }
}
