password-reset-subject = Réinitialisez votre mot de passe pour { $portal }
password-reset-preheader = Le lien de cet e-mail fonctionne une seule fois et pendant { $lifetime }.
password-reset-heading = Réinitialisez votre mot de passe
password-reset-asked = Nous avons reçu une demande de réinitialisation du mot de passe de votre compte { $portal }.
password-reset-by-administrator =
    L’administration de { $portal } a lancé la réinitialisation du mot de passe de votre compte.
password-reset-button = Choisir un nouveau mot de passe
password-reset-open-link = Pour choisir un nouveau mot de passe, ouvrez ce lien :
password-reset-not-asked = **Cette demande ne vient pas de vous ?** Vous n’avez rien à faire : votre mot de passe
    reste inchangé tant que le lien n’est pas utilisé. Si vous continuez à recevoir de tels e-mails, signalez-le-nous.
password-reset-not-expected = **Vous ne vous y attendiez pas ?** N’utilisez pas le lien et demandez-nous d’abord.
    Votre mot de passe reste inchangé tant que le lien n’est pas utilisé.
