//! `init`, `check` and `app new`, as an operator meets them: the real binary, its streams and its exit codes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;
use vestibule::{
    config::{Config, Environment, read_key_file},
    seal::Pseudonyms,
    types::bytes,
};

fn vestibule(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vestibule")).args(arguments).current_dir(folder).env_clear().output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn initialised() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let output = vestibule(folder.path(), &["init"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let config = folder.path().join("vestibule.toml");
    (folder, config)
}

fn append(config: &Path, text: &str) {
    fs::write(config, fs::read_to_string(config).unwrap() + text).unwrap();
}

/// What `check` says of a configuration that is wrong.
fn complaint(folder: &Path) -> String {
    let output = vestibule(folder, &["check"]);
    assert_eq!((code(&output), stdout(&output)), (2, ""));
    stderr(&output).to_owned()
}

#[test]
fn ten_mistakes_are_ten_reports_each_with_line_and_remedy() {
    let folder = TempDir::new().unwrap();
    let master = bytes::to_base64url(&bytes::sha256(b"canary"));
    let text = format!(
        r#"issuer = "http://login.example.com"
[listen]
http = "0.0.0.0"
trusted_proxies = ["0.0.0.0/0"]
[store]
ulr = "sqlite://vestibule.db"
[secrets]
master = "{master}="
[providers.google]
kind = "gogle"
client_id = "x"
client_secret = "canary secret"
[lifetimes]
code = "1h"
[apps.notes]
name = "Notes"
redirect_uris = ["https://*.example.com/callback"]
secret_sha256 = "canary secret"
claims.email = {{ need = "required", why = "" }}
"#
    );
    fs::write(folder.path().join("vestibule.toml"), text).unwrap();
    let said = complaint(folder.path());
    let lines = [1, 3, 4, 6, 8, 10, 14, 17, 18, 19];
    for line in lines {
        assert!(said.contains(&format!("vestibule.toml:{line}: ")), "line {line} in\n{said}");
    }
    assert_eq!(said.matches("\n    fix: ").count(), lines.len(), "{said}");
    assert!(said.trim_end().ends_with("10 mistakes in vestibule.toml"), "{said}");
    assert!(!said.contains("canary") && !said.contains(&master), "{said}");

    let json = vestibule(folder.path(), &["check", "--json"]);
    let answer: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((code(&json), &answer["ok"], stderr(&json)), (2, &Value::Bool(false), ""));
    let found: Vec<_> =
        answer["faults"].as_array().unwrap().iter().map(|fault| fault["line"].as_u64().unwrap()).collect();
    assert_eq!(found, lines);
}

#[test]
fn what_init_writes_is_fine_at_once_and_only_its_owner_reads_it() {
    let (folder, config) = initialised();
    for name in ["vestibule.toml", "vestibule-master", "vestibule-pepper"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    let output = vestibule(folder.path(), &["check"]);
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    assert!(stdout(&output).starts_with("configuration is fine"));
    let json: Value = serde_json::from_slice(&vestibule(folder.path(), &["check", "--json"]).stdout).unwrap();
    assert_eq!((&json["ok"], &json["issuer"]), (&Value::Bool(true), &Value::from("http://localhost:8080")));
    let parsed = Config::load(&config, &Environment::default()).unwrap();
    assert_ne!(parsed.secrets.pepper.unwrap(), parsed.secrets.master);

    // What it leaves commented is right, too: each setting of it, set.
    let text = fs::read_to_string(&config).unwrap();
    let set = |line: &str| {
        line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.contains(" = ")).map(str::to_owned)
    };
    let all_set: Vec<_> = text.lines().map(|line| set(line).unwrap_or_else(|| line.to_owned())).collect();
    let all_set = all_set.join("\n").replace("\"…\"", &format!("\"{}\"", bytes::to_hex(&bytes::sha256(b"x"))));
    let env = Environment::from_iter([("GOOGLE_CLIENT_SECRET", "x")]);
    let parsed = Config::parse(&all_set.replace("# trusted", "trusted"), folder.path(), &env).unwrap();
    assert_eq!((parsed.providers.len(), parsed.apps.len()), (1, 1));
    assert!(parsed.operator.name.is_some());
}

#[test]
fn init_overwrites_nothing_and_leaves_nothing_half_done() {
    let (folder, config) = initialised();
    let before = fs::read(&config).unwrap();
    let output = vestibule(folder.path(), &["init"]);
    assert_eq!((code(&output), stdout(&output)), (1, ""));
    assert!(stderr(&output).contains("vestibule-master is there already"), "{}", stderr(&output));
    assert_eq!(fs::read(&config).unwrap(), before);

    let other = TempDir::new().unwrap();
    fs::write(other.path().join("vestibule.toml"), "mine").unwrap();
    assert_eq!(code(&vestibule(other.path(), &["init"])), 1);
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 1);

    assert_eq!(code(&vestibule(other.path(), &["init", "new/folder", "--issuer", "https://login.example.com"])), 0);
    assert_eq!(mode(&other.path().join("new/folder")), 0o700);
    assert_eq!(code(&vestibule(other.path(), &["check", "--config", "new/folder/vestibule.toml"])), 0);
    assert_eq!(code(&vestibule(other.path(), &["init", "x", "--issuer", "http://login.example.com"])), 2);
}

