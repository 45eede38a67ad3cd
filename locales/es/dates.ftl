# Fechas y plazos. El año sigue a la fecha.
date-1 = { $day } de enero de
date-2 = { $day } de febrero de
date-3 = { $day } de marzo de
date-4 = { $day } de abril de
date-5 = { $day } de mayo de
date-6 = { $day } de junio de
date-7 = { $day } de julio de
date-8 = { $day } de agosto de
date-9 = { $day } de septiembre de
date-10 = { $day } de octubre de
date-11 = { $day } de noviembre de
date-12 = { $day } de diciembre de
period-seconds = { $count ->
    [one] un segundo
   *[other] { $count } segundos
}
period-minutes = { $count ->
    [one] un minuto
   *[other] { $count } minutos
}
period-hours = { $count ->
    [one] una hora
   *[other] { $count } horas
}
period-days = { $count ->
    [one] un día
   *[other] { $count } días
}
period-years = { $count ->
    [one] un año
   *[other] { $count } años
}
