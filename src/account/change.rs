//! What a person decides about an app. It counts for the next token, and for UserInfo at once.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{acting::act, note};
use crate::{
    consent::Changed,
    partition::Presence,
    session::Session,
    types::{App, AppId},
    web::{
        House,
        choices::turned_on,
        csrf::Form,
        errors::{PageError, Problem},
        pages::Said,
        params::Params,
        sign_out,
    },
};

/// `POST /account/apps/{app}`: of what is optional, the app gets what is on, and nothing else.
pub async fn choose(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    decide(&house, &request, &path, form, ("changed", Said::Changed), async |who, app, params| {
        let on = turned_on(params, &["form_token"])?;
        Ok(house.consents.change(who, app, &on).await?)
    })
    .await
}

/// `POST /account/apps/{app}/pause`: nothing goes out until it is resumed.
pub async fn pause(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    decide(&house, &request, &path, form, ("paused", Said::Paused), async |who, app, _| {
        Ok(house.consents.pause(who, app).await?)
    })
    .await
}

/// `POST /account/apps/{app}/resume`: it goes on, with what it may see.
pub async fn resume(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    decide(&house, &request, &path, form, ("resumed", Said::Resumed), async |who, app, _| {
        Ok(house.consents.resume(who, app).await?)
    })
    .await
}

/// `POST /account/apps/{app}/disconnect`: its access ends. It may be set up no more.
pub async fn disconnect(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    act(&house, &request, form, async |session, _| {
        let app = AppId::from_part(&path).map_err(|_| Problem::NotFound)?;
        let changed = house.consents.disconnect(&session.who, &app).await?;
        if changed == Changed::Done {
            sign_out::tidy(&house, &session.who).await;
        }
        told(&house, &session, &app, changed, ("disconnected", Said::Disconnected))
    })
    .await
}

/// Decides about an app that is here; `words` tell the witness and the person what was done.
async fn decide(
    house: &House,
    request: &HttpRequest,
    id: &str,
    form: Form,
    words: (&'static str, Said),
    deed: impl AsyncFnOnce(&Presence, &App, &Params) -> Result<Changed, PageError>,
) -> Result<HttpResponse, PageError> {
    act(house, request, form, async |session, params| {
        let id = AppId::from_part(id).map_err(|_| Problem::NotFound)?;
        house.meet_named(request, id.as_str()).await?;
        let directory = house.directory.load_full();
        let app = directory.apps.get(&id).ok_or(Problem::NotFound)?;
        let changed = deed(&session.who, app, &params).await?;
        told(house, &session, &id, changed, words)
    })
    .await
}

/// Tells the witness what was done, and the person how it came out.
fn told(
    house: &House,
    session: &Session,
    app: &AppId,
    changed: Changed,
    (word, done): (&'static str, Said),
) -> Result<HttpResponse, PageError> {
    let said = match changed {
        Changed::Done => {
            house.witness.changed(app, session, word);
            done
        }
        Changed::Nothing => Said::Same,
        Changed::Gone => Said::NotConnected,
    };
    note::go_back(house, session, said, app.as_str())
}
