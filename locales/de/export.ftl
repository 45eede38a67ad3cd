# The README of the archive that people take with them. It says what each file is.
export-title = Ihre Daten bei { $host }
export-intro = Dieses Archiv enthält alles, was { $host } über Sie aufbewahrt. Die Dateien sind JSON, damit auch andere Programme sie lesen können.
export-manifest = manifest.json zählt die Dateien auf, jede mit einer Prüfsumme. Dort steht auch, wo ihre Form beschrieben ist.
export-account = account.json sagt, seit wann { $host } Sie kennt und wann dieses Archiv entstand.
export-ways = ways.json zählt auf, wie Sie sich anmelden. Ihr Name dort wird nicht aufbewahrt, nur ein Zeichen dafür.
export-claims = claims.json enthält, was { $host } gerade über Sie weiß. Es verschwindet mit der Abmeldung oder am Datum daneben.
export-apps = apps.json nennt jede App, die Sie benutzen. Dort steht, was Sie erlaubt haben und was die App wann bekam.
export-sessions = sessions.json nennt die Browser, in denen Sie angemeldet sind. Was sie enthalten, öffnet nur der Browser selbst.
export-passes = passes.json nennt die Apps, die diese Browser ohne neue Frage hereinlassen. Was sie erfahren, öffnet nur der Browser selbst.
export-access = access.json nennt, was Apps noch ohne Sie abfragen können.
export-history = history.json erzählt, was mit Ihrem Konto geschah.
export-receipts = receipts.json belegt, was Sie mit welchen Worten erlaubt haben. Jeder Beleg ist unterschrieben. Mit keys.json lässt sich das prüfen.
export-left-out = Nicht dabei: geheime Schlüssel und alles, was anderen gehört. Passwörter werden hier nie aufbewahrt.
