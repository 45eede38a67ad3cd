//! The architecture, held to the code: a request walks down the house, never up. This reads every file of `src` as
//! tokens and fails on an import of a higher room or of a neighbour, on a foreign crate outside the room it belongs
//! to, on a file that has grown too long, and on rooms whose names say nothing.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The rooms, lowest first. A room may import those of the lines above its own, and none of its own line.
const FLOORS: &[&[&str]] = &[
    &["types"],
    &["config"],
    &["seal", "store"],
    &["flow"],
    &["partition"],
    &["audit", "telemetry", "egress", "proof"],
    &["limits"],
    &[
        "upstream", "apps", "accounts", "session", "grant", "consent", "keyring", "spent", "heard", "pushed", "outbox",
        "devices", "registry",
    ],
    &["sweeper"],
    &["web"],
    &["report", "courier"],
    &["oidc", "login", "account", "gate", "events", "privacy"],
    &["management"],
    &["broker"],
    &["demo", "doctor"],
    &["cli"],
];

/// The crate's root: it declares the rooms, `main.rs` calls the command line.
const ROOTS: &[&str] = &["lib.rs", "main.rs"];

/// Paths that are at home in a few places only: the start of the path, and the files (by prefix) that may name it.
const AT_HOME: &[(&[&str], &[&str])] = &[
    (&["openidconnect"], &["upstream/", "demo/"]),
    (&["oauth2"], &["upstream/", "demo/"]),
    (&["reqwest"], &["egress/"]),
    (&["rusqlite"], &["store/"]),
    (&["redis"], &["store/"]),
    (&["std", "env", "var"], &["config/"]),
    (&["std", "env", "var_os"], &["config/"]),
    (&["std", "env", "vars"], &["config/"]),
    (&["std", "env", "vars_os"], &["config/"]),
    (
        &["actix_web"],
        &[
            "web/",
            "oidc/",
            "login/",
            "account/",
            "gate/",
            "events/",
            "privacy",
            "management",
            "broker",
            "demo/",
            "cli/",
        ],
    ),
];

/// Names under which anything could be put, and is.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc"];

/// The longest a file may be, its tests not counted.
const MAX_LINES: usize = 400;

/// A path that a file names, written from the crate's root (`crate`, `types`, `App`) or a foreign crate's.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    path: Vec<String>,
    line: usize,
}

/// A source file: where it is below `src`, and what it names.
struct Source {
    file: String,
    paths: Vec<Named>,
    modules: Vec<String>,
    lines: usize,
}

impl Source {
    fn parse(file: &str, text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file}: not Rust: {error}"));
        let mut reader = Reader { paths: Vec::new(), modules: Vec::new(), test_lines: 0 };
        reader.read(tokens, &module_of(file));
        let lines = if is_test_file(file) { 0 } else { text.lines().count() - reader.test_lines };
        Self { file: file.to_owned(), paths: reader.paths, modules: reader.modules, lines }
    }

    /// The room, the first folder or file name below `src`.
    fn room(&self) -> &str {
        self.file.split(['/', '.']).next().unwrap_or_default()
    }

    /// Every rule that this file breaks.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let names = self.file.trim_end_matches(".rs").split('/').chain(self.modules.iter().map(String::as_str));
        for name in names.filter(|name| EMPTY_NAMES.contains(name)) {
            faults.push(format!("{}: `{name}` says nothing about what is in it", self.file));
        }
        if self.lines > MAX_LINES {
            faults.push(format!("{}: {} lines without its tests, {MAX_LINES} at most", self.file, self.lines));
        }
        for Named { path, line } in &self.paths {
            if let Some(fault) = self.import_fault(path).or_else(|| self.foreign_fault(path)) {
                faults.push(format!("{}:{line}: {fault}", self.file));
            }
        }
        faults.dedup();
        faults
    }

    fn import_fault(&self, path: &[String]) -> Option<String> {
        let [root, target, ..] = path else { return None };
        if root != "crate" || target == self.room() || ROOTS.contains(&self.file.as_str()) {
            return None;
        }
        match (floor(self.room()), floor(target)) {
            (None, _) => Some(format!("the room `{}` has no floor: give it one in FLOORS", self.room())),
            // Not a room: an item of the crate's root, of which there are none but macros.
            (_, None) => Some(format!("`crate::{target}` is no room of FLOORS")),
            (Some(own), Some(other)) if other > own => Some(format!("imports upward: `crate::{target}`")),
            (Some(own), Some(other)) if other == own => Some(format!("imports a neighbour: `crate::{target}`")),
            _ => None,
        }
    }

    fn foreign_fault(&self, path: &[String]) -> Option<String> {
        let breaks = |(start, homes): &&(&[&str], &[&str])| {
            path.iter().map(String::as_str).take(start.len()).eq(start.iter().copied())
                && !homes.iter().any(|home| self.file.starts_with(home))
        };
        let (start, homes) = AT_HOME.iter().find(breaks)?;
        Some(format!("`{}` is at home in {} only", start.join("::"), homes.join(", ")))
    }
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

