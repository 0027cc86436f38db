# Was jede Seite umgibt. Die Werte sind Markdown in einer Zeile; Links wie auf den englischen Seiten.

skip = Zum Inhalt springen
account-help = Hilfe zum Konto
search = Suchen
search-these-pages = Diese Seiten durchsuchen
main-navigation = Hauptnavigation
sign-in = Anmelden
sign-in-above = Anmelden
need-a-person = Lieber mit einem Menschen sprechen? Schreiben Sie an [{ $support_email }](mailto:{ $support_email }).
in-english = Auf Englisch:
what-words-mean = Was die Wörter bedeuten
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

search-needs-script = **Die Suche braucht JavaScript.** Ohne JavaScript führen diese Listen überall hin.
what-are-you-looking-for = Wonach suchen Sie?
key-write = zum Schreiben,
key-go-through = um die Treffer durchzugehen,
key-open = zum Öffnen
found-one = Eine Seite
found-many = { $count } Seiten
found-none = Keine Seite enthält alle diese Wörter. Versuchen Sie es mit weniger oder anderen.
found-near = So steht es nirgends. Meinten Sie das hier?
search-failed = Die Suche lässt sich gerade nicht laden. Die Listen unten führen überall hin.
search-in-english = Auf Englisch suchen: Dort gibt es mehr Seiten, für Betreiber und Entwickler
