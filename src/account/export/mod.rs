//! Everything that is kept about a person, to take with them: one zip of JSON files and a README in plain words
//! (GDPR, articles 15 and 20). The shape of the files is published as a JSON Schema.
//!
//! | file | what it knows |
//! |---|---|
//! | `gather` | what the services have on the account |
//! | `documents` | the shape of each file |
//! | `receipts` | consent records, modelled on ISO/IEC TS 27560, and their signatures |
//! | `archive` | manifest and zip |

mod archive;
mod documents;
mod gather;
mod receipts;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web,
};

pub use documents::Export;
pub use gather::gather;

use crate::{
    keyring::Signer,
    partition::Deed,
    types::jws::Alg,
    web::{
        House, csrf,
        errors::{PageError, Problem},
        headers, links, locale_of, see_other,
    },
};

/// The published shape of the files (JSON Schema, draft 2020-12).
const SCHEMA: &str = include_str!("export.schema.json");

/// `GET /account/export`: the archive, for the browser that is signed in.
///
/// # Errors
/// The store's; the keys not being ready yet.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    house.check_address(&request)?;
    // Nobody else has an archive made and put on their disk: the person may ask for it on the page.
    let Some(session) = house.session(&request).await?.filter(|_| !csrf::is_sent_by_another_site(&request)) else {
        return Ok(see_other(links::ACCOUNT));
    };
    let signer = house.keyring.current(Alg::ES256).ok_or(Problem::StoreAway)?;
    let keys = house.keyring.jwks().ok_or(Problem::StoreAway)?;
    // First, so that the archive says that it was made.
    house.accounts.note(&session.who, Deed::Exported).await?;
    let export = gather(&house, &session.who, Some((&request, &session))).await?;
    let receipts = receipts::signed(&house, &session.who, signer.as_ref() as &dyn Signer).await?;
    let readme = house.pages.words(locale_of(&request, None));
    let zip =
        archive::zip(&archive::Parts { house: &house, export: &export, receipts: &receipts, keys: &keys.json, readme })
            .map_err(PageError::internal)?;
    house.witness.exported(&session);
    let name =
        format!("{}-{}.zip", house.issuer.host(), export.account.generated_at.split('T').next().unwrap_or_default());
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    };
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    Ok(response
        .insert_header((header::CONTENT_TYPE, "application/zip"))
        .insert_header(disposition)
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(zip))
}

/// `GET /account/export/schema`: for whoever reads the files by program.
pub async fn schema() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/schema+json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(SCHEMA)
}
