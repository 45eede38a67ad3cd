//! The report for a terminal. What the configuration calls things has no control characters in it.

use std::fmt::{self, Display, Formatter};

use super::{AppRow, CookieRow, Kept, ProviderRow, Report};
use crate::types::app::Need;

/// How wide the names of lines are.
const NAMES: usize = 12;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Record of processing activities (GDPR, Art. 30)")?;
        writeln!(f, "{}, as Vestibule {} keeps it", self.issuer, self.version)?;
        title(f, "Who decides")?;
        let operator = &self.operator;
        for (name, value) in [
            ("name", &operator.name),
            ("contact", &operator.contact),
            ("address", &operator.address),
            ("country", &operator.country),
            ("authority", &operator.authority),
        ] {
            line(f, name, value.as_deref().unwrap_or("(missing)"))?;
        }
        line(f, "people", self.people)?;
        title(f, "Where data comes from")?;
        self.providers.iter().try_for_each(|provider| provider.fmt(f))?;
        title(f, "Who is given data")?;
        self.apps.iter().try_for_each(|app| app.fmt(f))?;
        title(f, "What is stored")?;
        self.records.iter().try_for_each(|kept| kept.fmt(f))?;
        title(f, "What browsers keep")?;
        self.cookies.iter().try_for_each(|cookie| cookie.fmt(f))?;
        title(f, "What else is written or held")?;
        self.streams.iter().try_for_each(|stream| writeln!(f, "- {}: {}", stream.name, stream.what))?;
        list(f, "What protects it", self.security.iter().map(String::as_str))?;
        list(f, "Backups", self.backups.iter().copied())?;
        list(f, "How people use their rights", self.rights.iter().map(String::as_str))
    }
}

impl Display for ProviderRow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let off = if self.enabled { "" } else { ", off" };
        writeln!(f, "{} ({}{off})", self.name, self.id)?;
        let (who, where_) = self.party.map_or(("(not known here)", "(not known here)"), |p| (p.company, p.countries));
        line(f, "who", who)?;
        line(f, "countries", where_)?;
        if let Some(scopes) = &self.scopes {
            line(f, "asked for", &scopes.join(" "))?;
        }
        line(f, "gives", self.gives)?;
        line(f, "learns", self.learns)
    }
}

impl Display for AppRow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let hosts: Vec<&str> = self.hosts.iter().map(String::as_str).collect();
        writeln!(f, "{} ({}), at {}", self.name, self.id, hosts.join(", "))?;
        line(f, "knows by", &self.pseudonym)?;
        line(f, "agreement", self.agreement)?;
        line(f, "through", &self.providers.join(", "))?;
        for claim in &self.claims {
            let need = if claim.need == Need::Required { "required" } else { "optional" };
            let keep = claim.keep.as_deref().unwrap_or("does not say");
            line(f, claim.claim.as_str(), &format!("{need}. {} Keeps it: {keep}. Basis: {}.", claim.why, claim.basis))?;
        }
        self.policy.iter().try_for_each(|policy| line(f, "policy", policy))
    }
}

impl Display for Kept {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.name, self.record)?;
        line(f, "purpose", self.purpose)?;
        line(f, "holds", self.holds)?;
        line(f, "whose", self.whose)?;
        line(f, "basis", self.basis)?;
        line(f, "from", &self.sources.join(", "))?;
        line(f, "opened by", self.sealed)?;
        let settings =
            if self.settings.is_empty() { String::new() } else { format!(" ({})", self.settings.join(", ")) };
        line(f, "kept", &format!("{}{settings}", self.keep))?;
        line(f, "given to", self.recipients)
    }
}

impl Display for CookieRow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        line(f, "purpose", self.purpose)?;
        let setting = self.setting.as_ref().map(|key| format!(" ({key})")).unwrap_or_default();
        line(f, "kept", &format!("{}{setting}", self.keep))
    }
}

fn title(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    writeln!(f, "\n{text}\n{}", "-".repeat(text.len()))
}

fn line(f: &mut Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    writeln!(f, "  {name:NAMES$} {}", value)
}

fn list<'a>(f: &mut Formatter<'_>, name: &str, mut lines: impl Iterator<Item = &'a str>) -> fmt::Result {
    title(f, name)?;
    lines.try_for_each(|text| writeln!(f, "- {}", text))
}
