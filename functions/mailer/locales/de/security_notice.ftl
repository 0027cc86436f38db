security-notice-subject = Der Zugang zu { $portal } wurde geändert
security-notice-preheader = Falls Sie das nicht erwartet haben, handeln Sie bitte sofort.
security-notice-heading = Eine Änderung am Zugang
security-notice-api-key-created = Der API-Schlüssel „{ $names }“ für { $portal } wurde am **{ $when }** angelegt.
security-notice-administrator-added = „{ $names }“ gehört seit **{ $when }** zur Administration von { $portal }.
security-notice-second-factor-added =
    Für die Anmeldung bei { $portal } mit Ihrem Konto ist seit **{ $when }** ein Einmalcode nötig.
security-notice-second-factor-removed =
    Die Administration hat den zweiten Faktor Ihres Kontos bei { $portal } am **{ $when }** entfernt. Sie können sich nur
    mit dem Passwort anmelden und einen neuen einrichten.
security-notice-if-expected = Falls Sie das erwartet haben, brauchen Sie nichts zu tun.
security-notice-check = Prüfen Sie, was geändert wurde, und machen Sie es rückgängig:
security-notice-then = Schreiben Sie uns danach:
