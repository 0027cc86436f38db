# Ce qui entoure chaque page. Les valeurs sont du Markdown sur une ligne ; les liens sont ceux des pages anglaises.

skip = Aller au contenu
account-help = Aide au compte
search = Rechercher
search-these-pages = Rechercher dans ces pages
main-navigation = Navigation principale
sign-in = Se connecter
sign-in-above = Connexion
need-a-person = Besoin de parler à quelqu’un ? Écrivez à [{ $support_email }](mailto:{ $support_email }).
back-to-portal = Retour à { $portal_name }
in-english = En anglais :
what-words-mean = Glossaire
for-administrators = Pour les administrateurs
for-operators = Pour les exploitants
language = Langue

home = Accueil
breadcrumb = Fil d’Ariane
on-this-page = Sur cette page
before-and-after = Page précédente et page suivante
previous = Précédent
next = Suivant
rather-read = Vous préférez tout lire ? [Pourquoi l’e-mail n’est pas arrivé](/guide/)

callout-note = Remarque
callout-tip = Conseil
callout-important = Important
callout-warning = Avertissement
callout-caution = Attention

no-fixed-address = non fixes ; veuillez autoriser le domaine

search-needs-script = **La recherche a besoin de JavaScript.** Sans lui, utilisez les listes ci-dessous.
what-are-you-looking-for = Que cherchez-vous ?
key-write = pour rechercher,
key-go-through = pour parcourir les résultats,
key-open = pour ouvrir
found-one = Une page
found-many = { $count } pages
found-none = Aucun résultat. Essayez avec moins de mots, ou avec d’autres.
found-near = Aucun résultat exact. Vouliez-vous dire ceci ?
search-failed = La recherche n’est pas disponible pour le moment. Utilisez les listes ci-dessous.
search-in-english = Rechercher en anglais : il y a davantage de pages, pour les exploitants et les développeurs

search-ignored =
    a ai au aux avec ce ces cette comment dans de des du elle en est et être fait il ils j'ai je la le les leur lui
    ma mais mes me moi mon ne nos notre nous on ou où par pas plus pour pourquoi puis qu'il que quel quelle qui quoi
    sa se ses si son sont sur ta tes ton tout un une vers vos votre vous y
search-synonyms =
    login, connexion, connecter, identifier; déconnexion, déconnecter; pas reçu, rien reçu, n'arrive pas, pas
    arrivé, jamais reçu, jamais arrivé, pas d'email, aucun email, email manquant, aucun mail, pas de mail;
    verrouillé, bloqué, verrouillage, trop de tentatives; spam, spams, pourriel, courrier indésirable, indésirables,
    quarantaine; whitelist, liste blanche, liste autorisée, autoriser; expiré, périmé, trop ancien, trop vieux;
    inscription, inscrire, activer, activation; oublié, perdu, réinitialiser, réinitialisation, récupérer; mdp, mot
    de passe; lien non valide, lien invalide, lien ne marche pas, lien ne fonctionne pas, invalide; mauvaise
    adresse, faute de frappe, adresse incorrecte; mail, courriel, email; aide, assistance, contact;
    gmail, outlook, orange, yahoo, icloud, messagerie
