# Die Datenschutzseite: was bekannt ist, wer es bekommt, und was man dagegen tun kann.
account-title = Sie und Ihre Daten
account-lede = Hier sehen Sie, was bekannt ist und wer es bekommt. Was Sie ändern, gilt sofort.
account-nav = Auf dieser Seite
account-back = Zurück zu allem

account-known-title = Was wir jetzt über Sie wissen
account-known = Es kommt von { $source }. Nur dieser Browser kann es öffnen.
account-known-none = { $source } hat uns nichts über Sie gesagt.
account-known-until = Weg am { $date }
account-known-sooner = Früher weg ist es, wenn Sie sich abmelden. Auch dann, wenn Sie nicht wiederkommen: für { $period }.

account-subs-title = Wie Apps Sie kennen
account-subs = Jede App hat eine eigene Nummer für Sie. So können Apps sich nicht austauschen.
account-subs-none = Noch kennt Sie keine App.

account-apps-title = Apps
account-apps = Sie entscheiden, was eine App ab jetzt bekommt. Was sie schon hat, behält sie nach eigenen Regeln.
account-apps-none = Sie haben noch keine App genutzt.
account-apps-more = Weitere Apps
account-apps-fewer = Zurück
account-app-since = Verbunden seit { $date }
account-app-knew = Kennt Sie seit { $date }
account-app-last = Zuletzt genutzt am { $date }
account-app-paused = Pausiert
account-app-disconnected = Nicht verbunden
account-app-gone = Diese App ist hier nicht mehr eingerichtet.
account-app-away = Von dieser App ist gerade nichts zu hören.
account-app-own = Das ist unsere eigene App, sie fragt nicht. Freiwilliges können Sie ausschalten, oder sie pausieren.
account-app-out = Ging zuletzt hinaus am { $date }
account-app-out-never = Ging bisher nicht hinaus
account-app-asks = Dafür gibt es einen neuen Text. Die App wird Sie fragen.
account-app-earlier = Das ging früher hinaus
account-app-save = Speichern
account-app-pause = Pausieren
account-app-pause-what = Solange sie pausiert, bekommt sie nichts, und Sie können sich dort nicht anmelden.
account-app-resume = Fortsetzen
account-app-resume-what = Sie pausiert: Sie bekommt nichts, und Sie können sich dort nicht anmelden.
account-app-disconnect = Trennen
account-app-disconnect-what = Trennen beendet ihren Zugang sofort. Die App erfährt, dass Sie gegangen sind.

account-browsers-title = Wo Sie angemeldet sind
account-browser-this = dieser Browser
account-browser-unknown = Ein Browser, dessen Namen wir nicht kennen
account-browser-through = Mit { $provider }
account-browser-since = Seit { $date }
account-browser-seen = Zuletzt gesehen am { $date }
account-browser-end = Abmelden
account-browsers-more = { $count ->
    [one] Und noch einer.
   *[other] Und { $count } weitere.
}
account-browsers-others = Alle anderen abmelden
account-browsers-all = Überall abmelden, auch hier

account-ways-title = Wege zum Anmelden
account-ways = Jeder davon führt zum selben Konto. Apps merken keinen Unterschied.
account-way-remove = Entfernen
account-way-remove-what = Wenn Sie einen entfernen, werden Browser abgemeldet, die so gekommen sind.
account-way-last = Das ist Ihr einziger Weg hinein, darum bleibt er. Um ganz zu gehen, löschen Sie alles.
account-way-add = Sie können einen weiteren hinzufügen. Dazu melden Sie sich einmal dort an, als Beweis.
account-way-add-with = { $provider } hinzufügen

account-history-title = Verlauf
account-history = Was hier geschah, für { $period } aufbewahrt. Keine Werte, keine Netzwerkadressen.
account-history-none = Bisher nichts.
account-history-older = Ältere
account-history-newer = Neuere

