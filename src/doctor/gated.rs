//! A gated host, through its own proxy, as somebody meets it who has not signed in.

use http::{StatusCode, header};

use super::{
    Report, forged,
    ills::{self, Ill},
    line::{Line, NAVIGATION, Reply, SCRIPT, WEBSOCKET, location, text},
};
use crate::{
    config::Config,
    flow::access::{Access, Asker, Target, access},
    types::{
        App, Timestamp,
        gate::{GateOrigin, OWN_PATHS, START},
        request_path::RequestPath,
    },
    web::links,
};

/// A host, and what the configuration says of it.
pub struct Host<'a> {
    pub line: &'a Line,
    pub config: &'a Config,
    pub app: &'a App,
    pub origin: &'a GateOrigin,
}

impl Host<'_> {
    /// Looks at the gate's own pages, then at each kind of request, then at what a client makes up.
    pub async fn examine(&self, now: Timestamp, report: &mut Report) {
        match self.line.get(&self.origin.at(START), NAVIGATION).await {
            Err(error) => return report.add(&ills::GATE_UNREACHABLE, self.origin.as_str(), error.to_string()),
            Ok(reply) => self.start(&reply, report),
        }
        let open = self.path(now, |verdict| matches!(verdict, Access::Public(_)));
        match self.path(now, |verdict| matches!(verdict, Access::SignIn)) {
            None => report.add(&ills::NOTHING_GUARDED, self.origin.as_str(), "no path of it asks people to sign in"),
            Some(path) => {
                let found = report.findings.len();
                self.ask(&path, NAVIGATION, Self::navigation, report).await;
                self.ask(&path, SCRIPT, Self::script, report).await;
                self.ask(&path, WEBSOCKET, Self::websocket, report).await;
                // Where the way is open or broken anyway, made-up headers would tell nothing more.
                if found == report.findings.len() {
                    forged::passing(self, &path, open.as_deref(), report).await;
                }
            }
        }
        if let Some(open) = open {
            forged::arriving(self, &open, report).await;
        }
    }

    async fn ask(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        judge: impl Fn(&Self, &str, &Reply) -> Option<(&'static Ill, String)>,
        report: &mut Report,
    ) {
        let at = self.origin.at(path);
        match self.line.get(&at, headers).await {
            Err(error) => report.add(&ills::GATE_UNREACHABLE, at, error.to_string()),
            Ok(reply) => {
                if let Some((ill, what)) = judge(self, &at, &reply) {
                    report.add(ill, at, what);
                }
            }
        }
    }

    /// The first path for which the rules have such an answer to a stranger's GET.
    fn path(&self, now: Timestamp, wanted: impl Fn(Access) -> bool) -> Option<String> {
        let rules = self.app.access.as_deref().unwrap_or_default();
        let named = rules.iter().filter_map(|rule| rule.path.as_ref()).map(|path| path.as_str());
        let fits = |text: &str| {
            RequestPath::parse(text).is_ok_and(|path| {
                let target = Target { path: &path, method: "GET" };
                wanted(access(Some(rules), Asker::Anonymous, Some(target), self.app.facts_max_age, now))
            })
        };
        ["/"].into_iter().chain(named).chain(["/vestibule-doctor"]).find(|path| fits(path)).map(str::to_owned)
    }

    /// The gate's own pages lead to the issuer, with a cookie of this host alone.
    fn start(&self, reply: &Reply, report: &mut Report) {
        let at = self.origin.at(START);
        match location(reply) {
            Some(to) if to.starts_with(&format!("{}?", self.config.issuer.at(links::AUTHORIZE))) => {
                for line in reply.headers().get_all(header::SET_COOKIE) {
                    let line = line.to_str().unwrap_or_default();
                    if let Some(fault) = cookie(line, self.origin.is_plain_http()) {
                        report.add(&ills::COOKIE, &at, fault);
                    }
                }
                if !reply.headers().contains_key(header::SET_COOKIE) {
                    report.add(&ills::COOKIE, &at, "sets no cookie");
                }
            }
            Some(to) if self.is_own(to) => report.add(&ills::START_GATED, at, format!("leads to {}", shown(to))),
            Some(to) => report.add(&ills::START_REWRITTEN, at, format!("leads to {}", shown(to))),
            None if reply.status() == StatusCode::UNAUTHORIZED => {
                report.add(&ills::START_GATED, at, "asks for a sign-in before the sign-in");
            }
            None => report.add(&ills::START_UNROUTED, at, format!("answers {}", reply.status())),
        }
    }

    fn navigation(&self, at: &str, reply: &Reply) -> Option<(&'static Ill, String)> {
        let status = reply.status();
        match location(reply) {
            Some(to) if to == at => return Some((&ills::LOOP, "leads to itself".into())),
            Some(to) if self.is_own(to) => return None,
            Some(to) => return Some((&ills::REDIRECT, format!("leads to {}", shown(to)))),
            None => {}
        }
        let what = format!("answers {status}");
        Some(match status {
            _ if status.is_success() => (&ills::OPEN, what),
            StatusCode::UNAUTHORIZED => (&ills::STUCK, what),
            StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => (&ills::UNTRUSTED, what),
            _ => (&ills::BROKEN, what),
        })
    }

    #[expect(clippy::unused_self, reason = "each kind of request is judged alike")]
    fn script(&self, _at: &str, reply: &Reply) -> Option<(&'static Ill, String)> {
        let status = reply.status();
        let what = format!("answers {status}");
        if status.is_success() {
            return Some((&ills::SCRIPT_OPEN, what));
        }
        if status.is_redirection() {
            return Some((&ills::SCRIPT_REDIRECTED, what));
        }
        let told = serde_json::from_slice::<serde_json::Value>(reply.body()).unwrap_or_default();
        let is_json = text(reply, &header::CONTENT_TYPE).starts_with("application/json");
        let is_told = is_json && told.get("login_url").is_some();
        (status != StatusCode::UNAUTHORIZED || !is_told).then_some((&ills::SCRIPT_UNTOLD, what))
    }

    #[expect(clippy::unused_self, reason = "each kind of request is judged alike")]
    fn websocket(&self, _at: &str, reply: &Reply) -> Option<(&'static Ill, String)> {
        let status = reply.status();
        let what = format!("answers {status}");
        if status == StatusCode::SWITCHING_PROTOCOLS || status.is_success() {
            return Some((&ills::WEBSOCKET_OPEN, what));
        }
        (status != StatusCode::UNAUTHORIZED).then_some((&ills::WEBSOCKET, what))
    }

    /// Whether an address is one of the gate's own pages on this host.
    fn is_own(&self, to: &str) -> bool {
        to.starts_with(&self.origin.at(&format!("{OWN_PATHS}/"))) || to.starts_with(&format!("{OWN_PATHS}/"))
    }
}

