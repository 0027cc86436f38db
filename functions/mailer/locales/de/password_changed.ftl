password-changed-subject = Ihr Passwort für { $portal } wurde geändert
password-changed-preheader = Am { $when }. Falls Sie es nicht waren, handeln Sie bitte sofort.
password-changed-heading = Ihr Passwort wurde geändert
password-changed-when = Ihr Passwort für { $portal } wurde am **{ $when }** geändert.
password-changed-effects =
    Alle angemeldeten Geräte wurden abgemeldet, und ältere Links zum Festlegen eines Passworts gelten nicht mehr.
password-changed-keys = Von Ihnen angelegte API-Schlüssel wurden widerrufen: { $names }.
password-changed-if-you = Falls Sie es selbst waren, brauchen Sie nichts zu tun.
password-changed-if-not-you =
    Möglicherweise kann jemand anderes Ihre E-Mails lesen. Wählen Sie jetzt ein neues Passwort:
password-changed-then = Ändern Sie danach auch das Passwort Ihres Postfachs und schreiben Sie uns:
