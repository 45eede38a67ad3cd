# Was Menschen lesen. Kurze Sätze, einfache Worte.

## Jede Seite
footer-operator = Betrieben von { $operator }
footer-contact = Hilfe
footer-language = Sprache
footer-privacy = Datenschutz
footer-account = Meine Daten
way-try-again = Noch einmal versuchen
way-choose-again = Anderen Weg wählen
way-back = Zurück zu { $app }
way-account = Zu Ihrer Seite
way-home = Zur Startseite
way-sign-out = Abmelden

## Startseite
home-title = { $site } meldet Sie bei Apps an
home-lede = Apps schicken Sie zum Anmelden hierher, und gleich danach geht es zurück.
home-what-title = Was hier geschieht
home-what = Sie wählen einen Dienst, bei dem Sie schon ein Konto haben. Er bestätigt, dass Sie es sind, und wir sagen es der App.
home-never-title = Wer was erfährt
home-never = Die App sieht Ihr Passwort nie, und wir auch nicht. Der Dienst erfährt nie, welche App Sie nutzen.
home-keep-title = Was wir behalten
home-keep = Ihr Name und Ihre Adresse sind verschlossen, und nur Ihr Browser oder die App hat den Schlüssel. Wenn Sie weg sind, behalten wir eine Nummer, die für Sie steht, dazu Ihre Entscheidungen und wann sie fielen.
home-who-title = Wer das betreibt
home-who = { $operator }
home-account = Sehen, was wir über Sie wissen

## Anbieter wählen
choose-title = Bei { $app } anmelden
choose-lede = Wählen Sie, wie. Danach geht es zurück zu { $host }.
choose-continue = Weiter mit { $provider }
choose-last-used = zuletzt genutzt
choose-unavailable = antwortet nicht
choose-none = Im Moment ist kein Weg zum Anmelden offen. Bitte versuchen Sie es später noch einmal.
choose-privacy = { $app } sieht Ihr Passwort nie. Der Dienst, den Sie wählen, erfährt nicht, welche App Sie nutzen.
notice-cancelled = Sie haben sich nicht mit { $provider } angemeldet. Wählen Sie neu, wenn Sie so weit sind.
notice-unavailable = { $provider } antwortet gerade nicht. Bitte wählen Sie einen anderen Weg.
notice-not-allowed = Dieses Konto bei { $provider } ist hier nicht zugelassen. Bitte wählen Sie ein anderes.
notice-again = Die App bittet Sie, sich noch einmal anzumelden, damit sie sicher ist, dass Sie es sind.

## Weiter mit einem Formular
form-post-title = Noch ein Klick zu { $app }
form-post-lede = Ihre Antwort ist bereit. Der Knopf bringt sie ans Ziel.
form-post-button = Weiter zu { $app }
form-post-why = Ihr Browser führt hier keine Skripte aus, darum geht es nicht von selbst weiter.

## Abmelden
sign-out-title = Möchten Sie sich abmelden?
sign-out-app = { $app } bittet darum, Sie abzumelden.
sign-out-what = Apps, die Sie von hier aus geöffnet haben, melden Sie vielleicht auch ab.
sign-out-yes = Abmelden
sign-out-no = Angemeldet bleiben
signed-out-title = Sie sind abgemeldet
signed-out-here = Dieser Browser meldet Sie nicht mehr von selbst bei Apps an.
signed-out-elsewhere = Bei dem Dienst, den Sie genutzt haben, sind Sie vielleicht noch angemeldet. An einem geteilten Computer melden Sie sich auch dort ab.
