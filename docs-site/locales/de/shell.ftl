# Der Rahmen jeder Seite. Die Werte sind Markdown in einer Zeile; Links wie auf den englischen Seiten.

skip = Zum Inhalt springen
account-help = Hilfe zum Konto
search = Suchen
search-these-pages = Diese Seiten durchsuchen
main-navigation = Hauptnavigation
sign-in = Anmelden
sign-in-above = Anmelden
need-a-person = Lieber mit einem Menschen sprechen? Schreiben Sie an [{ $support_email }](mailto:{ $support_email }).
back-to-portal = Zurück zu { $portal_name }
in-english = Auf Englisch:
what-words-mean = Glossar
for-administrators = Für Administratoren
for-operators = Für Betreiber
language = Sprache

home = Startseite
breadcrumb = Pfad zu dieser Seite
on-this-page = Auf dieser Seite
before-and-after = Vorige und nächste Seite
previous = Zurück
next = Weiter
rather-read = Lieber alles im Zusammenhang lesen? [Warum die E-Mail nicht angekommen ist](/guide/)

callout-note = Hinweis
callout-tip = Tipp
callout-important = Wichtig
callout-warning = Warnung
callout-caution = Vorsicht

no-fixed-address = nicht fest; bitte die Domain freigeben

search-needs-script = **Die Suche braucht JavaScript.** Nutzen Sie ohne JavaScript die Listen unten.
what-are-you-looking-for = Wonach suchen Sie?
key-write = zum Suchen,
key-go-through = zum Auswählen,
key-open = zum Öffnen
found-one = Eine Seite
found-many = { $count } Seiten
found-none = Keine Treffer. Versuchen Sie es mit weniger oder anderen Wörtern.
found-near = Kein genauer Treffer. Meinten Sie das hier?
search-failed = Die Suche ist gerade nicht verfügbar. Nutzen Sie die Listen unten.
search-in-english = Auf Englisch suchen: Dort gibt es mehr Seiten, für Betreiber und Entwickler

search-ignored =
    aber als am an auch auf aus bei bin bitte da das dass dem den der des die doch ein eine einen einem einer er es
    für geht habe haben hat hatte ich ihr im in ist kann können man mehr mein meine meinem meinen meiner mich mir
    mit noch nun nur ob oder schon sie sich sind so und uns unser um vom von war warum was welche wenn wer wie wieso
    will wir wird wo zu zum zur
search-synonyms =
    login, einloggen, log in, anmelden, anmeldung; logout, ausloggen, abmelden; kommt nicht an, nicht angekommen,
    kommt nicht, nicht erhalten, nicht bekommen, nicht gekommen, nicht da, keine email, keine mail, email fehlt,
    mail fehlt, email weg; gesperrt, ausgesperrt, sperre, zu viele versuche; spam, junk, spamordner, quarantäne;
    whitelist, allowlist, positivliste, zulassen, freigeben, freigabe; abgelaufen, zu alt, verfallen; registrieren,
    registrierung, aktivieren, aktivierung; vergessen, verloren, zurücksetzen; kennwort, passwort; ungültiger link,
    ungültig, link geht nicht, link funktioniert nicht, link kaputt; falsche adresse, tippfehler, vertippt; mail,
    email; hilfe, support, kontakt; unzustellbar, bounce;
    geht nicht, funktioniert nicht, klappt nicht; gmail, outlook, gmx, webde, yahoo, icloud, mailanbieter
