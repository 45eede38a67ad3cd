# Die Frage, ob eine App etwas wissen darf, und wie jedes davon heißt.

consent-title = { $app } möchte wissen, wer Sie sind
consent-host = Wenn Sie geantwortet haben, geht es zurück zu { $host }.
consent-required = Das braucht { $app }
consent-optional = Darüber entscheiden Sie
consent-optional-hint = Es bleibt aus, bis Sie es einschalten.
consent-source = Von { $source }
consent-missing = { $source } hat es uns nicht gesagt
consent-keep = Aufbewahrt: { $period }
consent-keep-unknown = { $app } sagt nicht, wie lange sie das behält.
consent-offline-title = Auch wenn Sie nicht da sind
consent-offline = { $app } darf auch fragen, wenn Sie nicht da sind, bis Sie die Verbindung trennen.
consent-already = Was { $app } schon sehen darf
consent-never-title = Was { $app } nicht bekommt
consent-never = Ihr Passwort und alles, was oben nicht steht.
consent-yes = Weiter
consent-no = Jetzt nicht
consent-if-no = Bei „Jetzt nicht“ bekommt { $app } nichts, und es geht zurück.
consent-policy = Wie { $app } mit Daten umgeht
consent-terms = Bedingungen von { $app }

about-name = Ihr voller Name
about-given-name = Ihr Vorname
about-family-name = Ihr Nachname
about-middle-name = Ihr zweiter Vorname
about-nickname = Ihr Spitzname
about-preferred-username = Ihr Benutzername
about-profile = Ihre Profilseite
about-picture = Ihr Bild
about-website = Ihre Website
about-email = Ihre E-Mail-Adresse
about-email-verified = Ob Ihre E-Mail-Adresse geprüft ist
about-gender = Ihr Geschlecht
about-birthdate = Ihr Geburtsdatum
about-zoneinfo = Ihre Zeitzone
about-locale = Ihre Sprache
about-phone-number = Ihre Telefonnummer
about-phone-number-verified = Ob Ihre Telefonnummer geprüft ist
about-address = Ihre Postanschrift
about-updated-at = Wann sich Ihre Angaben zuletzt geändert haben
about-groups = Ihre Gruppen

value-yes = Ja
value-no = Nein
