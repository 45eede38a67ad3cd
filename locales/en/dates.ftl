# Dates and periods. The year follows the date. Periods fit after "for".
date-1 = { $day } January
date-2 = { $day } February
date-3 = { $day } March
date-4 = { $day } April
date-5 = { $day } May
date-6 = { $day } June
date-7 = { $day } July
date-8 = { $day } August
date-9 = { $day } September
date-10 = { $day } October
date-11 = { $day } November
date-12 = { $day } December
period-seconds = { $count ->
    [one] one second
   *[other] { $count } seconds
}
period-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
period-hours = { $count ->
    [one] one hour
   *[other] { $count } hours
}
period-days = { $count ->
    [one] one day
   *[other] { $count } days
}
period-years = { $count ->
    [one] one year
   *[other] { $count } years
}
