# Dates et durées. L’année suit la date.
date-1 = { $day } janvier
date-2 = { $day } février
date-3 = { $day } mars
date-4 = { $day } avril
date-5 = { $day } mai
date-6 = { $day } juin
date-7 = { $day } juillet
date-8 = { $day } août
date-9 = { $day } septembre
date-10 = { $day } octobre
date-11 = { $day } novembre
date-12 = { $day } décembre
period-seconds = { $count ->
    [one] une seconde
   *[other] { $count } secondes
}
period-minutes = { $count ->
    [one] une minute
   *[other] { $count } minutes
}
period-hours = { $count ->
    [one] une heure
   *[other] { $count } heures
}
period-days = { $count ->
    [one] un jour
   *[other] { $count } jours
}
period-years = { $count ->
    [one] un an
   *[other] { $count } ans
}
