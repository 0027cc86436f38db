address-changed-subject = Ihre E-Mail-Adresse für { $portal } wurde geändert
address-changed-preheader = Am { $when }. Falls Sie es nicht waren, schreiben Sie uns bitte sofort.
address-changed-heading = Ihre E-Mail-Adresse wurde geändert
address-changed-when =
    Ihre E-Mail-Adresse für { $portal } wurde am **{ $when }** geändert. Bis dahin war es die Adresse, an die diese
    E-Mail geht.
address-changed-from-now-on =
    Ab jetzt schicken wir unsere E-Mails an die neue Adresse. Links, die an die bisherige gingen, gelten nicht mehr.
address-changed-if-you = Falls Sie es selbst waren oder es in Ihrem Auftrag geschah, brauchen Sie nichts zu tun.
address-changed-if-not-you =
    Möglicherweise versucht jemand anderes, Ihr Konto zu übernehmen. Schreiben Sie uns bitte sofort:
