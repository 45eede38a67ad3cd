use std::{collections::BTreeMap, fs, path::Path};

use scraper::{ElementRef, Html, Node, Selector};

use super::{
    samples::{ORDINARY, Words as Data, every_page, problem_kinds},
    value::about,
    *,
};
use crate::types::Claim;

fn branded() -> Pages {
    let operator = Operator {
        name: Some("Example Ltd".into()),
        contact: Some("help@example.com".into()),
        country: Some("Ireland".into()),
        address: Some("1 Example Street, Dublin".into()),
        authority: None,
    };
    Pages::new("login.example.com", &Branding::default(), &operator).unwrap().with_privacy_page().with_account_page()
}

fn select(document: &Html, css: &str) -> Vec<String> {
    document.select(&Selector::parse(css).unwrap()).map(|element| element.text().collect()).collect()
}

/// What an injected tag or attribute would change: names of elements and attributes, in order.
fn skeleton(document: &Html) -> Vec<String> {
    let elements = document.tree.root().descendants().filter_map(ElementRef::wrap);
    elements
        .flat_map(|element| {
            let mut names: Vec<String> = element.value().attrs().map(|(name, _)| format!("@{name}")).collect();
            names.sort();
            names.insert(0, element.value().name().to_owned());
            names
        })
        .collect()
}

/// All that a person can read or hear.
fn readable(document: &Html) -> String {
    let mut all = String::new();
    for node in document.tree.root().descendants() {
        match node.value() {
            Node::Text(text) => all.push_str(text),
            Node::Element(element) => {
                for name in ["aria-label", "title", "alt", "placeholder"] {
                    all.push_str(element.attr(name).unwrap_or_default());
                    all.push('\n');
                }
            }
            _ => {}
        }
    }
    all
}

/// Elements that hold a run of words, without those that hold other such elements.
fn runs_of_words(document: &Html) -> Vec<String> {
    const BLOCKS: &str = "title, h1, h2, h3, p, li, button, label";
    let blocks = Selector::parse(BLOCKS).unwrap();
    let leaves = document.select(&blocks).filter(|element| element.select(&blocks).next().is_none());
    leaves.map(|element| element.text().collect::<Vec<_>>().join(" ")).collect()
}

fn each_page(data: Data<'_>, mut look: impl FnMut(&str, Locale, &str, &Html)) {
    let pages = branded();
    for (name, page) in every_page(data) {
        for locale in Locale::ALL {
            let html = pages.render_with(locale, page.as_ref(), Some("language-form".into()));
            look(&name, locale, &html, &Html::parse_document(&html));
        }
    }
}

#[test]
fn every_page_is_a_whole_document_with_one_headline_and_its_language() {
    each_page(ORDINARY, |name, locale, html, document| {
        assert!(document.errors.is_empty(), "{name}: {:?}", document.errors);
        assert_eq!(document.root_element().attr("lang"), Some(locale.tag()));
        assert_eq!(select(document, "main h1").len(), 1, "{name}");
        let title = &select(document, "title")[0];
        assert!(title.ends_with(" · Vestibule") && title.starts_with(&select(document, "h1")[0]), "{name}: {title}");
        assert!(!html.contains("{$") && !html.contains("{{"), "{name}: {html}");
    });
}

#[test]
fn no_page_needs_a_script_a_style_attribute_or_anything_from_elsewhere() {
    each_page(ORDINARY, |name, _, html, document| {
        for forbidden in ["script", "style", "[style]", "iframe", "object", "base", "meta[http-equiv]"] {
            // Apps that asked for it hear by a frame that somebody signed out; the page then goes back by itself.
            let farewell =
                name.starts_with("signed-out-telling") && ["iframe", "meta[http-equiv]"].contains(&forbidden);
            // An answer that is posted to an app goes on by itself where it can.
            let posted = name == "form-post" && forbidden == "script";
            assert!(farewell || posted || select(document, forbidden).is_empty(), "{name} has {forbidden}");
        }
        assert!(!skeleton(document).iter().any(|part| part.starts_with("@on")), "{name}");
        for (css, attribute) in [("link", "href"), ("img", "src")] {
            for element in document.select(&Selector::parse(css).unwrap()) {
                assert!(element.attr(attribute).unwrap().starts_with("/static/"), "{name}: {html}");
            }
        }
    });
}

#[test]
fn sentences_are_short_and_words_are_plain() {
    const INSIDER: [&str; 5] = ["oauth", "scope", "token", "claim", "client"];
    each_page(ORDINARY, |name, locale, _, document| {
        let text = readable(document).to_lowercase();
        for word in INSIDER {
            assert!(!text.contains(word), "{name} in {locale} says {word}");
        }
        for sentence in runs_of_words(document).iter().flat_map(|run| run.split(['.', '?', '!', ':'])) {
            let words = sentence.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
            assert!(words <= 20, "{name} in {locale}, {words} words: {sentence}");
        }
    });
}

/// AC-67, C-47: what others write stays text, and is shown whole.
#[test]
fn hostile_values_stay_text() {
    let long = "x".repeat(200);
    let mut plain = BTreeMap::new();
    each_page(Data::all("x"), |name, locale, _, document| {
        plain.insert((name.to_owned(), locale.tag()), skeleton(document));
    });
    for hostile in [
        r#""><img src=x onerror=alert(1)>"#,
        "</script><script>alert(1)</script>",
        "</title></textarea><svg onload=alert(1)>",
        "' autofocus onfocus='alert(1)",
        "{{7*7}}{%raw%}{ $app }",
        "&lt;b&gt;&amp;#x27;",
        "\u{202e}gpj.exe",
        "شركة الملاحظات",
        &long,
    ] {
        each_page(Data::all(hostile), |name, locale, html, document| {
            assert_eq!(skeleton(document), plain[&(name.to_owned(), locale.tag())], "{name}: {html}");
            let names_app =
                ["choose", "consent", "form-post"].iter().any(|start| name.starts_with(start)) || name == "privacy";
            assert!(!names_app || readable(document).contains(hostile), "{name}: {html}");
        });
        let document =
            Html::parse_document(&branded().render(Locale::En, every_page(Data::all(hostile))[1].1.as_ref()));
        let headline = select(&document, "h1")[0].replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(headline, format!("Sign in to {hostile}"));
        let field = document.select(&Selector::parse("input[name=attempt]").unwrap()).next().unwrap();
        assert_eq!(field.attr("value"), Some(hostile));
        assert_eq!(select(&document, "bdi")[0], "Vestibule");
    }
}

#[test]
fn the_way_used_last_is_first_and_those_that_are_away_are_last() {
    let document = Html::parse_document(&branded().render(Locale::En, every_page(ORDINARY)[1].1.as_ref()));
    let buttons = Selector::parse("main form:first-of-type button").unwrap();
    let targets: Vec<_> = document.select(&buttons).map(|button| button.attr("formaction").unwrap()).collect();
    assert_eq!(targets.first(), Some(&"/login/github"));
    assert_eq!(targets.last(), Some(&"/login/gitlab"));
    assert_eq!(targets.len(), 7);
    assert_eq!(select(&document, "button small"), ["used last time", "not answering"]);
}

#[test]
fn one_way_on_is_the_button_and_the_others_are_quieter() {
    let pages = every_page(ORDINARY);
    let (_, problem) = pages.iter().find(|(name, _)| name == "problem-bad-request").unwrap();
    let document = Html::parse_document(&branded().render(Locale::En, problem.as_ref()));
    assert_eq!(select(&document, "main .button:not(.quiet)"), ["Choose another way"]);
    assert_eq!(select(&document, "main .button.quiet"), ["Back to Notes"]);
}

#[test]
fn a_question_has_two_answers_of_one_name_that_weigh_the_same() {
    each_page(ORDINARY, |name, _, _, document| {
        let answers: Vec<_> =
            document.select(&Selector::parse("main form:first-of-type [name=answer]").unwrap()).collect();
        let asks = name.starts_with("consent")
            || matches!(
                name,
                "sign-out" | "sign-out-alone" | "device-confirm" | "link" | "link-unnamed" | "delete" | "delete-alone"
            );
        assert_eq!(answers.len(), if asks { 2 } else { 0 }, "{name}");
        if let [yes, no] = answers[..] {
            assert_eq!((yes.attr("value"), no.attr("value")), (Some("yes"), Some("no")));
            assert_eq!(yes.attr("class"), no.attr("class"));
        }
    });
}

