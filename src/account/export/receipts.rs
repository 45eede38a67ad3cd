//! Consent records for the person, modelled on the record structure of ISO/IEC TS 27560, each signed by itself, so that
//! it proves by itself what was agreed to and in which words.

use serde::Serialize;

use crate::{
    keyring::{Signer, TokenType},
    partition::{Presence, Receipt, ReceiptEvent, ReceiptItem},
    seal::Sector,
    types::app::Need,
    web::{House, errors::PageError, links},
};

/// The version of this structure; it changes with the schema.
const SCHEMA_VERSION: &str = "1";

/// A record and its signature over the same content.
#[derive(Debug, Serialize)]
pub struct Signed<'a> {
    /// In clear.
    pub record: Record<'a>,
    /// The same as a compact JWS; `keys.json` has the key.
    pub jws: String,
}

/// One decision.
#[derive(Debug, Serialize)]
pub struct Record<'a> {
    iss: &'a str,
    schema_version: &'static str,
    record_id: String,
    /// What this app calls the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pii_principal_id: Option<String>,
    privacy_notice: String,
    pii_processing: Processing,
    party_identification: Vec<Party>,
    event: EventOf,
}

#[derive(Debug, Serialize)]
struct Processing {
    purposes: Vec<PurposeOf>,
    lawful_basis: &'static str,
    recipient: String,
    storage_location: &'static str,
    withdrawal_method: String,
}

#[derive(Debug, Serialize)]
struct PurposeOf {
    purpose: String,
    /// The version of these words.
    notice_version: String,
    pii_information: [Information; 1],
    retention_period: Option<String>,
    /// Whether the app may see it.
    allowed: bool,
}

#[derive(Debug, Serialize)]
struct Information {
    pii_type: &'static str,
    pii_optional: bool,
}

#[derive(Debug, Serialize)]
struct Party {
    party_id: String,
    party_name: String,
    party_role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    party_contact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    party_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct EventOf {
    event_type: &'static str,
    event_time: String,
    event_state: &'static str,
}

/// Every receipt of the account, signed.
///
/// # Errors
/// The store's own, and the signature library's.
pub async fn signed<'a>(house: &'a House, who: &Presence, signer: &dyn Signer) -> Result<Vec<Signed<'a>>, PageError> {
    let receipts = house.accounts.receipts(who).await?;
    receipts.iter().map(|receipt| sign(house, who, receipt, signer)).collect()
}

fn sign<'a>(house: &'a House, who: &Presence, receipt: &Receipt, signer: &dyn Signer) -> Result<Signed<'a>, PageError> {
    let record = record(house, who, receipt);
    let claims = serde_json::to_vec(&record).map_err(PageError::internal)?;
    let jws = signer.sign(TokenType::Receipt, &claims).map_err(PageError::internal)?;
    Ok(Signed { record, jws })
}

fn record<'a>(house: &'a House, who: &Presence, receipt: &Receipt) -> Record<'a> {
    let directory = house.directory();
    let app = directory.apps.get(&receipt.app);
    Record {
        iss: house.issuer.as_str(),
        schema_version: SCHEMA_VERSION,
        record_id: receipt.id.to_string(),
        pii_principal_id: app.map(|app| house.pseudonyms.subject(Sector::of(app), who.account).to_string()),
        privacy_notice: house.issuer.at(links::PRIVACY),
        pii_processing: Processing {
            purposes: receipt.items.iter().map(purpose).collect(),
            lawful_basis: if receipt.implicit { "contract" } else { "consent" },
            recipient: receipt.app.to_string(),
            storage_location: "nothing but this record is stored: values are sealed for the person's own browser and apps",
            withdrawal_method: house.issuer.at(links::ACCOUNT),
        },
        party_identification: parties(house, receipt),
        event: EventOf {
            event_type: event_type(receipt.event),
            event_time: receipt.at.rfc3339(),
            event_state: if receipt.event == ReceiptEvent::Withdrawn { "withdrawn" } else { "in_force" },
        },
    }
}

fn purpose(item: &ReceiptItem) -> PurposeOf {
    PurposeOf {
        purpose: item.why.clone(),
        notice_version: item.text.to_string(),
        pii_information: [Information { pii_type: item.claim.as_str(), pii_optional: item.need == Need::Optional }],
        retention_period: item.keep.clone(),
        allowed: item.on,
    }
}

fn parties(house: &House, receipt: &Receipt) -> Vec<Party> {
    let operator = house.pages.operator();
    vec![
        Party {
            party_id: house.issuer.as_str().to_owned(),
            party_name: operator.name.clone().unwrap_or_else(|| house.issuer.host().to_owned()),
            party_role: "broker",
            party_contact: operator.contact.clone(),
            party_url: Some(house.issuer.as_str().to_owned()),
        },
        Party {
            party_id: receipt.app.to_string(),
            party_name: receipt.app_name.clone(),
            party_role: "recipient",
            party_contact: None,
            party_url: receipt.policy.clone(),
        },
    ]
}

const fn event_type(event: ReceiptEvent) -> &'static str {
    match event {
        ReceiptEvent::Given => "given",
        ReceiptEvent::Changed => "changed",
        ReceiptEvent::Paused => "paused",
        ReceiptEvent::Resumed => "resumed",
        ReceiptEvent::Withdrawn => "withdrawn",
    }
}
