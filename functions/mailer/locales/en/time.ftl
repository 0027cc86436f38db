# Times and durations. $n is a number. The CLDR defines the plural forms:
# https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html

days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
seconds = { $n ->
    [one] { $n } second
   *[other] { $n } seconds
}
less-than-a-second = less than a second

# Two of the above, such as "1 day and 1 hour".
two-lengths = { $longer } and { $shorter }

# $weekday is 1 for Monday. $time is in the form 13:05.
moment = { weekday } { $day } { month } { $year } at { $time } UTC
weekday = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