#[test]
fn what_is_optional_is_off_until_the_person_turns_it_on() {
    let pages = every_page(ORDINARY);
    let (_, consent) = pages.iter().find(|(name, _)| name == "consent").unwrap();
    let document = Html::parse_document(&branded().render(Locale::En, consent.as_ref()));
    let boxes: Vec<_> = document
        .select(&Selector::parse("input[type=checkbox]").unwrap())
        .map(|input| (input.attr("name").unwrap(), input.attr("checked").is_some()))
        .collect();
    assert_eq!(boxes, [("name", false), ("picture", true), ("birthdate", false)]);
    let values = select(&document, ".value");
    assert_eq!(values[..2], ["ada.lovelace@example.org", "Ada Lovelace"]);
    assert_eq!(values[3], "Google did not tell us");
}

/// Of what is kept, everybody learns for how long: as a period, and as a date.
#[test]
fn the_privacy_page_names_periods_as_dates() {
    let pages = every_page(ORDINARY);
    let (_, page) = pages.iter().find(|(name, _)| name == "privacy").unwrap();
    for (locale, period, date) in [
        (Locale::En, "Kept for 90 days.", "Until 23 February 2026 if you sign in today."),
        (Locale::De, "Für 90 Tage.", "Bis zum 23. Februar 2026, wenn Sie sich heute anmelden."),
        (Locale::Fr, "Gardé pendant 90 jours.", "Jusqu’au 23 février 2026 si vous vous connectez aujourd’hui."),
        (Locale::Es, "Durante 90 días.", "Hasta el 23 de febrero de 2026 si usted entra hoy."),
    ] {
        let document = Html::parse_document(&branded().render(locale, page.as_ref()));
        let lines = select(&document, ".kept .fine");
        assert!(lines.iter().any(|line| line.contains(period) && line.contains(date)), "{locale}: {lines:?}");
        let times = document.select(&Selector::parse("time").unwrap()).count();
        assert_eq!(times, 9, "every kind whose period is a day or more");
    }
    let document = Html::parse_document(&branded().render(Locale::En, page.as_ref()));
    assert_eq!(select(&document, ".kept h3 code").last().unwrap(), "__Host-vst_note");
    assert!(select(&document, "main p").iter().any(|text| text.contains("1 Example Street, Dublin")));
    assert!(document.select(&Selector::parse("main a[href='/account']").unwrap()).next().is_some());
}

/// The choice is in the foot, where it is in nobody's way, and works for whoever reads the page.
#[test]
fn every_page_offers_every_language_in_its_own_words() {
    each_page(ORDINARY, |name, locale, _, document| {
        assert_eq!(select(document, "footer form button"), ["English", "Deutsch", "Français", "Español"], "{name}");
        let chosen = Selector::parse("footer form [aria-current]").unwrap();
        let current: Vec<_> = document.select(&chosen).map(|button| button.attr("value").unwrap()).collect();
        assert_eq!(current, [locale.tag()], "{name}");
    });
    assert!(!Pages::plain("x").render(Locale::En, &Home).contains("/language"));
}

#[test]
fn every_label_and_description_leads_to_something() {
    each_page(ORDINARY, |name, _, _, document| {
        for attribute in ["for", "aria-labelledby", "aria-describedby"] {
            for element in document.select(&Selector::parse(&format!("[{attribute}]")).unwrap()) {
                let id = element.attr(attribute).unwrap();
                let there = document.select(&Selector::parse(&format!("[id='{id}']")).unwrap()).count();
                assert_eq!(there, 1, "{name}: {attribute}={id}");
            }
        }
    });
}

#[test]
fn the_operator_can_be_reached_from_every_page() {
    each_page(ORDINARY, |name, _, html, _| {
        assert!(html.contains("href=\"mailto:help@example.com\"") && html.contains("Example Ltd"), "{name}");
        assert!(html.contains("href=\"/privacy\""), "{name}");
    });
    let odd = |contact: &str| Site {
        operator: Operator { contact: Some(contact.into()), ..Operator::default() },
        ..Site::default()
    };
    assert_eq!(odd("https://example.com/help").contact_href().as_deref(), Some("https://example.com/help"));
    for no_link in ["javascript:alert(1)", "+353 1 234", "a@b.c?bcc=x@y.z", "<a@b.c>"] {
        assert_eq!(odd(no_link).contact_href(), None, "{no_link}");
    }
    assert!(!Pages::plain("x").render(Locale::En, &Home).contains("/privacy"));
}

