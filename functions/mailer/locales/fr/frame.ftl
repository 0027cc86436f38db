# Formal (vous). Before a colon stands a no-break space (U+00A0); before ? ! and ; a narrow one (U+202F). A test looks.

greeting = Bonjour { $name },
greeting-to-nobody = Bonjour,

if-not-you = Si ce n’était pas vous :

questions = Des questions ? Écrivez-nous :

automatic = Cet e-mail a été envoyé automatiquement par { $portal } :

link-terms =
    Le lien fonctionne **une seule fois** et pendant **{ $lifetime }** : jusqu’au { $until }. Gardez-le pour vous :
    toute personne qui l’obtient peut choisir votre mot de passe.
link-in-full = Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :
link-dead = Le lien ne fonctionne plus ? Demandez-en un nouveau :