/// The module that a file is: `oidc/token/mod.rs` is `oidc::token`.
fn module_of(file: &str) -> Vec<String> {
    let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

/// Whether a file is nothing but tests, by name: `#[cfg(test)] mod tests;` of its parent.
fn is_test_file(file: &str) -> bool {
    file.split(['/', '.']).any(|part| part == "tests")
}

/// Collects what a token stream names. Tokens, not text: comments and strings are no imports, and the arguments of
/// macros are read like any other code.
struct Reader {
    paths: Vec<Named>,
    modules: Vec<String>,
    test_lines: usize,
}

impl Reader {
    fn read(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        let mut test_from = None;
        let mut in_use = false;
        while let [token, after @ ..] = rest {
            rest = after;
            match token {
                TokenTree::Ident(word) if word == "use" => in_use = true,
                TokenTree::Ident(word) if word == "mod" => {
                    if let [TokenTree::Ident(name), tail @ ..] = rest {
                        self.modules.push(name.to_string());
                        rest = tail;
                        if let [TokenTree::Group(body), tail @ ..] = rest {
                            self.inline_module(body, &name.to_string(), module, test_from.take());
                            rest = tail;
                        }
                    }
                    test_from = None;
                }
                TokenTree::Ident(_) => rest = self.path(&[], token, rest, module, in_use),
                TokenTree::Punct(mark) if mark.as_char() == ';' => (in_use, test_from) = (false, None),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket && is_cfg_test(group) => {
                    test_from = Some(group.span_open().start().line);
                }
                TokenTree::Group(group) if in_use => self.tree(&[], group, module),
                TokenTree::Group(group) => self.read(group.stream(), module),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn inline_module(&mut self, body: &Group, name: &str, module: &[String], test_from: Option<usize>) {
        if let Some(from) = test_from {
            self.test_lines += body.span_close().end().line + 1 - from;
        }
        let mut inner = module.to_vec();
        inner.push(name.to_owned());
        self.read(body.stream(), &inner);
    }

    /// Reads `first::second::…`, and the tree behind it, if there is one; gives back what follows.
    fn path<'a>(
        &mut self,
        prefix: &[String],
        first: &TokenTree,
        mut rest: &'a [TokenTree],
        module: &[String],
        in_use: bool,
    ) -> &'a [TokenTree] {
        let mut path = prefix.to_vec();
        path.push(first.to_string());
        while let [TokenTree::Punct(a), TokenTree::Punct(b), after @ ..] = rest
            && (a.as_char(), b.as_char()) == (':', ':')
        {
            match after {
                [TokenTree::Ident(word), tail @ ..] => {
                    path.push(word.to_string());
                    rest = tail;
                }
                [TokenTree::Group(group), tail @ ..] if in_use => {
                    self.tree(&path, group, module);
                    return tail;
                }
                _ => {
                    rest = after;
                    break;
                }
            }
        }
        if in_use || path.len() > 1 {
            self.paths.push(Named { path: from_root(path, module), line: first.span().start().line });
        }
        if let ([TokenTree::Ident(word), TokenTree::Ident(_) | TokenTree::Punct(_), tail @ ..], true) = (rest, in_use)
            && word == "as"
        {
            return tail;
        }
        rest
    }

    /// Reads the braces of a `use`: each item goes on from `prefix`.
    fn tree(&mut self, prefix: &[String], group: &Group, module: &[String]) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let mut rest = tokens.as_slice();
        while let [token, after @ ..] = rest {
            rest = match token {
                TokenTree::Ident(_) => self.path(prefix, token, after, module, true),
                TokenTree::Group(group) => {
                    self.tree(prefix, group, module);
                    after
                }
                _ => after,
            };
        }
    }
}

/// Writes `self::` and `super::` out, so that climbing by `super` is seen as what it is.
fn from_root(path: Vec<String>, module: &[String]) -> Vec<String> {
    let mut base = module;
    let mut climbs = 0;
    for word in &path {
        match (word.as_str(), base) {
            ("self", _) if climbs == 0 => {}
            ("super", [parent @ .., _]) => base = parent,
            _ => break,
        }
        climbs += 1;
    }
    if climbs == 0 {
        return path;
    }
    let root = std::iter::once("crate".to_owned());
    root.chain(base.iter().cloned()).chain(path.into_iter().skip(climbs)).collect()
}

/// Whether an attribute's brackets hold `cfg(test)`.
fn is_cfg_test(group: &Group) -> bool {
    group.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// Every Rust file below `folder`.
fn rust_files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.fold(BTreeSet::new(), |mut files, path| {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(path);
        }
        files
    })
}

#[test]
fn the_house_stands_as_it_is_drawn() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&src);
    assert!(files.len() > 30, "only {} files found below {}", files.len(), src.display());
    let faults = files.iter().flat_map(|path| {
        let file = path.strip_prefix(&src).unwrap().to_str().unwrap();
        Source::parse(file, &fs::read_to_string(path).unwrap()).faults()
    });
    let report = faults.fold(String::new(), |mut report, fault| {
        let _ = writeln!(report, "{fault}");
        report
    });
    assert!(report.is_empty(), "\n{report}");
}

