password-reset-subject = Ihr Passwort für { $portal } zurücksetzen
password-reset-preheader = Der Link in dieser E-Mail funktioniert nur einmal und gilt { $lifetime }.
password-reset-heading = Passwort zurücksetzen
password-reset-asked = Ihr Passwort für { $portal } soll zurückgesetzt werden. Wir haben eine Anfrage dazu erhalten.
password-reset-by-administrator =
    Ihr Passwort für { $portal } soll zurückgesetzt werden. Veranlasst hat das die Administration des Portals.
password-reset-button = Neues Passwort wählen
password-reset-open-link = Um ein neues Passwort zu wählen, öffnen Sie diesen Link:
password-reset-not-asked = **Haben Sie das nicht angefordert?** Dann brauchen Sie nichts zu tun: Ihr Passwort bleibt,
    wie es ist, solange der Link nicht verwendet wird. Falls Sie weiterhin solche E-Mails erhalten, geben Sie uns
    bitte Bescheid.
password-reset-not-expected = **Haben Sie das nicht erwartet?** Dann verwenden Sie den Link nicht und fragen Sie bitte
    zuerst bei uns nach. Ihr Passwort bleibt, wie es ist, solange der Link nicht verwendet wird.
