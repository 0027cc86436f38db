canary-subject = Probe-E-Mail von { $portal }
canary-preheader = E-Mails gehen hinaus.
canary-heading = E-Mails gehen hinaus
canary-proof =
    E-Mails gehen hinaus, und die Ereignisse von SES kommen zurück: Das beweist diese E-Mail. Niemand muss sie lesen.
