//! `vestibule account`: what people ask of the operator by letter. A person is named by their provider and their
//! subject there; what the store knows them by is derived from both.

use std::{fmt, io::Read};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, Output, Shared, on_record::on_record};
use crate::{
    account::export::{Export, gather},
    accounts::{Deleted, Found},
    audit::EventKind,
    broker::{Broker, World},
    config::Config,
    partition::{Origin, Presence, StatusCode},
    store::StoreError,
    types::{ProviderId, ids::IdentityId},
    upstream::UpstreamSubject,
    web::{House, links},
};

/// Whole accounts.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AccountCommand,
}

/// What can be done with an account.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// What is kept, in short: no values, which only the person's browser and the apps can open
    Show(Person),
    /// All that is kept, as JSON with the names of the published schema: no values
    Export(Person),
    /// End all sessions, and let nobody in by any way of theirs
    Block(Person),
    /// Lift a block
    Unblock(Person),
    /// Delete everything, tell the apps, and give the code of the status page
    Delete(Person),
}

/// Somebody, as a provider knows them.
#[derive(Debug, Args)]
pub struct Person {
    /// The provider's section in the configuration
    provider: String,
    /// The person's subject there (`sub`, or the user id), or - to read it from standard input
    subject: String,
}

/// Does what the call says, also while `serve` runs on the same store.
///
/// # Errors
/// A wrong call or configuration, a store that is away.
pub fn run(shared: &Shared, args: &AccountArgs) -> Result<(), Failure> {
    let config = shared.load()?;
    let (AccountCommand::Show(person)
    | AccountCommand::Export(person)
    | AccountCommand::Block(person)
    | AccountCommand::Unblock(person)
    | AccountCommand::Delete(person)) = &args.command;
    let subject = subject(person)?;
    let (provider, namespace) = namespace(&config, &person.provider)?;
    let audit = config.audit.clone();
    let act = |world| {
        let broker = Broker::new(config, world).map_err(Failure::misconfigured)?;
        super::runtime()?.block_on(async {
            let house = broker.house();
            let identity = house.pseudonyms.identity(&namespace, subject.expose());
            let desk = Desk { identity, provider, house, out: shared.output() };
            match args.command {
                AccountCommand::Show(_) => desk.show().await,
                AccountCommand::Export(_) => desk.export().await,
                AccountCommand::Block(_) => desk.block().await,
                AccountCommand::Unblock(_) => desk.unblock().await,
                AccountCommand::Delete(_) => desk.delete().await,
            }
        })
    };
    match args.command {
        AccountCommand::Show(_) | AccountCommand::Export(_) => act(World::system()),
        AccountCommand::Block(_) | AccountCommand::Unblock(_) | AccountCommand::Delete(_) => on_record(audit, act),
    }
}

fn subject(person: &Person) -> Result<UpstreamSubject, Failure> {
    let mut text = person.subject.clone();
    if text == "-" {
        text.clear();
        let most = u64::try_from(UpstreamSubject::MAX).unwrap_or(u64::MAX).saturating_add(2);
        let read = std::io::stdin().lock().take(most).read_to_string(&mut text);
        read.map_err(|error| Failure::usage(error.to_string(), "write the subject to standard input"))?;
    }
    UpstreamSubject::new(text.trim_end_matches(['\r', '\n'])).ok_or_else(|| {
        Failure::usage("that is no subject", "give it as the provider does: up to 255 characters of ASCII")
    })
}

/// The provider, and what the subject is derived under. One that is switched off has people, too.
fn namespace(config: &Config, provider: &str) -> Result<(ProviderId, String), Failure> {
    let known = |id: &ProviderId| config.providers.iter().find(|known| known.id == *id);
    let found = provider.parse::<ProviderId>().ok().and_then(|id| known(&id));
    found.map(|found| (found.id.clone(), found.namespace.clone())).ok_or_else(|| {
        let all: Vec<&str> = config.providers.iter().map(|known| known.id.as_str()).collect();
        Failure::usage("there is no such provider", format!("name a section of [providers]: {}", all.join(", ")))
    })
}

/// The house, and whom the letter is about.
struct Desk {
    identity: IdentityId,
    provider: ProviderId,
    house: House,
    out: Output,
}

impl Desk {
    async fn found(&self) -> Result<Found, Failure> {
        self.house.accounts.found(self.identity).await.map_err(away)
    }