/// What is wrong with a cookie as it arrives.
fn cookie(line: &str, plain: bool) -> Option<String> {
    let mut parts = line.split(';').map(str::trim);
    let name = parts.next()?.split('=').next()?;
    let has = |wanted: &str| line.split(';').any(|part| part.trim().eq_ignore_ascii_case(wanted));
    let domain = parts.any(|part| part.to_ascii_lowercase().starts_with("domain="));
    let fault = match () {
        () if domain => "has a Domain: every neighbour host gets it",
        () if !plain && !name.starts_with("__Host-") => "has lost its __Host- prefix",
        () if !plain && !has("Secure") => "is not Secure",
        () if !has("HttpOnly") => "is not HttpOnly",
        () if !has("Path=/") => "has another path than /",
        () if !has("SameSite=Lax") => "is not SameSite=Lax",
        () => return None,
    };
    Some(format!("the cookie {} {fault}", name.escape_debug()))
}

/// An address without what it carries, cut.
fn shown(to: &str) -> String {
    to.split('?').next().unwrap_or_default().chars().flat_map(char::escape_default).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_of_this_host_alone() {
        let good = "__Host-vst_go_x=1; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=900";
        assert_eq!(cookie(good, false), None);
        for (was, is) in [
            ("__Host-", ""),
            ("; HttpOnly", ""),
            ("; Secure", ""),
            ("SameSite=Lax", "SameSite=None"),
            ("Path=/", "Path=/app"),
            ("Path=/", "Path=/; Domain=example.com"),
        ] {
            assert!(cookie(&good.replacen(was, is, 1), false).is_some(), "{was} as {is:?}");
        }
        assert_eq!(cookie("vst_go_x=1; HttpOnly; SameSite=Lax; Path=/", true), None, "plain http, on loopback");
    }
}
