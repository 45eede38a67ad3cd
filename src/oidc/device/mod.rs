//! Devices without a browser (RFC 8628), as the person and the device see them: a code to type, a question whose device
//! it is, and then the same sign-in and the same consent as for any app.

mod begin;
mod person;

use actix_web::{HttpResponse, web};

pub use begin::begin;

use crate::{
    devices::Decision,
    flow::DeviceAsk,
    web::{House, errors::PageError, links, see_other},
};

/// The pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(links::DEVICE).get(person::code).post(person::typed))
        .service(web::resource(links::DEVICE_CONFIRM).get(person::question).post(person::answered))
        .service(web::resource(links::DEVICE_CONNECTED).get(person::connected))
        .service(web::resource(links::DEVICE_DECLINED).get(person::declined))
        .service(web::resource(links::DEVICE_EXPIRED).get(person::expired));
}

/// Puts the person's word where the device finds it, and tells the person what came of it.
pub(super) async fn decided(house: &House, ask: &DeviceAsk, decision: Decision<'_>) -> Result<HttpResponse, PageError> {
    let in_time = house.devices.decide(&ask.code, ask.id, decision).await?;
    Ok(see_other(match decision {
        Decision::Approved(_) if in_time => links::DEVICE_CONNECTED,
        Decision::Approved(_) => links::DEVICE_EXPIRED,
        Decision::Declined => links::DEVICE_DECLINED,
    }))
}
