//! Variables that override the file.

use super::*;

#[test]
fn variables_override_the_file_and_are_named_when_they_are_wrong() {
    let with = |variables: &[(&str, &str)]| {
        let env = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::parse(&good(), Path::new("/etc/vestibule"), &env)
    };
    let config = with(&[
        ("VESTIBULE__LISTEN__HTTP", "127.0.0.1:1"),
        ("vestibule__store__url", "\"redis://redis:6379/0\""),
        ("VESTIBULE__LISTEN__TRUSTED_PROXIES", "[\"10.0.0.1\"]"),
        ("VESTIBULE__PROVIDERS__GOOGLE__CLIENT_ID", "1234567890"),
        ("VESTIBULE__PROVIDERS__GOOGLE__CLIENT_SECRET", "{ env = \"SECRET\" }"),
        ("SECRET", "from the environment"),
        ("VESTIBULE__APPS__NOTES__CLAIMS__NAME", "{ need = \"optional\", why = \"To greet you.\" }"),
        ("VESTIBULE__PROVIDERS__HUB__KIND", "github"),
        ("VESTIBULE__PROVIDERS__HUB__CLIENT_ID", "x"),
        ("VESTIBULE__PROVIDERS__HUB__CLIENT_SECRET", "y"),
        ("VESTIBULE_CONFIG", "no override"),
    ])
    .unwrap();
    assert_eq!(config.listen.http, "127.0.0.1:1".parse().unwrap());
    assert!(matches!(config.store, StoreUrl::Redis(_)));
    assert_eq!(config.listen.trusted_proxies, ["10.0.0.1/32".parse().unwrap()]);
    assert_eq!(config.providers[0].client_id, "1234567890");
    assert_eq!(config.providers[0].client_secret.as_ref().unwrap().expose(), "from the environment");
    assert_eq!(config.apps[&"notes".parse().unwrap()].claims.len(), 2);
    assert_eq!(config.providers[1].id.as_str(), "hub");

    for (name, value, word) in [
        ("VESTIBULE__LISTEN__HTTP", "nowhere", "IP address"),
        ("VESTIBULE__LISTEN__HTTPS", "127.0.0.1:1", "no such setting"),
        ("VESTIBULE__SECRETS__MASTER", CLIENT_SECRET, "base64url"),
        ("VESTIBULE__ISSUER__HOST", "x", "no table"),
        ("VESTIBULE__", "x", "names no setting"),
        ("VESTIBULE__LISTEN____HTTP", "x", "names no setting"),
    ] {
        let faults = with(&[(name, value)]).unwrap_err();
        let fault = faults.iter().next().unwrap();
        assert_eq!((faults.count(), &fault.place), (1, &Place::Variable(name.into())), "{faults}");
        assert!(format!("{} {}", fault.problem, fault.remedy).contains(word), "{faults}");
        assert!(!faults.to_string().contains(CLIENT_SECRET));
    }
    let faults = with(&[("VESTIBULE__LISTEN__HTTP", "[::]:1"), ("vestibule__listen__http", "[::]:2")]).unwrap_err();
    assert!(faults.to_string().contains("another variable"), "{faults}");
}

#[test]
fn dashes_and_underscores_are_the_same_in_a_variable() {
    let app = |id: &str| format!("[apps.{id}]\nname = \"N\"\nredirect_uris = [\"https://n.example/cb\"]\n");
    let env = Environment::from_iter([("VESTIBULE__APPS__MY_APP__NAME", "Mine")]);
    let config = Config::parse(&(good() + &app("my-app")), Path::new(""), &env).unwrap();
    assert_eq!(config.apps[&"my-app".parse().unwrap()].name, "Mine");
    let faults = Config::parse(&(good() + &app("my-app") + &app("my_app")), Path::new(""), &env).unwrap_err();
    assert!(faults.to_string().contains("two sections"), "{faults}");
}
