//! What comes of a message. All of it may be done again, from any point at which it broke off; the record that it was
//! done comes last.

use crate::{
    accounts::{Behind, Parted, Saying},
    partition::{By, Origin, Presence, ProviderWord, StatusCode},
    store::StoreError,
    types::{
        ProviderId,
        ids::{IdentityId, RandomId},
    },
    upstream::{
        About, Notice,
        notice::{News, Word},
    },
    web::House,
};

/// Whether a message is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It was acted on now.
    Now,
    /// It was before.
    Before,
}

/// Whom a message turned out to be about.
#[derive(Clone, Copy, Default)]
struct Found {
    identity: Option<IdentityId>,
    account: Option<RandomId>,
    deleted: bool,
}

/// The code that shows how far the deletion is that a message asked for.
pub(super) fn code(house: &House, notice: &Notice) -> StatusCode {
    StatusCode::of_message(&notice.name, &house.pseudonyms)
}

/// Acts on a message, once.
pub(super) async fn act(house: &House, about: &About, notice: &Notice) -> Result<Heard, StoreError> {
    if house.heard.knows(&notice.name).await? {
        return Ok(Heard::Before);
    }
    let mut found = Vec::with_capacity(notice.news.len());
    for (place, news) in notice.news.iter().enumerate() {
        found.push(one(house, about, notice, place, news).await?);
    }
    let identity = found.iter().find_map(|found| found.identity);
    if !house.heard.keep(&notice.name, identity).await? {
        return Ok(Heard::Before);
    }
    for (news, found) in notice.news.iter().zip(found) {
        tell(house, about, news, found);
    }
    Ok(Heard::Now)
}

fn tell(house: &House, about: &About, news: &News, found: Found) {
    if let Word::Trial(state) = &news.word {
        house.witness.trial(&about.id, state);
    }
    house.witness.provider_said(&about.id, found.account, label(&news.word));
    if let (true, Some(account)) = (found.deleted, found.account) {
        house.witness.deleted_for_provider(&about.id, account);
    }
}

/// What the audit calls it.
const fn label(word: &Word) -> &'static str {
    match word {
        Word::SessionsRevoked => "sessions_revoked",
        Word::AccessRevoked => "access_revoked",
        Word::Disabled { hijacked: true } => "hijacked",
        Word::Disabled { hijacked: false } => "disabled",
        Word::Enabled => "enabled",
        Word::Gone => "gone",
        Word::CredentialChange => "credential_change",
        Word::MailOff => "mail_off",
        Word::MailOn => "mail_on",
        Word::TokenRevoked => "token_revoked",
        Word::Trial(_) => "verification",
        Word::Other => "other",
    }
}

/// What the person's history calls it.
const fn said(word: &Word) -> Option<ProviderWord> {
    Some(match word {
        Word::SessionsRevoked => ProviderWord::SessionsRevoked,
        Word::AccessRevoked => ProviderWord::AccessRevoked,
        Word::Disabled { .. } => ProviderWord::Disabled,
        Word::Enabled => ProviderWord::Enabled,
        Word::Gone => ProviderWord::Purged,
        Word::CredentialChange => ProviderWord::CredentialChange,
        Word::MailOff => ProviderWord::MailOff,
        Word::MailOn => ProviderWord::MailOn,
        Word::TokenRevoked | Word::Trial(_) | Word::Other => return None,
    })
}

async fn one(house: &House, about: &About, notice: &Notice, place: usize, news: &News) -> Result<Found, StoreError> {
    let (Some(whom), Some(word)) = (&news.whom, said(&news.word)) else { return Ok(Found::default()) };
    let identity = house.pseudonyms.identity(&about.namespace, whom.expose());
    let nobody = Found { identity: Some(identity), ..Found::default() };
    let (who, blocked) = match house.accounts.behind(identity, notice.issued).await? {
        Behind::Somebody(who) => (who, false),
        Behind::Blocked(who) => (who, true),
        Behind::Nobody => {
            if news.word == Word::Gone {
                house.accounts.nobody(Origin::Provider(about.id.clone()), &code(house, notice)).await?;
            }
            return Ok(nobody);
        }
    };
    let found = Found { account: Some(who.living.audit_id), ..nobody };
    if let Some(shut) = shuts(&news.word) {
        if !house.heard.is_last_word(identity, notice.issued).await? {
            return Ok(found);
        }
        house.accounts.lock(identity, shut).await?;
    }
    if !blocked {
        let saying = Saying { id: saying_id(notice, place), at: notice.issued, provider: about.id.clone(), word };
        house.accounts.said(&who, &saying).await?;
    }
    let through = Through { who: &who, identity, about };
    match &news.word {
        Word::SessionsRevoked => end_sessions(house, &through).await?,
        Word::AccessRevoked | Word::Disabled { hijacked: true } => end_access(house, &through).await?,
        Word::Gone => {
            let deleted = part(house, &through, &code(house, notice)).await?;
            return Ok(Found { deleted, ..found });
        }
        _ => {}
    }
    Ok(found)
}

/// Whether a word shuts a way to sign in, or opens it again.
const fn shuts(word: &Word) -> Option<bool> {
    match word {
        Word::Disabled { hijacked: true } => Some(true),
        Word::Enabled => Some(false),
        _ => None,
    }
}

/// One name for one thing that one message says.
fn saying_id(notice: &Notice, place: usize) -> RandomId {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = notice.name;
    // There are few things in one message.
    RandomId::new([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p ^ u8::try_from(place).unwrap_or(u8::MAX)])
}

/// Somebody, and the way by which a message knows them.
struct Through<'a> {
    who: &'a Presence,
    identity: IdentityId,
    about: &'a About,
}

/// Signs out every browser that came this way. What is bound to those sessions ends with them; what survives signing
/// out goes on (Back-Channel Logout 1.0, section 2.7).
async fn end_sessions(house: &House, through: &Through<'_>) -> Result<(), StoreError> {
    house.sessions.end_through(through.who, through.identity, By::Policy).await.map(drop)
}

/// The same, and everything that apps hold from there.
async fn end_access(house: &House, through: &Through<'_>) -> Result<(), StoreError> {
    end_sessions(house, through).await?;
    house.grants.end_through(through.who, &sharing(house, through.about)).await.map(drop)
}

/// The sections through which the same identity may have come.
fn sharing(house: &House, about: &About) -> Vec<ProviderId> {
    let directory = house.directory();
    let same = directory.providers.iter().map(|provider| provider.about());
    same.filter(|other| other.namespace == about.namespace).map(|other| other.id.clone()).collect()
}

/// Gives up everything that is known through this way; whether that was the whole account.
async fn part(house: &House, through: &Through<'_>, code: &StatusCode) -> Result<bool, StoreError> {
    end_access(house, through).await?;
    let origin = Origin::Provider(through.about.id.clone());
    let parted = house.accounts.part(through.who, through.identity, origin, code).await?;
    if parted == Parted::Unlinked {
        // Whoever came in at the last moment.
        end_access(house, through).await?;
    }
    Ok(parted == Parted::Deleted)
}