/// jsonwebtoken's default checks neither issuer nor audience (C-81). It is a trait's method, which clippy's list cannot
/// name.
#[test]
fn no_token_is_verified_by_default() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in rust_files(&src) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("Validation::default"), "{}: name the algorithm with Validation::new", path.display());
    }
}

/// The checker itself, on made-up files: one that cannot fail would hold nothing.
mod the_checker {
    use super::*;

    fn faults(file: &str, text: &str) -> Vec<String> {
        Source::parse(file, text).faults()
    }

    #[track_caller]
    fn refuses(file: &str, text: &str, why: &str) {
        let faults = faults(file, text);
        assert!(faults.len() == 1 && faults.iter().all(|fault| fault.contains(why)), "{file}: {text}\n{faults:?}");
    }

    #[track_caller]
    fn accepts(file: &str, text: &str) {
        assert_eq!(faults(file, text), Vec::<String>::new(), "{file}: {text}");
    }

    #[test]
    fn lets_a_room_import_what_is_below_it() {
        accepts("web/pages.rs", "use crate::{types::App, flow::{self, claims}};");
        accepts("web/pages.rs", "use super::cookies::Jar; use crate::web::links;");
        accepts("lib.rs", "pub mod cli; pub mod web;");
        accepts("types/mod.rs", "// use crate::web\n/// See [`crate::web`].\nconst A: &str = \"crate::web\";");
    }

    #[test]
    fn refuses_every_way_upward() {
        for text in [
            "use crate::web::pages;",
            "use crate::{types::App, web::pages};",
            "use crate::{types::{App, AppId}, web};",
            "use super::super::web::pages;",
            "use super::super::{types::App, web::pages};",
            "fn f() -> crate::web::Page { loop {} }",
            "fn f() { info!(crate::web::NAME); }",
            "mod tests { use super::super::super::web; }",
            "pub use crate::web as other;",
            "fn f(a: Vec<crate::web::Page>) {}",
        ] {
            refuses("flow/next.rs", text, "flow/next.rs:1: imports upward: `crate::web`");
        }
        refuses("cli/serve.rs", "\n\nuse crate::broom;", "cli/serve.rs:3: `crate::broom` is no room");
        refuses("attic/mod.rs", "use crate::types;", "the room `attic` has no floor");
        refuses("broker.rs", "use crate::demo::google;", "imports upward: `crate::demo`");
    }

    #[test]
    fn refuses_neighbours() {
        refuses("session/mod.rs", "use crate::grant::Grant;", "imports a neighbour: `crate::grant`");
        refuses("seal/mod.rs", "use crate::store;", "imports a neighbour: `crate::store`");
    }

    #[test]
    fn keeps_foreign_crates_at_home() {
        refuses("oidc/token.rs", "use openidconnect::Nonce;", "`openidconnect` is at home in");
        refuses("oidc/token.rs", "use {oauth2 as o};", "`oauth2` is at home in");
        refuses("oidc/token.rs", "fn f(a: ::oauth2::CsrfToken) {}", "`oauth2` is at home in");
        refuses("flow/next.rs", "use actix_web::{web, HttpResponse as R};", "`actix_web` is at home in");
        refuses("upstream/oidc.rs", "use reqwest::Client;", "`reqwest` is at home in");
        refuses("cli/serve.rs", "fn f() { std::env::var(\"A\"); }", "`std::env::var` is at home in");
        refuses("cli/serve.rs", "use std::{env::{self, var_os}, fs};", "`std::env::var_os` is at home in");
        accepts("upstream/mod.rs", "mod oauth2; use oauth2::CsrfToken; use openidconnect::Nonce;");
        accepts("config/provider.rs", "fn oauth2() {} fn f() { let oauth2 = Kind::Oauth2(1); super::oauth2::g(); }");
        accepts("broker.rs", "use actix_web::App; use crate::upstream::oauth2;");
    }

    #[test]
    fn counts_lines_without_tests() {
        let code = "const A: u8 = 0;\n".repeat(MAX_LINES);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{code}}}\n");
        accepts("flow/next.rs", &format!("{code}{tests}"));
        accepts("flow/tests.rs", &format!("{code}{code}"));
        refuses("flow/next.rs", &format!("{code}const B: u8 = 0;\n{tests}"), "401 lines without its tests");
        refuses("flow/next.rs", &format!("{code}mod more {{\n}}\n"), "402 lines without its tests");
    }

    #[test]
    fn refuses_names_that_say_nothing() {
        refuses("web/utils.rs", "", "`utils` says nothing");
        refuses("flow/common/next.rs", "", "`common` says nothing");
        refuses("flow/next.rs", "mod helpers {}", "`helpers` says nothing");
    }
}
