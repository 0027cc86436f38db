activation-subject = Activez votre compte { $portal }
activation-preheader =
    Choisissez un mot de passe pour commencer. Le lien fonctionne une seule fois et pendant { $lifetime }.
activation-heading = Activez votre compte
activation-asked =
    Nous avons reçu une demande d’activation de votre compte { $portal }. Le compte n’est pas encore actif.
activation-by-administrator = L’administration de { $portal } a créé un compte pour vous. Il n’est pas encore actif.
activation-how =
    Pour l’activer, choisissez votre mot de passe. Vous vous connecterez ensuite avec votre adresse e-mail et ce mot
    de passe.
activation-button = Activer le compte
activation-open-link = Pour le choisir, ouvrez ce lien :
activation-not-expected = **Vous ne vous y attendiez pas ?** Vous n’avez rien à faire : personne ne peut se connecter
    à ce compte tant que le lien n’est pas utilisé. Si vous ne souhaitez pas de compte, dites-le-nous.
