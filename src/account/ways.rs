//! The ways to sign in, and removing one. The last stays: leaving for good is another act.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{acting::act, names, note};
use crate::{
    accounts::Unlinked,
    partition::{By, Presence},
    types::ids::IdentityId,
    web::{
        Directory, House,
        csrf::Form,
        errors::{PageError, Problem},
        links,
        pages::{Addable, Said, Way},
        sign_out,
    },
};

/// The ways that an account has.
pub(super) fn of<'a>(directory: &'a Directory, who: &'a Presence) -> Vec<Way<'a>> {
    let way = |way: &'a crate::partition::HeadIdentity| Way {
        id: way.identity.to_string(),
        name: names::provider(directory, way.provider.as_str()),
        brand: names::brand(directory, way.provider.as_str()),
    };
    who.living.identities.iter().map(way).collect()
}

/// The providers through which it has none yet.
pub(super) fn addable<'a>(directory: &'a Directory, who: &Presence) -> Vec<Addable<'a>> {
    let abouts = directory.providers.iter().map(|provider| provider.about());
    let new = abouts.filter(|about| !who.living.identities.iter().any(|way| way.provider == about.id));
    new.map(|about| Addable { id: about.id.as_str(), name: &about.name, brand: about.brand }).collect()
}

/// `POST /account/ways/{identity}/unlink`: removes one, and signs out the browsers that came by it.
pub async fn unlink(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    act(&house, &request, form, async |session, _| {
        let identity: IdentityId = path.parse().map_err(|_| Problem::NotFound)?;
        let listed = session.who.living.identities.iter().find(|way| way.identity == identity);
        let provider = listed.map(|way| way.provider.clone());
        let about = provider.as_ref().map_or("", |provider| provider.as_str());
        let said = match house.accounts.unlink(&session.who, identity).await? {
            Unlinked::LastWay => return note::go_back(&house, &session, Said::LastWay, about),
            Unlinked::Done => Said::Unlinked,
            Unlinked::NotHere | Unlinked::Changed => Said::UnlinkedBefore,
        };
        if let Some(provider) = provider.as_ref().filter(|_| said == Said::Unlinked) {
            house.witness.unlinked(&session, provider);
        }
        // Also when it was gone before: whoever removed it may have been interrupted here.
        house.sessions.end_through(&session.who, identity, By::User).await?;
        sign_out::tidy(&house, &session.who).await;
        if identity == session.identity {
            return sign_out::leave(&house, links::SIGNED_OUT);
        }
        note::go_back(&house, &session, said, about)
    })
    .await
}
