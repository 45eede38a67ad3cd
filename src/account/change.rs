//! What a person decides about an app. It counts for the next token, and for UserInfo at once.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{acting::act, note};
use crate::{
    consent::Changed,
    session::Session,
    types::{App, AppId},
    web::{
        Directory, House,
        choices::turned_on,
        csrf::Form,
        errors::{PageError, Problem},
        pages::Said,
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
    act(&house, &request, form, async |session, params| {
        let directory = directory(&house, &request, &path).await?;
        let app = registered(&directory, &path)?;
        let on = turned_on(&params, &["form_token"])?;
        let changed = house.consents.change(&session.who, app, &on).await?;
        told(&house, &session, &app.id, (changed, "changed", Said::Changed))
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
    act(&house, &request, form, async |session, _| {
        let directory = directory(&house, &request, &path).await?;
        let app = registered(&directory, &path)?;
        let changed = house.consents.pause(&session.who, app).await?;
        told(&house, &session, &app.id, (changed, "paused", Said::Paused))
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
    act(&house, &request, form, async |session, _| {
        let directory = directory(&house, &request, &path).await?;
        let app = registered(&directory, &path)?;
        let changed = house.consents.resume(&session.who, app).await?;
        told(&house, &session, &app.id, (changed, "resumed", Said::Resumed))
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
        told(&house, &session, &app, (changed, "disconnected", Said::Disconnected))
    })
    .await
}

/// Who is registered, the app of that id among them if it can be met.
async fn directory(house: &House, request: &HttpRequest, id: &str) -> Result<Arc<Directory>, PageError> {
    let id = AppId::from_part(id).map_err(|_| Problem::NotFound)?;
    house.meet_named(request, id.as_str()).await?;
    Ok(house.directory.load_full())
}

fn registered<'a>(directory: &'a Directory, id: &str) -> Result<&'a App, PageError> {
    let id = AppId::from_part(id).map_err(|_| Problem::NotFound)?;
    directory.apps.get(&id).ok_or_else(|| Problem::NotFound.into())
}

/// Tells the witness what was done, and the person how it came out.
fn told(
    house: &House,
    session: &Session,
    app: &AppId,
    (changed, word, done): (Changed, &'static str, Said),
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
