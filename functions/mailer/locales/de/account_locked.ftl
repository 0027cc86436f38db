account-locked-subject = Ihr Konto bei { $portal } wurde gesperrt
account-locked-preheader = Zu viele falsche Passwörter am { $when }. Geändert wurde nichts.
account-locked-heading = Ihr Konto wurde gesperrt
account-locked-when =
    Ihr Konto bei { $portal } wurde am **{ $when }** gesperrt, weil zu oft ein falsches Passwort eingegeben wurde. Von
    da an ist die Anmeldung **{ $lockout }** lang nicht möglich. Geändert wurde nichts.
account-locked-if-you = **Falls Sie es selbst waren**, warten Sie, bis die Anmeldung wieder möglich ist, oder wählen
    Sie ein neues Passwort. Damit wird auch die Sperre aufgehoben:
account-locked-if-not-you =
    Jemand hat Passwörter ausprobiert und ist nicht hineingekommen. Wenn Sie Ihr Passwort auch anderswo verwenden,
    wählen Sie über den Link oben ein neues.
account-locked-again = Wenn das noch einmal vorkommt oder Sie unsicher sind, schreiben Sie uns:
