canary-subject = Probe-E-Mail von { $portal }
canary-preheader = Prüft den Versand und die Ereignisse von SES.
canary-heading = Probe-E-Mail
canary-proof =
    Diese E-Mail prüft, ob E-Mails verschickt werden und die Ereignisse von SES ankommen. Niemand muss sie lesen.