account-export-title = Meine Daten herunterladen
account-export = Eine Datei mit allem, was wir über Sie aufbewahren, und einem Text, der es erklärt.
account-export-get = Herunterladen
account-export-schema = Wie die Dateien aufgebaut sind, für Programme

account-preview-title = Was bekäme diese App?
account-preview = Sehen Sie nach, bevor Sie eine App nutzen. Vom Nachsehen geht nichts hinaus.
account-preview-app = App
account-preview-look = Nachsehen

account-delete-title = Alles löschen
account-delete = Ihr Konto hier endet für immer, und jede App erfährt es. Zuerst sehen Sie, was das heißt.
account-delete-go = Sehen, was das heißt

note-changed = Gespeichert. { $app } bekommt ab jetzt, was Sie gewählt haben.
note-same = Für { $app } hat sich nichts geändert.
note-paused = { $app } pausiert. Die App bekommt nichts, bis Sie sie fortsetzen.
note-resumed = { $app } geht weiter, mit dem, was Sie erlauben.
note-disconnected = { $app } ist getrennt. Der Zugang ist beendet.
note-not-connected = { $app } ist nicht verbunden.
note-signed-out = Dieser Browser ist abgemeldet.
note-signed-out-before = Dieser Browser war schon abgemeldet.
note-others = Alle anderen Browser sind abgemeldet.
note-others-none = Kein anderer Browser war angemeldet.
note-unlinked = { $provider } ist entfernt und führt nicht mehr hierher.
note-unlinked-before = Dieser Weg war schon entfernt.
note-last-way = { $provider } ist Ihr einziger Weg hinein, darum bleibt er.
note-linked = { $provider } ist hinzugefügt und führt ab jetzt hierher.
note-linked-before = { $provider } führt schon hierher.

preview-title = Was { $app } bekäme
preview-new = Das bekommt sie, wenn Sie sich dort anmelden und nichts einschalten.
preview-known = Sie nutzen diese App schon. Das bekommt sie jetzt.
preview-paused = Sie pausiert und bekommt nichts.
preview-gets = Das bekommt sie
preview-gets-nothing = Nichts als eine Nummer, die für Sie steht.
preview-may = Nur, wenn Sie es einschalten

history-signed-in = Angemeldet mit { $provider }
history-signed-out = Ein Browser wurde abgemeldet
history-signed-out-everywhere = Alle Browser wurden abgemeldet
history-agreed = Sie haben { $app } zugestimmt
history-declined = Sie haben { $app } nein gesagt
history-changed = Sie haben geändert, was { $app } bekommt
history-on = Eingeschaltet
history-off = Ausgeschaltet
history-paused = Sie haben { $app } pausiert
history-resumed = Sie haben { $app } fortgesetzt
history-disconnected = Sie haben { $app } getrennt
history-linked = { $provider } wurde ein Weg zum Anmelden
history-unlinked = { $provider } wurde als Weg zum Anmelden entfernt
history-exported = Sie haben Ihre Daten heruntergeladen
history-blocked = Der Betreiber hat das Konto gesperrt
history-unblocked = Die Sperre wurde aufgehoben
history-reused = { $app } nutzte einen alten Schlüssel zweimal, darum endete der Zugang
history-said-sessions = { $provider } meldete, Sie dort abgemeldet zu haben
history-said-access = { $provider } meldete, dass Sie uns dort den Zugang entzogen haben
history-said-disabled = { $provider } meldete, dass Ihr Konto dort gesperrt ist
history-said-enabled = { $provider } meldete, dass Ihr Konto dort wieder offen ist
history-said-purged = { $provider } meldete, dass Ihr Konto dort gelöscht ist
history-said-change = { $provider } bat Sie, Ihr Konto dort zu sichern
history-said-mail-off = { $provider } leitet keine Mail mehr an Sie weiter
history-said-mail-on = { $provider } leitet wieder Mail an Sie weiter
