canary-subject = E-mail d’essai de { $portal }
canary-preheader = Vérifie l’envoi et les événements de SES.
canary-heading = E-mail d’essai
canary-proof =
    Cet e-mail vérifie que les e-mails partent et que les événements de SES arrivent. Personne n’a besoin de le
    lire.
