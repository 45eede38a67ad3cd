//! Every fault that the doctor knows: its name for programs, why it matters, and the cure.

/// A fault, or a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ill {
    /// Its name, for programs.
    pub id: &'static str,
    /// Whether it is a fault, and not a hint.
    pub fault: bool,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub cure: &'static str,
}

const fn fault(id: &'static str, why: &'static str, cure: &'static str) -> Ill {
    Ill { id, fault: true, why, cure }
}

const fn hint(id: &'static str, why: &'static str, cure: &'static str) -> Ill {
    Ill { id, fault: false, why, cure }
}

pub const UNREACHABLE: Ill = fault(
    "issuer.unreachable",
    "Browsers and apps cannot reach it either.",
    "Check the name, the certificate, the proxy and that `vestibule serve` runs.",
);

pub const DISCOVERY: Ill = fault(
    "issuer.discovery",
    "Apps set themselves up from this document.",
    "Let the proxy pass every path of the issuer's host to `listen.http`.",
);

pub const ISSUER: Ill = fault(
    "issuer.mismatch",
    "Apps refuse tokens of an issuer other than the one they asked.",
    "Write the address that browsers use into `issuer`, in the configuration that the running instance \
     reads, and restart it.",
);

pub const JWKS: Ill = fault(
    "jwks.unreachable",
    "Without the keys no app can check a token.",
    "Let the proxy pass `/jwks` to `listen.http`, without a sign-in before it.",
);

pub const NO_KEYS: Ill = fault(
    "jwks.empty",
    "Without the keys no app can check a token.",
    "See that the store is reachable; `vestibule keys list` says which keys there are.",
);

pub const JWKS_CACHE: Ill = fault(
    "jwks.cache",
    "Each app would ask for the keys with each token, or never see new ones.",
    "Let the proxy leave `Cache-Control` as it is.",
);

pub const CLOCK: Ill = fault(
    "clock.skew",
    "Tokens are refused as expired, or as not valid yet.",
    "Let both machines follow a time server (`timedatectl set-ntp true`).",
);

pub const PLAIN_HTTP: Ill = fault(
    "https.plain",
    "What is sent over plain http anyone on the way can read and change.",
    "Let port 80 answer with a redirect to https, and with nothing else.",
);

pub const HSTS: Ill = hint(
    "https.hsts",
    "A browser that was never told to stay on https can be led to plain http.",
    "Let the proxy add `Strict-Transport-Security: max-age=31536000`.",
);

pub const MANAGEMENT: Ill = fault(
    "management.unreachable",
    "How keys and store are cannot be seen from here.",
    "Run this on the machine of the instance, with the configuration that it reads.",
);

pub const KEYS: Ill = fault(
    "keys.not-ready",
    "Nobody can sign in before the signing keys are there.",
    "See that the store is reachable, and read the log of `vestibule serve`.",
);

pub const STORE: Ill = fault(
    "store.away",
    "Nobody can sign in, and each check of the gate is a 503.",
    "Start the store, and check `store.url`.",
);

pub const WARNING: Ill =
    hint("store.warning", "The store works, and may forget what it must not.", "Do what the warning says.");

pub const PROVIDER: Ill = fault(
    "provider.unavailable",
    "People cannot sign in with it.",
    "Check its address in the configuration, name resolution and the firewall on the way out.",
);

pub const GATE_UNREACHABLE: Ill = fault(
    "gate.unreachable",
    "People cannot reach the app either.",
    "Check the name, the certificate, and that the proxy runs.",
);

pub const START_GATED: Ill = fault(
    "gate.start-gated",
    "The sign-in itself asks for a sign-in: browsers go round in a circle.",
    "Let the proxy pass `/.vestibule/` to Vestibule without the check.",
);

pub const START_REWRITTEN: Ill = fault(
    "gate.start-rewritten",
    "Browsers are led to an address that is none of ours, and no sign-in begins.",
    "Let the proxy leave `Location` alone (nginx: `proxy_redirect off`), and check `issuer`.",
);