    async fn gathered(&self, who: &Presence) -> Result<Export, Failure> {
        gather(&self.house, who, None).await.map_err(away)
    }

    async fn show(&self) -> Result<(), Failure> {
        let Found { who, blocked, locked } = self.found().await?;
        let Some(who) = who else {
            let text = if blocked {
                "Nobody is here. Whoever comes by it is refused: it is blocked."
            } else {
                "Nobody is here."
            };
            return self.out.answer(text, &json!({ "account": null, "blocked": blocked, "locked": locked }));
        };
        let export = self.gathered(&who).await?;
        let json = json!({
            "account": export.account, "blocked": blocked, "locked": locked, "ways": export.ways, "apps": export.apps,
            "sessions": export.sessions, "passes": export.passes, "access": export.access, "history": export.history.len(),
        });
        self.out.answer(Summary { export: &export, blocked, locked }, &json)
    }

    async fn export(&self) -> Result<(), Failure> {
        let Some(who) = self.found().await?.who else {
            return Err(Failure::failed("nobody is here", "answer that nothing is kept about this person"));
        };
        let json = serde_json::to_value(self.gathered(&who).await?);
        let json = json.map_err(|error| Failure::failed(error.to_string(), "report this"))?;
        self.out.answer(format!("{json:#}"), &json)
    }

    async fn block(&self) -> Result<(), Failure> {
        let who = self.found().await?.who;
        self.house.accounts.block(self.identity).await.map_err(away)?;
        self.house.witness.operator(EventKind::Blocked, &self.provider, who.as_ref());
        self.out.answer("Blocked: every session has ended, and nobody comes in.", &json!({ "blocked": true }))
    }

    async fn unblock(&self) -> Result<(), Failure> {
        let who = self.found().await?.who;
        self.house.accounts.unblock(self.identity).await.map_err(away)?;
        self.house.witness.operator(EventKind::Unblocked, &self.provider, who.as_ref());
        self.out.answer("Not blocked any more: the person may sign in.", &json!({ "blocked": false }))
    }

    async fn delete(&self) -> Result<(), Failure> {
        let code = StatusCode::generate(self.house.sealer.random());
        let who = self.found().await?.who;
        let deleted = match &who {
            Some(who) => self.house.accounts.delete(who, Origin::Operator, &code).await.map_err(away)?,
            None => Deleted::Gone,
        };
        if deleted == Deleted::Gone {
            return self.out.answer("Nobody is here: there is nothing to delete.", &json!({ "deleted": false }));
        }
        self.house.witness.operator(EventKind::Deleted, &self.provider, who.as_ref());
        let url = format!("{}{}", self.house.issuer, links::status(code.expose()));
        let text =
            format!("Deleted. How far the apps are: {url}\nSend this address to the person; it works for a year.");
        self.out.answer(text, &json!({ "deleted": true, "confirmation_code": code.expose(), "url": url }))
    }
}

/// What is kept, for people.
struct Summary<'a> {
    export: &'a Export,
    blocked: bool,
    locked: bool,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Export { account, ways, apps, sessions, passes, access, history, .. } = self.export;
        writeln!(f, "since     {}", account.since)?;
        writeln!(f, "audit id  {}", account.audit_id)?;
        if self.blocked {
            writeln!(f, "blocked   nobody comes in")?;
        }
        if self.locked {
            writeln!(f, "locked    the provider warned of this way in")?;
        }
        for way in ways {
            writeln!(f, "way       {}", way.provider)?;
        }
        for app in apps {
            let paused = app.consent.as_ref().is_some_and(|consent| consent.paused);
            writeln!(f, "app       {}{}", app.app, if paused { "  paused" } else { "" })?;
        }
        for session in sessions {
            let device = session.device.as_deref().unwrap_or("unknown browser");
            writeln!(f, "session   {device}, {}, last seen {}", session.provider, session.last_seen_at)?;
        }
        for pass in passes {
            writeln!(f, "pass      {}, since {}", pass.app, pass.since)?;
        }
        writeln!(f, "access    {} held by apps", access.len())?;
        write!(f, "history   {} lines", history.len())
    }
}

fn away(error: StoreError) -> Failure {
    Failure::failed(error.to_string(), "check that the store answers, then try again: nothing is half done")
}
