# Formal (Sie). After "Guten Tag," German goes on in lower case; so every email begins with a word that is capitalised
# anyway: "Sie", "Ihr", a noun.

greeting = Guten Tag { $name },
greeting-to-nobody = Guten Tag,

if-not-you = Falls Sie es nicht waren:

questions = Haben Sie Fragen? Schreiben Sie uns:

automatic = Diese E-Mail wurde automatisch verschickt von { $portal }:

link-terms =
    Der Link funktioniert **nur einmal** und gilt **{ $lifetime }**: bis { $until }. Behalten Sie ihn für sich: Wer
    ihn hat, kann Ihr Passwort festlegen.
link-in-full = Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:
link-dead = Funktioniert der Link nicht mehr? Fordern Sie einen neuen an:
