days = { $n ->
    [one] { $n } día
   *[other] { $n } días
}
hours = { $n ->
    [one] { $n } hora
   *[other] { $n } horas
}
minutes = { $n ->
    [one] { $n } minuto
   *[other] { $n } minutos
}
seconds = { $n ->
    [one] { $n } segundo
   *[other] { $n } segundos
}
less-than-a-second = menos de un segundo

two-lengths = { $longer } y { $shorter }

moment = { weekday } { $day } de { month } de { $year } a las { $time } (UTC)
weekday = { $weekday ->
    [1] lunes
    [2] martes
    [3] miércoles
    [4] jueves
    [5] viernes
    [6] sábado
   *[7] domingo
}
month = { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}