pub const START_UNROUTED: Ill = fault(
    "gate.start-unrouted",
    "The pages of the gate are on this host; without them nobody can sign in.",
    "Let the proxy pass `/.vestibule/` to `listen.http` without the check, with `Host`, `X-Forwarded-Host` and \
     `X-Forwarded-Proto` as they are, and name the proxy in `listen.trusted_proxies`.",
);

pub const COOKIE: Ill = fault(
    "gate.cookie",
    "Another host could read or set the cookie, or the browser drops it and the sign-in is lost.",
    "Let the proxy leave `Set-Cookie` alone (nginx: no `proxy_cookie_*`), and pass https on as https.",
);

pub const NOTHING_GUARDED: Ill = hint(
    "gate.no-sign-in",
    "What the gate does could not be tried.",
    "If people shall sign in, write a rule for them into `access`.",
);

pub const OPEN: Ill = fault(
    "gate.open",
    "Anyone gets in without a sign-in.",
    "Let the proxy ask the gate before each request to the app; docs/gate has the whole configuration.",
);

pub const LOOP: Ill = fault(
    "gate.loop",
    "Browsers go round in a circle.",
    "Let the proxy pass the answer of the check on, and make no redirect of its own.",
);

pub const REDIRECT: Ill = fault(
    "gate.redirect",
    "Browsers are led somewhere else than to the sign-in.",
    "Let the proxy send on the `Location` of the check as it is.",
);

pub const STUCK: Ill = fault(
    "gate.stuck",
    "Browsers do not follow a 401: people see an error instead of the sign-in.",
    "nginx: `error_page 401` with a redirect to the check's `Location`. Others: pass the browser's \
     `Accept` on to the check.",
);

pub const UNTRUSTED: Ill = fault(
    "gate.untrusted",
    "The gate does not believe the proxy, or cannot read what it says, and lets nobody in.",
    "Put the address from which the proxy connects into `listen.trusted_proxies`, and send the headers of \
     docs/gate to the check.",
);

pub const BROKEN: Ill = fault(
    "gate.broken",
    "Nobody gets in.",
    "Read the proxy's log: the check's address is wrong, its answer is too large for the proxy's buffers \
     (16 KB), or the store is away.",
);

pub const SCRIPT_OPEN: Ill = fault(
    "gate.script-open",
    "A script gets what a person must sign in for.",
    "Let the proxy ask the gate about every request, not only about pages.",
);

pub const SCRIPT_REDIRECTED: Ill = fault(
    "gate.script-redirected",
    "A script follows the redirect, gets a login page instead of data, and breaks.",
    "Pass `Accept`, `Sec-Fetch-Mode` and `X-Requested-With` on to the check, and its 401 to the script.",
);

pub const SCRIPT_UNTOLD: Ill = fault(
    "gate.script-untold",
    "A script learns of a missing sign-in from 401 and JSON with `login_url`.",
    "Pass the check's 401 on with its body (nginx: the `@sign_in` of docs/gate).",
);

pub const WEBSOCKET_OPEN: Ill = fault(
    "gate.websocket-open",
    "A WebSocket opens without a sign-in, and goes round the gate.",
    "Let the proxy ask the gate about upgrades, too.",
);

pub const WEBSOCKET: Ill = fault(
    "gate.websocket",
    "A WebSocket cannot follow a redirect; it must learn by 401 that a sign-in is missing.",
    "Pass `Sec-WebSocket-Key` or `Upgrade` on to the check, and its 401 to the client.",
);

pub const FORGED_PASSES: Ill = fault(
    "gate.forged-passes",
    "Whoever sends this header is in, as whomever they name.",
    "Let the proxy drop what clients send under the identity headers, and ask the gate without exception.",
);

pub const RETOLD: Ill = fault(
    "gate.retold",
    "The rules are asked about another request than the one that the app gets.",
    "Let the proxy set `X-Forwarded-*` and `X-Original-*` itself and drop what clients send.",
);

pub const FORGED_ARRIVES: Ill = fault(
    "gate.forged-arrives",
    "An app that reads this header takes a stranger for whomever they name.",
    "Let the proxy set every identity header from the check's answer, empty ones too, and drop other \
     spellings (nginx: leave `underscores_in_headers` off).",
);
