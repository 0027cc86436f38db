activation-subject = Aktivieren Sie Ihr Konto bei { $portal }
activation-preheader =
    Wählen Sie ein Passwort, und es kann losgehen. Der Link funktioniert nur einmal und gilt { $lifetime }.
activation-heading = Aktivieren Sie Ihr Konto
activation-asked = Ihr Konto bei { $portal } ist noch nicht aktiv. Wir haben eine Anfrage zur Aktivierung erhalten.
activation-by-administrator =
    Ihr Konto bei { $portal } wurde von der Administration eingerichtet. Es ist noch nicht aktiv.
activation-how =
    Um es zu aktivieren, wählen Sie ein Passwort. Danach melden Sie sich mit Ihrer E-Mail-Adresse und diesem Passwort
    an.
activation-button = Konto aktivieren
activation-open-link = Öffnen Sie dazu diesen Link:
activation-not-expected = **Haben Sie das nicht erwartet?** Dann brauchen Sie nichts zu tun: Niemand kann sich mit dem
    Konto anmelden, solange der Link nicht verwendet wird. Wenn Sie kein Konto möchten, geben Sie uns bitte Bescheid.
