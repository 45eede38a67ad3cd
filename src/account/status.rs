//! How far a deletion is: for whoever has its code, without signing in, since there is nobody left to sign in.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use crate::{
    partition::{Origin, Status, Told},
    types::{App, AppId, Timestamp},
    web::{
        Directory, House,
        errors::{PageError, Problem},
        headers::FormTargets,
        pages::{DeletionStatus, StatusApp, StatusFarewell, StatusOrigin, StatusTold},
    },
};

/// `GET /status/{code}`. A code that nobody was given looks like any other address where nothing is.
pub(super) async fn get(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    house.check_address(&request)?;
    let code = path.parse().map_err(|_| Problem::NotFound)?;
    let status = house.accounts.status(&code).await?.ok_or(Problem::NotFound)?;
    let directory = house.directory();
    let page = page(&directory, &status, house.clock.now());
    Ok(house.page(&request, StatusCode::OK, &page, &FormTargets::here()))
}

fn page<'a>(directory: &'a Directory, status: &'a Status, now: Timestamp) -> DeletionStatus<'a> {
    let provider = |id| directory.provider(id).map(|provider| provider.about().name.as_str());
    DeletionStatus {
        received: status.received,
        origin: match &status.origin {
            Origin::Person => StatusOrigin::Person,
            Origin::Operator => StatusOrigin::Operator,
            Origin::Provider(id) => StatusOrigin::Provider { name: provider(id).unwrap_or(id.as_str()) },
        },
        gone: status.gone,
        goes_on: status.goes_on,
        farewell: status.farewell.as_ref().map(|farewell| StatusFarewell {
            name: provider(&farewell.provider).unwrap_or(farewell.provider.as_str()),
            withdrawn: farewell.withdrawn,
        }),
        apps: status
            .apps
            .keys()
            .filter_map(|id| Some(line(id, directory.apps.get(id), status.told(id, now)?)))
            .collect(),
    }
}

fn line<'a>(id: &'a AppId, app: Option<&'a App>, told: Told) -> StatusApp<'a> {
    StatusApp {
        name: app.map_or(id.as_str(), |app| app.name.as_str()),
        contacts: app.map(|app| app.contacts.as_slice()).unwrap_or_default(),
        policy: app.and_then(|app| app.links.policy.as_ref()).map(url::Url::as_str),
        told: match told {
            Told::Waiting => StatusTold::Waiting,
            Told::Acknowledged(at) => StatusTold::Acknowledged(at),
            Told::Refused(at) => StatusTold::Refused(at),
            Told::NotReachable(at) => StatusTold::NotReachable(at),
            Told::NoChannel => StatusTold::NoChannel,
        },
    }
}