/// Every text is used somewhere, and every text that is used exists, with the variable that is given to it.
#[test]
fn pages_and_texts_fit_together() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut source = String::new();
    const FOLDERS: [&str; 6] = [
        "templates",
        "templates/pages",
        "templates/partials",
        "src/web/pages",
        "src/web/pages/account",
        "src/account/export",
    ];
    for folder in FOLDERS {
        for entry in fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap) {
            if entry.path().extension().is_some_and(|e| e == "html" || e == "rs") && entry.file_name() != "tests.rs" {
                source += &fs::read_to_string(entry.path()).unwrap();
            }
        }
    }
    let texts = crate::web::texts::tests::messages(Locale::En);
    let mut derived: Vec<&str> = Claim::ALL.map(about).into();
    derived.extend(super::privacy::derived_texts());
    for kind in problem_kinds("x") {
        let ids = kind.text_ids();
        derived.extend([ids.title, ids.what, ids.now]);
    }
    for id in &derived {
        assert!(texts.contains_key(*id), "{id}");
    }
    for id in texts.keys() {
        assert!(derived.contains(&id.as_str()) || source.contains(&format!("\"{id}\"")), "{id} is used nowhere");
    }
    for call in source.split("t.say(\"").skip(1) {
        let id = call.split('"').next().unwrap();
        assert!(texts.get(id).is_some_and(|variables| variables.is_empty()), "say {id}");
    }
    for call in source.split("t.with(\"").skip(1).chain(source.split("t.around(\"").skip(1)) {
        let mut parts = call.split('"');
        let (id, variable) = (parts.next().unwrap(), parts.nth(1).unwrap());
        assert!(texts.get(id).is_some_and(|variables| variables.iter().eq([variable])), "with {id}: {variable}");
    }
}

/// Writes every page to `target/pages`, to be looked at in a browser (`python3 -m http.server -d target/pages`), as
/// `tests/e2e/samples.test.mjs` does.
#[test]
fn every_page_can_be_looked_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    let _none_yet = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("static")).unwrap();
    for name in [STYLESHEET, ICON] {
        let pages = branded();
        let url = pages.assets().url(name);
        fs::write(folder.join(url.trim_start_matches('/')), pages.assets().content(name).unwrap()).unwrap();
    }
    let long = "Wonderful".repeat(22);
    for (suffix, data) in [("", ORDINARY), ("-long", Data::all(&long)), ("-rtl", Data::all("شركة الملاحظات"))]
    {
        each_page(data, |name, locale, html, _| {
            fs::write(folder.join(format!("{name}{suffix}.{locale}.html")), html).unwrap();
        });
    }
    let written = fs::read_to_string(folder.join("choose.de.html")).unwrap();
    assert!(written.contains("Bei Notes anmelden"));
}

#[test]
fn the_operators_look_reaches_every_page() {
    let logo = tempfile::NamedTempFile::new().unwrap();
    fs::write(logo.path(), "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    let branding =
        Branding { name: Some("Acme & Sons".into()), logo: Some(logo.path().into()), accent: Some("#ffcc00".into()) };
    let pages = Pages::new("x", &branding, &Operator::default()).unwrap();
    let document = Html::parse_document(&pages.render(Locale::Es, &SignedOut::default()));
    assert_eq!(select(&document, "header bdi"), ["Acme & Sons"]);
    let image = document.select(&Selector::parse("header img").unwrap()).next().unwrap();
    assert!(image.attr("src").unwrap().ends_with("-logo.svg"));
    assert_eq!(pages.warnings().len(), 1);
    let bad = Branding { accent: Some("red".into()), ..Branding::default() };
    assert!(Pages::new("x", &bad, &Operator::default()).unwrap_err().to_string().starts_with("branding.accent: "));
}
