//! `claims.X = { need, why, keep }`: what an app asks for, and what it tells people about it.

use std::collections::BTreeMap;

use crate::{
    config::{providers::claim, section::Section, value::Value},
    types::{
        Claim,
        app::{ClaimPurpose, Need},
    },
};

pub(super) fn read(section: Section<'_>) -> Option<BTreeMap<Claim, ClaimPurpose>> {
    let read: Vec<_> = section.entries().into_iter().map(|(name, value)| entry(name, &value)).collect();
    read.into_iter().collect()
}

fn entry(name: &str, value: &Value<'_>) -> Option<(Claim, ClaimPurpose)> {
    let claim = if name == "sub" {
        value.fault("`sub` is always given: it names the person to this app", "remove it");
        None
    } else {
        claim(name, value)
    };
    let purpose = purpose(value);
    claim.zip(purpose)
}

fn purpose(value: &Value<'_>) -> Option<ClaimPurpose> {
    let section = value.section()?;
    let need = section
        .required("need", r#"write need = "required" or need = "optional""#)
        .and_then(|value| value.one_of(&[("required", Need::Required), ("optional", Need::Optional)]));
    let why = section
        .required("why", "write for the person why the app wants it, such as \"To greet you.\"")
        .and_then(|value| value.text().map(str::to_owned));
    let keep = section.get("keep").map(|value| value.text().map(str::to_owned));
    let keep = match keep {
        Some(keep) => Some(keep?),
        None => None,
    };
    Some(ClaimPurpose { need: need?, why: why?, keep })
}
