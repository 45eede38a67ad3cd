//! Each rule of the configuration: a file that breaks it is refused, once, with its line, its setting and a way out,
//! and no secret of the file is ever part of what is said.
#![expect(clippy::panic, reason = "a test fails by panicking")]

mod gated;
mod lines;
mod providers;
mod variables;

use std::path::Path;

use vestibule::{
    config::{AudienceCheck, Config, Environment, Fault, Faults, Place, ProviderKind, StoreUrl},
    types::{
        app::{AppAuth, GrantType, Need},
        bytes,
        claims::Claim,
        urls::FreePort,
    },
};

const CLIENT_SECRET: &str = "canary-client-secret";

fn master() -> String {
    bytes::to_base64url(&bytes::sha256(b"canary master"))
}

fn hash() -> String {
    bytes::to_hex(&bytes::sha256(b"canary app secret"))
}

/// A good file. Tests change or add lines.
fn good() -> String {
    format!(
        r#"issuer = "https://login.example.com"
[listen]
http = "0.0.0.0:8080"
[secrets]
master = "{}"
[providers.google]
kind = "google"
client_id = "id-at-google"
client_secret = "{CLIENT_SECRET}"
[apps.notes]
name = "Notes"
redirect_uris = ["https://notes.example.com/callback"]
secret_sha256 = "{}"
claims.email = {{ need = "required", why = "To send you the notes that you share." }}
"#,
        master(),
        hash()
    )
}

fn parse(text: &str) -> Result<Config, Faults> {
    Config::parse(text, Path::new("/etc/vestibule"), &Environment::default())
}

/// The one mistake in `text`.
fn only_fault(text: &str) -> Fault {
    let faults = match parse(text) {
        Ok(_) => panic!("nothing is wrong with\n{text}"),
        Err(faults) => faults,
    };
    let said = faults.to_string();
    for secret in [CLIENT_SECRET, &master()] {
        assert!(!said.contains(secret), "{said}");
    }
    let all: Vec<_> = faults.iter().cloned().collect();
    let [fault] = all.as_slice() else { panic!("one mistake in\n{text}\nbut\n{said}") };
    assert!(!fault.remedy.is_empty());
    fault.clone()
}

/// That `text` has this one mistake, and where it is.
fn says(text: &str, path: &str, word: &str) -> usize {
    let fault = only_fault(text);
    assert_eq!(fault.path, path, "{fault:?}");
    assert!(format!("{} {}", fault.problem, fault.remedy).contains(word), "{word}: {fault:?}");
    let Place::Line(line) = fault.place else { panic!("no line in {fault:?}") };
    line
}

/// Replaces one line of the good file by others; the mistake is on the last of them.
fn with_line(key: &str, replacement: &str) -> (String, usize) {
    let text = good();
    let at = text.lines().position(|line| line.starts_with(key)).unwrap_or_else(|| panic!("no line {key}"));
    let lines: Vec<_> = text.lines().enumerate().map(|(n, line)| if n == at { replacement } else { line }).collect();
    (lines.join("\n"), at + replacement.lines().count())
}

#[test]
fn a_good_file_is_read_to_finished_types() {
    let config = parse(&good()).unwrap();
    assert_eq!(config.issuer.as_str(), "https://login.example.com");
    assert_eq!(config.store, StoreUrl::Sqlite("/etc/vestibule/vestibule.db".into()));
    assert!(config.secrets.pepper.is_none() && config.secrets.accept.is_empty());
    let google = &config.providers[0];
    assert_eq!((google.name.as_str(), google.namespace.as_str(), google.enabled), ("Google", "google", true));
    assert!(matches!(google.kind, ProviderKind::Google { hosted_domain: None, service_account: None, base: None }));
    let notes = &config.apps[&"notes".parse().unwrap()];
    assert!(matches!(&notes.auth, AppAuth::Secret { sha256, method: None } if bytes::to_hex(&sha256[0]) == hash()));
    assert_eq!(notes.grant_types, GrantType::DEFAULT);
    assert_eq!(notes.claims[&Claim::Email].need, Need::Required);
    assert_eq!(notes.origins, ["https://notes.example.com"]);
}

#[test]
fn settings_of_later_work_are_refused_and_never_ignored() {
    let of_apps = ["initiate_login_uri = \"https://notes.example.com/login\""];
    for line in of_apps {
        let fault = only_fault(&format!("{}{line}\n", good()));
        assert!(fault.problem.contains("not in this build yet"), "{fault:?}");
        assert_eq!(fault.place, Place::Line(15));
    }
}

