# Ce qui entoure chaque page. Les valeurs sont du Markdown sur une ligne ; les liens sont ceux des pages anglaises.

skip = Aller au contenu
account-help = Aide au compte
search = Rechercher
search-these-pages = Rechercher dans ces pages
main-navigation = Navigation principale
sign-in = Se connecter
sign-in-above = Connexion
need-a-person = Besoin de parler à quelqu’un ? Écrivez à [{ $support_email }](mailto:{ $support_email }).
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
