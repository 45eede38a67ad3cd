# Daten und Zeiträume. Das Jahr folgt dem Datum. Zeiträume stehen im Akkusativ.
date-1 = { $day }. Januar
date-2 = { $day }. Februar
date-3 = { $day }. März
date-4 = { $day }. April
date-5 = { $day }. Mai
date-6 = { $day }. Juni
date-7 = { $day }. Juli
date-8 = { $day }. August
date-9 = { $day }. September
date-10 = { $day }. Oktober
date-11 = { $day }. November
date-12 = { $day }. Dezember
period-seconds = { $count ->
    [one] eine Sekunde
   *[other] { $count } Sekunden
}
period-minutes = { $count ->
    [one] eine Minute
   *[other] { $count } Minuten
}
period-hours = { $count ->
    [one] eine Stunde
   *[other] { $count } Stunden
}
period-days = { $count ->
    [one] einen Tag
   *[other] { $count } Tage
}
period-years = { $count ->
    [one] ein Jahr
   *[other] { $count } Jahre
}
