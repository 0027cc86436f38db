# Was die Formulare sagen.

fill-wait = ein paar Minuten

email-address = E-Mail-Adresse
enter-email = Geben Sie Ihre E-Mail-Adresse ein.
no-email = Das ist keine vollständige E-Mail-Adresse. Sie sieht so aus: name@example.com.
password = Passwort
enter-password = Geben Sie Ihr Passwort ein.
show = Anzeigen
hide = Verbergen
the-password = (Passwort)

offline = **Sie sind offline.** Es wurde nichts gesendet. Versuchen Sie es noch einmal, sobald Sie wieder verbunden sind.
unreachable = **Der Dienst ist nicht erreichbar.** Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal.
too-many-requests = **Zu viele Versuche.** Bitte versuchen Sie es in { $wait } noch einmal.
service-unavailable = **Der Dienst ist gerade nicht verfügbar.** Es wurde nichts geändert. Bitte versuchen Sie es in { $wait } noch einmal.
origin-refused = **Diese Seite wurde unter einer ungewöhnlichen Adresse geöffnet.** Bitte gehen Sie zu [{ $site_url }]({ $site_url }), und versuchen Sie es dort noch einmal.
unexpected = **Bei uns ist etwas schiefgegangen.** Bitte versuchen Sie es noch einmal. Wenn es wieder passiert, schreiben Sie an [{ $support_email }](mailto:{ $support_email }).

form-needs-script = **Dieses Formular braucht JavaScript.** Bitte erlauben Sie es für diese Website, und laden Sie die Seite neu. Oder bitten Sie unter [{ $support_email }](mailto:{ $support_email }) um einen Link.
send-link = Link anfordern
sending = Wird gesendet …
back-or-guide = [Zurück zur Anmeldung](/sign-in/) · [Die E-Mail ist nicht angekommen?](/guide/)
you-entered = Sie haben **{ $address }** eingegeben. Ist das richtig geschrieben?

link-needs-script = **Diese Seite braucht JavaScript.** Ihr Link erscheint in keinem Serverprotokoll, weil ihn nur ein Skript auf dieser Seite liest. Bitte erlauben Sie JavaScript für diese Website, und laden Sie die Seite neu. Oder bitten Sie unter [{ $support_email }](mailto:{ $support_email }) um Hilfe.
new-password = Neues Passwort
enter-new-password = Geben Sie ein neues Passwort ein.
rule-length = Mindestens { $min_password_length } Zeichen.
rule-form = Gut geeignet sind ein paar Wörter, die nichts miteinander zu tun haben. Leerzeichen sind erlaubt; Ziffern oder Sonderzeichen müssen nicht sein.
rule-refused = Verwenden Sie nicht Ihre E-Mail-Adresse, den Namen dieses Portals oder ein häufiges Passwort.
strength-short = { $count } von { $limit } Zeichen. Noch { $missing }.
strength-long = { $count } Zeichen. Höchstens { $limit } sind möglich.
strength-portal = Das ist der Name dieses Portals. Wählen Sie etwas, das weniger naheliegt.
strength-repeats = Lang genug, aber leicht zu erraten: Es wiederholt sich.
strength-sequence = Lang genug, aber leicht zu erraten: Die Zeichen folgen einfach aufeinander.
strength-fine = Lang genug: { $count } Zeichen.
save = Neues Passwort speichern
activate = Konto aktivieren
saving = Wird gespeichert …
unreachable-perhaps-saved = **Der Dienst ist nicht erreichbar.** Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal. Funktioniert der Link dann nicht mehr, wurde Ihr Passwort gespeichert: Melden Sie sich damit an.
reason-too-short = Das Passwort muss mindestens { $limit } Zeichen haben.
reason-too-long = Das Passwort darf höchstens { $limit } Zeichen haben.
reason-too-common = Dieses Passwort steht auf einer Liste häufiger Passwörter, die Angreifer zuerst ausprobieren.
reason-is-email-address = Das Passwort darf nicht Ihre E-Mail-Adresse sein.
reason-is-portal-name = Das Passwort darf nicht der Name dieses Portals sein.
no-link-title = Für diese Seite brauchen Sie den Link aus Ihrer E-Mail
no-link = Kopieren Sie den ganzen Link aus der E-Mail, die wir Ihnen geschickt haben, und fügen Sie ihn hier ein. Manche Mailsysteme beschädigen Links unterwegs, sodass beim Anklicken ein Teil davon fehlt.
link-from-email = Link aus der E-Mail
paste-link = Fügen Sie den Link aus der E-Mail ein.
incomplete-link = Das ist kein vollständiger Link aus unserer E-Mail. Kopieren Sie ihn ganz, von „https“ bis zum letzten Zeichen.
use-link = Weiter
ask-here = Oder fordern Sie hier einen neuen Link an:
invalid-title = Ungültiger Link
invalid = Dieser Link funktioniert nicht mehr („Invalid Token“). Er ist älter als 24 Stunden, Sie haben ihn oder einen anderen schon benutzt, oder ein Teil davon fehlt.
invalid-what-now = Wenn Sie gerade ein Passwort gewählt haben, [melden Sie sich damit an](/sign-in/). Sonst fordern Sie hier einen neuen Link an:
done-activated = Ihr Konto ist aktiviert
activated-what-now = Sie können sich jetzt anmelden: mit Ihrer E-Mail-Adresse und dem Passwort, das Sie gerade gewählt haben.
done-changed = Ihr Passwort wurde geändert
changed-what-now = Melden Sie sich ab jetzt damit an. Alle früheren Links gelten nicht mehr, und ein gesperrtes Konto ist entsperrt. Wir haben Ihnen eine E-Mail über die Änderung geschickt.

sign-in-needs-script = **Zum Anmelden wird JavaScript gebraucht.** Bitte erlauben Sie es für diese Website, und laden Sie die Seite neu.
signing-in = Sie werden angemeldet …
forgot-yours = [Passwort vergessen?](/forgot-password/)
signed-in = Sie sind angemeldet
signed-in-as = Angemeldet als **{ $name }**
open-console = Konsole öffnen (englisch)
sign-out = Abmelden
signing-out = Sie werden abgemeldet …
signed-out = Sie sind abgemeldet.
invalid-credentials = **Die E-Mail-Adresse oder das Passwort stimmt nicht.** Prüfen Sie beides, oder [wählen Sie ein neues Passwort](/forgot-password/).
account-locked = **Konto gesperrt.** Es wurde zu oft ein falsches Passwort eingegeben. Versuchen Sie es in { $wait } noch einmal.
locked-until = Die Sperre endet um { $until } Uhr.
locked-what-now = Sie müssen nicht warten: [Wählen Sie ein neues Passwort](/forgot-password/), das entsperrt Ihr Konto sofort. Oder bitten Sie Ihren Administrator, Sie zu entsperren.
account-inactive = **Ihr Konto ist nicht aktiv.** Das Passwort stimmt, aber das Konto wurde abgeschaltet. Fragen Sie Ihren Administrator, oder schreiben Sie an [{ $support_email }](mailto:{ $support_email }).
