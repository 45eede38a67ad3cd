//! `gate` and `access`: where an app behind the gate lives, and who may use an app. A rule that could not mean what it
//! says is a mistake, since somebody relies on it.

use std::collections::BTreeSet;

use super::listed;
use crate::{
    config::{faults::quoted, section::Section, value::Value},
    types::{
        access::{EmailPattern, Group, Rule},
        gate::GateOrigin,
        request_path::PathPrefix,
    },
};

/// The names that rules may use.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub providers: &'a BTreeSet<String>,
    pub apps: &'a BTreeSet<String>,
}

/// Where an app behind the gate lives.
pub(super) fn gate(section: &Section<'_>) -> Option<Option<GateOrigin>> {
    let Some(value) = section.get("gate") else { return Some(None) };
    value.parsed("write scheme, host and port without a slash at the end, such as https://wiki.example.com").map(Some)
}

/// The rules; `None` inside for an app that takes anyone.
pub(super) fn rules(section: &Section<'_>, names: Names<'_>) -> Option<Option<Vec<Rule>>> {
    const REMEDY: &str = r#"write who may use it, such as access = [{ emails = ["*@example.com"] }]"#;
    let gated = section.has("gate");
    let value = if gated { section.required("access", REMEDY) } else { section.get("access") };
    let Some(value) = value else { return if gated { None } else { Some(None) } };
    let rules = value.list(|value| rule(value, names, gated))?;
    if rules.is_empty() {
        value.fault("is empty, so that nobody may use it", REMEDY);
        return None;
    }
    Some(Some(rules))
}

fn rule(value: &Value<'_>, names: Names<'_>, gated: bool) -> Option<Rule> {
    let section = value.section()?;
    let path = read(&section, "path", path);
    let methods = read(&section, "methods", |value| some(value, value.list(method)));
    let public = section.flag("public", false);
    let emails = read(&section, "emails", |value| some(value, value.list(email)));
    let providers = read(&section, "providers", |value| some(value, listed(value, "provider", names.providers)));
    let groups = read(&section, "groups", |value| some(value, value.list(|value| group(value, names))));
    let apps = read(&section, "apps", |value| some(value, listed(value, "app", names.apps)));
    let rule = Rule {
        path: path?,
        methods: methods?,
        public: public?,
        emails: emails?,
        providers: providers?,
        groups: groups?,
        apps: apps?,
    };
    judge(&rule, value, gated)
}

/// What a rule says as a whole.
fn judge(rule: &Rule, value: &Value<'_>, gated: bool) -> Option<Rule> {
    let about_requests = rule.path.is_some() || rule.methods.is_some() || rule.public || rule.apps.is_some();
    let (problem, remedy) = if about_requests && !gated {
        (
            "is about requests (path, methods, public, apps), which only the gate sees",
            "keep emails, providers and groups, or give the app a `gate`",
        )
    } else if rule.public && (rule.names_people() || rule.apps.is_some()) {
        ("is public and yet says who may come", "make two rules of it; the first that fits decides")
    } else if rule.apps.is_some() && rule.names_people() {
        ("is about machines and people at once, and nobody is both", "make two rules of it")
    } else {
        return Some(rule.clone());
    };
    value.fault(problem, remedy);
    None
}

/// A condition that need not be there.
fn read<T>(section: &Section<'_>, key: &str, read: impl FnOnce(&Value<'_>) -> Option<T>) -> Option<Option<T>> {
    match section.get(key) {
        Some(value) => read(&value).map(Some),
        None => Some(None),
    }
}

/// A list that names something: an empty one fits nobody.
fn some<T>(value: &Value<'_>, list: Option<Vec<T>>) -> Option<Vec<T>> {
    let list = list?;
    if list.is_empty() {
        value.fault("is empty, so that the rule fits nobody", "name one, or remove it");
        return None;
    }
    Some(list)
}

fn path(value: &Value<'_>) -> Option<PathPrefix> {
    let text = value.text()?;
    PathPrefix::parse(text)
        .map_err(|problem| {
            value.fault(
                format!("{}: {problem}", quoted(text)),
                "write the start of a path as the app sees it, such as \"/public/\"",
            );
        })
        .ok()
}

/// Methods are case-sensitive (RFC 9110, section 9.1), and all that are in use are in upper case.
fn method(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    if !text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-') {
        value.fault(format!("{} is not a method", quoted(text)), "write it in upper case, such as \"GET\"");
        return None;
    }
    Some(text.to_owned())
}

fn email(value: &Value<'_>) -> Option<EmailPattern> {
    value.parsed(r#"write "ada@example.org", "*@example.org", or "*@.example.org" with its subdomains"#)
}

fn group(value: &Value<'_>, names: Names<'_>) -> Option<Group> {
    let group: Group = value.parsed(r#"write a provider's section and its name there, such as "github:acme/ops""#)?;
    if !names.providers.contains(group.provider.as_str()) {
        value.fault(
            format!("there is no provider {}", quoted(group.provider.as_str())),
            "a group begins with a section of [providers]",
        );
        return None;
    }
    Some(group)
}

/// What no app by itself can break: each gated host is one app's, and none is ours. Cookies know no ports, so neither
/// do hosts.
pub(super) fn host_is_free(origin: &GateOrigin, taken: &mut BTreeSet<String>, section: &Section<'_>) {
    if !taken.insert(origin.name().to_owned()) {
        let problem = format!("the host {} is another app's, or the issuer's own", quoted(origin.name()));
        if let Some(value) = section.get("gate") {
            value.fault(
                problem,
                "give each app behind the gate a host name of its own; ports do not keep cookies apart",
            );
        }
    }
}
