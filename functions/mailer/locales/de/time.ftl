# In the accusative, as the sentences need it: "gilt 24 Stunden", "15 Minuten lang".

days = { $n ->
    [one] { $n } Tag
   *[other] { $n } Tage
}
hours = { $n ->
    [one] { $n } Stunde
   *[other] { $n } Stunden
}
minutes = { $n ->
    [one] { $n } Minute
   *[other] { $n } Minuten
}
seconds = { $n ->
    [one] { $n } Sekunde
   *[other] { $n } Sekunden
}
less-than-a-second = weniger als eine Sekunde

two-lengths = { $longer } und { $shorter }

moment = { weekday }, { $day }.{ "\u00A0" }{ month } { $year } um { $time }{ "\u00A0" }Uhr (UTC)
weekday = { $weekday ->
    [1] Montag
    [2] Dienstag
    [3] Mittwoch
    [4] Donnerstag
    [5] Freitag
    [6] Samstag
   *[7] Sonntag
}
month = { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
}
