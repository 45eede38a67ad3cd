//! What a person is asked on their own behalf.

use super::{super::*, Sample, Words};
use crate::{
    partition::Withdrawn,
    types::{Clock, SetClock},
};

pub(super) fn all(words: Words<'_>) -> Vec<Sample<'_>> {
    let now = SetClock::default().now();
    let choice =
        ProviderChoice { id: "google", name: words.provider, brand: "google", last_used: true, unavailable: false };
    let sign_in = ChooseProvider {
        to: Destination::Account,
        attempt: words.person.into(),
        form_token: words.why.into(),
        choices: vec![choice],
        notice: None,
    };
    let link = LinkQuestion {
        provider: words.provider,
        called: Some(words.person),
        attempt: words.person.into(),
        form_token: words.why.into(),
    };
    let ways = vec![
        DeleteWay { id: "google", name: words.provider },
        DeleteWay { id: "home", name: "Example University of the Arts" },
    ];
    let delete = DeleteQuestion { apps: vec![words.app.into(), "Wiki".into()], ways, form_token: words.why.into() };
    let told = [
        StatusTold::Acknowledged(now),
        StatusTold::Waiting,
        StatusTold::Refused(now),
        StatusTold::NotReachable(now),
        StatusTold::NoChannel,
    ];
    let contacts: &[String] = Box::leak(Box::new([words.person.to_owned(), "ask@notes.example.com".to_owned()]));
    let app = |told| StatusApp { name: words.app, contacts, policy: Some("https://notes.example.com/privacy"), told };
    let status = DeletionStatus {
        received: now,
        origin: StatusOrigin::Provider { name: words.provider },
        gone: Some(now),
        goes_on: false,
        farewell: None,
        apps: told.map(app).into(),
    };
    let one_way = DeletionStatus { goes_on: true, apps: vec![], ..status.clone() };
    let going = DeletionStatus { origin: StatusOrigin::Operator, gone: None, apps: vec![], ..status.clone() };
    let own = |withdrawn| DeletionStatus {
        origin: StatusOrigin::Person,
        farewell: Some(StatusFarewell { name: words.provider, withdrawn }),
        ..status.clone()
    };
    vec![
        ("sign-in".into(), Box::new(sign_in)),
        ("link-unnamed".into(), Box::new(LinkQuestion { called: None, ..link.clone() })),
        ("link".into(), Box::new(link)),
        ("delete-alone".into(), Box::new(DeleteQuestion { apps: vec![], ways: vec![], ..delete.clone() })),
        ("delete".into(), Box::new(delete)),
        ("status-one-way".into(), Box::new(one_way)),
        ("status-going".into(), Box::new(going)),
        ("status-withdrawn".into(), Box::new(own(Withdrawn::Done))),
        ("status-not-withdrawn".into(), Box::new(own(Withdrawn::Failed))),
        ("status-no-withdrawal".into(), Box::new(own(Withdrawn::NoWay))),
        ("status".into(), Box::new(status)),
    ]
}
