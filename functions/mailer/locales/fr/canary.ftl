canary-subject = E-mail d’essai de { $portal }
canary-preheader = Les e-mails partent.
canary-heading = Les e-mails partent
canary-proof =
    Cet e-mail prouve que les e-mails partent et que les événements de SES reviennent. Personne n’a besoin de le lire.
