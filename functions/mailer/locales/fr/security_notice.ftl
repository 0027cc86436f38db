security-notice-subject = L’accès à { $portal } a été modifié
security-notice-preheader = Si vous ne vous y attendiez pas, agissez sans attendre.
security-notice-heading = Une modification des accès
security-notice-api-key-created = La clé d’API « { $names } » pour { $portal } a été créée le **{ $when }**.
security-notice-administrator-added = « { $names } » fait partie de l’administration de { $portal } depuis le **{ $when }**.
security-notice-second-factor-added =
    La connexion à { $portal } avec votre compte demande un code à usage unique depuis le **{ $when }**.
security-notice-second-factor-removed =
    L’administration a supprimé le second facteur de votre compte { $portal } le **{ $when }**. Vous pouvez vous connecter
    avec votre seul mot de passe et en configurer un nouveau.
security-notice-if-expected = Si vous vous y attendiez, vous n’avez rien à faire.
security-notice-check = Vérifiez ce qui a été modifié et annulez-le :
security-notice-then = Écrivez-nous ensuite :