/// SIGHUP takes over providers, apps and the gate; an operator is told what of the rest waits for a restart.
#[test]
fn what_waits_for_a_restart_is_named() {
    let pending = |text: &str| parse(&good()).unwrap().pending_in(&parse(text).unwrap());
    let changed = [
        ("issuer", good().replace("login.example.com", "id.example.com")),
        ("listen", good().replace(":8080", ":8081")),
        ("secrets", good().replace(&master(), &bytes::to_base64url(&bytes::sha256(b"another")))),
    ];
    for (section, text) in changed {
        assert_eq!(pending(&text), [section]);
    }
    let added = [
        ("store", "url = \"sqlite://other.db\""),
        ("lifetimes", "code = \"30s\""),
        ("operator", "name = \"Example\""),
        ("branding", "name = \"Example\""),
        ("limits", "enabled = false"),
        ("registration", "audiences = [\"https://mcp.example.com/mcp\"]"),
        ("fedcm", "enabled = true"),
        ("keys", "rotate = \"31d\""),
        ("audit", "file = \"-\""),
        ("log", "level = \"debug\""),
    ];
    for (section, line) in added {
        assert_eq!(pending(&format!("{}[{section}]\n{line}\n", good())), [section]);
    }
    let taken_over = good().replace("Notes", "Papers").replace("id-at-google", "other-id-at-google");
    assert!(pending(&taken_over).is_empty() && pending(&format!("{taken_over}[gate]\nrecheck = \"1s\"\n")).is_empty());
}

#[test]
fn documents_of_apps_are_believed_only_where_that_is_asked_for_and_have_no_section() {
    let registration = |lines: &str| parse(&format!("{}[registration]\n{lines}", good())).unwrap().registration;
    assert!(!registration("").client_id_documents && registration("client_id_documents = true\n").client_id_documents);
    assert!(registration("client_id_documents = true\n").audiences.is_empty());
    let named = registration("audiences = [\"https://mcp.example.com/mcp\"]\n");
    assert_eq!(named.audiences, ["https://mcp.example.com/mcp"]);
    let fault = only_fault(&format!("{}[registration]\naudiences = [\"mcp\"]\n", good()));
    assert!(fault.problem.contains("not an absolute URI"), "{fault:?}");
    let fault = only_fault(&good().replace("[apps.notes]", "[apps.\"https://a.test/app.json\"]"));
    assert!(fault.problem.contains("1 to 64"), "{fault:?}");
}

#[test]
fn names_are_unique_whatever_the_case() {
    let text = good() + "[apps.Notes]\nname = \"N\"\nredirect_uris = [\"https://n.example/cb\"]\n";
    assert_eq!(only_fault(&text).path, "apps.Notes");
    let text = good() + "[providers.GOOGLE]\nkind = \"github\"\nclient_id = \"x\"\nclient_secret = \"y\"\n";
    assert_eq!(only_fault(&text).path, "providers.GOOGLE");
    let text = good() + "[apps.notes]\n";
    assert_eq!(only_fault(&text).place, Place::Line(15));
}

#[test]
fn other_masters_need_a_pepper_of_its_own() {
    let other = bytes::to_base64url(&bytes::sha256(b"another"));
    let (text, _) = with_line("[secrets]", &format!("[secrets]\naccept = [\"{other}\"]"));
    let fault = only_fault(&text);
    assert!(fault.path == "secrets.accept" && fault.remedy.contains("vestibule init --pepper-of"), "{fault:?}");
    let pepper = bytes::to_base64url(&bytes::sha256(b"pepper"));
    let (text, _) = with_line("[secrets]", &format!("[secrets]\naccept = [\"{other}\"]\npepper = \"{pepper}\""));
    assert_eq!(parse(&text).unwrap().secrets.accept.len(), 1);
    let (text, _) = with_line("[secrets]", &format!("[secrets]\npepper = \"{}\"", master()));
    assert!(only_fault(&text).problem.contains("master"));
}

#[test]
fn a_native_public_app_may_have_a_private_scheme() {
    let text = good()
        + "[apps.phone]\nname = \"Phone\"\napplication_type = \"native\"\nredirect_uris = [\"com.example.app:/cb\", \
           \"http://127.0.0.1/cb\"]\n";
    let config = parse(&text).unwrap();
    let phone = &config.apps[&"phone".parse().unwrap()];
    assert!(phone.is_public() && phone.free_port() == FreePort::OnLiterals && phone.origins == ["http://127.0.0.1"]);
}