#[test]
fn the_pepper_of_a_master_can_be_written_down() {
    let (folder, _) = initialised();
    let master = folder.path().join("vestibule-master");
    let output = vestibule(folder.path(), &["init", "pepper", "--pepper-of", "vestibule-master"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let env = Environment::default();
    let written = read_key_file(&folder.path().join("pepper/vestibule-pepper"), &env).unwrap();
    assert_eq!(written, Pseudonyms::pepper_from(&read_key_file(&master, &env).unwrap()));
    assert_eq!(fs::read_dir(folder.path().join("pepper")).unwrap().count(), 1);
    assert_eq!(code(&vestibule(folder.path(), &["init", "p2", "--pepper-of", "vestibule.toml"])), 2);
}

#[test]
fn a_file_that_is_not_there_or_is_no_file_says_so() {
    let folder = TempDir::new().unwrap();
    let said = complaint(folder.path());
    assert!(said.contains("vestibule.toml: there is no such file") && said.contains("vestibule init"), "{said}");
    let output = vestibule(folder.path(), &["check", "--config", "."]);
    assert!(code(&output) == 2 && stderr(&output).contains("is a folder"), "{}", stderr(&output));
    fs::write(folder.path().join("vestibule.toml"), b"issuer = \"\xff\"").unwrap();
    assert!(complaint(folder.path()).contains("not UTF-8"));
}

#[test]
fn secret_files_that_others_may_have_seen_are_refused_by_name() {
    let (folder, _) = initialised();
    let master = folder.path().join("vestibule-master");
    for (mode, word) in [(0o644, "everyone can read"), (0o660, "its group can write"), (0o666, "everyone can write")] {
        fs::set_permissions(&master, fs::Permissions::from_mode(mode)).unwrap();
        let said = complaint(folder.path());
        assert!(
            said.contains("secrets.master: ") && said.contains("vestibule-master") && said.contains(word),
            "{said}"
        );
        assert!(said.contains("chmod 600"), "{said}");
    }
    fs::remove_file(&master).unwrap();
    assert!(complaint(folder.path()).contains("vestibule-master: cannot be read"));
    fs::create_dir(&master).unwrap();
    assert!(complaint(folder.path()).contains("vestibule-master: is not a file"));
}

#[test]
fn a_fault_of_syntax_names_its_line_and_shows_nothing_of_it() {
    let (folder, config) = initialised();
    let line = fs::read_to_string(&config).unwrap().lines().count() + 2;
    append(&config, "[operator]\nname = canary\n");
    let said = complaint(folder.path());
    assert!(said.contains(&format!("vestibule.toml:{line}: not TOML")) && !said.contains("canary"), "{said}");
}

#[test]
fn variables_choose_the_file_and_override_it() {
    let (folder, config) = initialised();
    let check = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.arg("check").current_dir("/").env_clear().env("VESTIBULE_CONFIG", &config);
        command.envs(variables.iter().copied()).output().unwrap()
    };
    assert_eq!(code(&check(&[])), 0);
    let output = check(&[("VESTIBULE__ISSUER", "https://other.example.com")]);
    assert!(stdout(&output).contains("https://other.example.com"));
    let output = check(&[("VESTIBULE__LISTEN__HTTP", "nowhere")]);
    assert!(code(&output) == 2 && stderr(&output).starts_with("$VESTIBULE__LISTEN__HTTP: listen.http: "));
    drop(folder);
}

#[test]
fn app_new_prints_a_secret_once_and_a_section_that_check_accepts() {
    let (folder, config) = initialised();
    let arguments = ["app", "new", "my.notes", "--name", "No\"tes", "--redirect-uri", "http://127.0.0.1:3000/callback"];
    let output = vestibule(folder.path(), &arguments);
    let text = stdout(&output);
    let secret = text.lines().find_map(|line| line.strip_prefix("# vst_a_")).unwrap();
    assert!(bytes::from_base64url(secret).unwrap().len() >= 20, "160 bits at least");
    assert!(text.contains(&bytes::to_hex(&bytes::sha256(format!("vst_a_{secret}").as_bytes()))));
    append(&config, text);
    let output = vestibule(folder.path(), &["check"]);
    assert!(code(&output) == 0 && stdout(&output).contains("my.notes"), "{}", stderr(&output));

    let json =
        |arguments: &[&str]| serde_json::from_slice::<Value>(&vestibule(folder.path(), arguments).stdout).unwrap();
    let one = json(&["app", "new", "a", "--json"]);
    let hash = bytes::to_hex(&bytes::sha256(one["client_secret"].as_str().unwrap().as_bytes()));
    assert_eq!(one["secret_sha256"], hash);
    assert_ne!(one["client_secret"], json(&["app", "new", "a", "--json"])["client_secret"]);

    let public = ["app", "new", "phone", "--public", "--native", "--redirect-uri", "com.example.app:/cb"];
    let output = vestibule(folder.path(), &public);
    assert!(!stdout(&output).contains("vst_") && !stdout(&output).contains("secret_sha256"));
    append(&config, stdout(&output));
    assert_eq!(code(&vestibule(folder.path(), &["check"])), 0);
}

#[test]
fn a_call_that_is_wrong_exits_with_two_and_answers_nothing() {
    let folder = TempDir::new().unwrap();
    for arguments in [
        &["app", "new", "a b"][..],
        &["app", "new", "a", "--native"],
        &["app", "new", "a", "--redirect-uri", "https://*.example.com/cb"],
        &["app", "new", "a", "--redirect-uri", "com.example.app:/cb"],
        &["simulate", "myspace"],
        &["serv"],
        &[],
    ] {
        let output = vestibule(folder.path(), arguments);
        assert_eq!((code(&output), stdout(&output)), (2, ""), "{arguments:?}");
        assert!(!stderr(&output).is_empty(), "{arguments:?}");
    }
    let help = vestibule(folder.path(), &["--help"]);
    for command in ["serve", "init", "check", "account", "app", "keys", "healthcheck", "demo", "simulate"] {
        assert!(stdout(&help).contains(command), "{command}");
    }
}
