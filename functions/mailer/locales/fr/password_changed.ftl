password-changed-subject = Votre mot de passe pour { $portal } a été modifié
password-changed-preheader = Le { $when }. Si ce n’était pas vous, agissez sans attendre.
password-changed-heading = Votre mot de passe a été modifié
password-changed-when = Le mot de passe de votre compte { $portal } a été modifié le **{ $when }**.
password-changed-effects =
    Tous les appareils connectés ont été déconnectés, et les anciens liens pour choisir un mot de passe ne
    fonctionnent plus.
password-changed-keys = Les clés d’API que vous aviez créées ont été révoquées : { $names }.
password-changed-if-you = Si c’était vous, vous n’avez rien à faire.
password-changed-if-not-you =
    Il se peut que quelqu’un d’autre lise vos e-mails. Choisissez dès maintenant un nouveau mot de passe :
password-changed-then = Changez ensuite aussi le mot de passe de votre messagerie et écrivez-nous :
