//! A device asks whether the person has decided (RFC 8628, section 3.5).

use std::time::Duration;

use super::{
    Devices,
    record::{DeviceCode, Record, State},
};
use crate::{
    partition::races,
    seal::mailbox,
    store::{Guard, Outcome, RecordKey, StoreError},
    types::{AppId, SecretText},
};

/// What it is told.
#[derive(Debug, PartialEq, Eq)]
pub enum Polled {
    /// `authorization_pending`.
    Pending,
    /// `slow_down`: it asked too soon, and has to wait longer from now on.
    SlowDown,
    /// `access_denied`.
    Declined,
    /// `expired_token`.
    Expired,
    /// `invalid_grant`: no code of ours, or another app's.
    Unknown,
    /// Yes; this is what it gets its tokens for.
    Approved(SecretText),
}

impl Devices {
    /// The state of a request, for the app that began it.
    ///
    /// # Errors
    /// The store's own.
    pub async fn poll(&self, app: &AppId, device_code: &str) -> Result<Polled, StoreError> {
        let code = DeviceCode::open(self.codec.sealer(), device_code).filter(|code| code.app == *app);
        let Some(code) = code else { return Ok(Polled::Unknown) };
        for _ in 0..races::TRIES {
            // A request of somebody else, which the same user code came up for later, does not open with this secret.
            let found = self.read(&code.place).await?;
            let mailbox = crate::seal::Mailbox::of(&code.secret);
            let own = found.filter(|(record, _)| mailbox.as_ref() == Some(&record.mailbox));
            let Some((record, version)) = own else { return Ok(Polled::Expired) };
            match &record.state {
                State::Declined => return Ok(Polled::Declined),
                State::Approved(sealed) => {
                    let key = mailbox::open(&code.secret, record.id.as_bytes(), sealed).ok();
                    let key = key.and_then(|key| String::from_utf8(key).ok());
                    return Ok(key.map_or(Polled::Unknown, |key| Polled::Approved(SecretText::new(key))));
                }
                State::Waiting => {}
            }
            let (record, answer) = self.asked_again(record);
            let unchanged = Guard::Version(RecordKey::device(), version);
            if self.write(&code.place, unchanged, &record).await? == Outcome::Committed {
                return Ok(answer);
            }
        }
        Err(races::too_many())
    }

    /// Holds the time since the last question against the interval.
    fn asked_again(&self, record: Record) -> (Record, Polled) {
        let now = self.clock.now();
        let wait = Duration::from_secs(record.interval.into());
        let too_soon = record.asked.is_some_and(|last| now.age_of(last) < wait);
        let interval = if too_soon { record.interval.saturating_add(super::INTERVAL) } else { record.interval };
        let answer = if too_soon { Polled::SlowDown } else { Polled::Pending };
        (Record { interval, asked: Some(now), ..record }, answer)
    }
}
