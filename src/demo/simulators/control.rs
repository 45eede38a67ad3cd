//! The control endpoints: faults and standing answers on demand.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::{desk::Desk, fault::Fault};

/// `{"kind": "wrong_nonce"}`.
#[derive(Deserialize)]
pub(crate) struct Arm {
    kind: String,
}

/// `{"person": "ada"}`.
#[derive(Deserialize)]
pub(crate) struct Answer {
    person: String,
}

/// `POST /_simulator/fault`.
pub(crate) async fn fault(desk: web::Data<Desk>, arm: web::Json<Arm>) -> HttpResponse {
    match Fault::parse(&arm.kind) {
        Some(fault) => {
            desk.arm(fault);
            HttpResponse::NoContent().finish()
        }
        None => {
            let known: Vec<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
            HttpResponse::BadRequest().json(json!({ "error": "no such fault", "known": known }))
        }
    }
}

/// `POST /_simulator/answer`.
pub(crate) async fn answer(desk: web::Data<Desk>, answer: web::Json<Answer>) -> HttpResponse {
    if answer.person != "refuse" && desk.person(&answer.person).is_none() {
        let known: Vec<_> = desk.people.iter().map(|person| person.handle).collect();
        return HttpResponse::BadRequest().json(json!({ "error": "no such person", "known": known }));
    }
    desk.answer_with(&answer.person);
    HttpResponse::NoContent().finish()
}

/// `POST /_simulator/clear`.
pub(crate) async fn clear(desk: web::Data<Desk>) -> HttpResponse {
    desk.clear();
    HttpResponse::NoContent().finish()
}
