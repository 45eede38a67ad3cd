//! `vestibule gate`: what the rules of an app behind the gate say, from the configuration alone.

use std::{collections::BTreeSet, fmt};

use clap::{Args, Subcommand};
use serde_json::json;
use url::Url;

use super::{Failure, Shared};
use crate::{
    config::Config,
    flow::{
        Learned,
        access::{Access, Asker, Target, access},
    },
    types::{
        App, AppId, Claim, Claims, Clock, ProviderId, SystemClock, access::Email, access::Group, access::Rule,
        gate::GateOrigin, request_path::RequestPath,
    },
};

/// `vestibule gate`.
#[derive(Debug, Args)]
pub struct GateArgs {
    #[command(subcommand)]
    command: GateCommand,
}

#[derive(Debug, Subcommand)]
enum GateCommand {
    /// Say which rule decides about a request, and why
    Explain(ExplainArgs),
}

/// `vestibule gate explain`.
#[derive(Debug, Args)]
struct ExplainArgs {
    /// The address, as a browser has it
    url: String,
    /// The method
    #[arg(long, default_value = "GET")]
    method: String,
    /// Who asks: a verified address, `app:ID` for a program, or `anyone`
    #[arg(long = "as", value_name = "WHO", default_value = "anyone")]
    who: String,
    /// The provider that vouches for the address; the first that the app allows by default
    #[arg(long, value_name = "SECTION")]
    provider: Option<ProviderId>,
    /// A group that they are in, as in the rules
    #[arg(long, value_name = "SECTION:NAME")]
    group: Vec<Group>,
}

/// Who asks, read from the call.
enum Who {
    Anyone,
    App(AppId),
    Person { provider: ProviderId, known: Claims, learned: Learned },
}

/// Says what `vestibule gate …` says.
///
/// # Errors
/// A wrong configuration, or a call that means nothing.
pub fn run(shared: &Shared, args: &GateArgs) -> Result<(), Failure> {
    let GateCommand::Explain(args) = &args.command;
    let config = shared.load()?;
    let (app, target) = find(&config, &args.url)?;
    let next = "an address that can be read in two ways is refused at the gate, too";
    let path = RequestPath::parse(&target).map_err(|problem| Failure::usage(problem.to_string(), next))?;
    let who = who(&config, app, args)?;
    let asker = match &who {
        Who::Anyone => Asker::Anonymous,
        Who::App(id) => Asker::Machine(id),
        Who::Person { provider, known, learned } => Asker::Person(learned.person(provider, known)),
    };
    let target = Target { path: &path, method: &args.method };
    let rules = app.access.as_deref().unwrap_or_default();
    let verdict = access(Some(rules), asker, Some(target), app.facts_max_age, SystemClock.now());
    let (word, at, why) = words(verdict);
    let rule = at.and_then(|at| rules.get(at)).map(|rule| Shown(rule).to_string());
    let number = at.map(|at| at + 1);
    let by = number.zip(rule.as_ref()).map_or_else(String::new, |(n, rule)| format!("\n  rule {n}: {rule}"));
    let text = format!("{word}: {why}\n  app {}, path {}, method {}{by}", app.id, path.as_str(), args.method);
    let json = json!({
        "app": app.id.as_str(), "path": path.as_str(), "method": args.method, "verdict": word, "why": why,
        "rule": number, "rule_text": rule,
    });
    shared.output().answer(text, &json)
}

/// The app of an address, and what is asked of it.
fn find<'a>(config: &'a Config, address: &str) -> Result<(&'a App, String), Failure> {
    let none = |problem: String| Failure::usage(problem, "name an address of an app that has `gate` in its section");
    // Cut by hand, as the gate does: a parser would mend what the gate refuses.
    let (scheme, rest) = address.split_once("://").ok_or_else(|| none(format!("{address} is not an address")))?;
    let (authority, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let target = if target.is_empty() { "/" } else { target };
    let origin = format!("{scheme}://{}", GateOrigin::spelled(scheme, authority));
    let app = config.apps.values().find(|app| app.gate.as_ref().is_some_and(|gate| gate.as_str() == origin));
    let app = app.ok_or_else(|| match Url::parse(&origin) {
        Ok(_) => none(format!("no app lives at {origin}")),
        Err(_) => none(format!("{address} is not an address")),
    })?;
    Ok((app, target.to_owned()))
}

fn who(config: &Config, app: &App, args: &ExplainArgs) -> Result<Who, Failure> {
    if args.who == "anyone" {
        return Ok(Who::Anyone);
    }
    if let Some(id) = args.who.strip_prefix("app:") {
        let known = id.parse().ok().filter(|id| config.apps.contains_key(id));
        return known.map(Who::App).ok_or_else(|| Failure::usage(format!("there is no app {id}"), "see [apps]"));
    }
    let email: Result<Email, _> = args.who.parse();
    if email.is_err() {
        let next = "write an address, app:ID, or anyone";
        return Err(Failure::usage(format!("{} is nobody", args.who), next));
    }
    let first = config.providers.iter().map(|provider| &provider.id).find(|id| app.allows(id));
    let provider = args.provider.clone().or_else(|| first.cloned());
    let provider =
        provider.ok_or_else(|| Failure::usage("nobody could vouch for them", "add a provider to the configuration"))?;
    let mut known = Claims::default();
    known.insert(Claim::Email, json!(args.who));
    known.insert(Claim::EmailVerified, json!(true));
    let groups: BTreeSet<Group> = args.group.iter().cloned().collect();
    let asked = app.named_groups().cloned().chain(groups.iter().cloned()).collect();
    Ok(Who::Person { provider, known, learned: Learned { asked, groups, at: SystemClock.now() } })
}

/// A verdict in words, and the rule that gave it.
const fn words(verdict: Access) -> (&'static str, Option<usize>, &'static str) {
    match verdict {
        Access::Public(at) => ("public", Some(at), "anyone may, and the app is told nobody's name"),
        Access::Allowed(at) => ("allowed", at, "the first rule that fits lets them in"),
        Access::SignIn => ("sign in", None, "nobody knows who asks; a rule might let them in"),
        Access::SignInAnew(at) => ("sign in anew", Some(at), "what this rule asks is not known, or no more"),
        Access::Denied => ("denied", None, "no rule fits, which is a no"),
    }
}

/// A rule as the configuration writes it.
struct Shown<'a>(&'a Rule);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { path, methods, public, emails, providers, groups, apps } = self.0;
        let mut parts = Vec::new();
        parts.extend(path.as_ref().map(|path| format!("path = \"{}\"", path.as_str())));
        parts.extend(public.then(|| "public = true".to_owned()));
        parts.extend(listed("methods", methods.as_deref()));
        parts.extend(listed("emails", emails.as_deref()));
        parts.extend(listed("providers", providers.as_deref()));
        parts.extend(listed("groups", groups.as_deref()));
        parts.extend(listed("apps", apps.as_deref()));
        write!(f, "{{ {} }}", parts.join(", "))
    }
}

fn listed<T: fmt::Display>(key: &str, all: Option<&[T]>) -> Option<String> {
    let words: Vec<String> = all?.iter().map(|word| format!("\"{word}\"")).collect();
    Some(format!("{key} = [{}]", words.join(", ")))
}
