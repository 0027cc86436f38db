# Ce que disent les formulaires.

fill-wait = quelques minutes

email-address = Adresse e-mail
enter-email = Saisissez votre adresse e-mail.
no-email = Cette adresse e-mail n’est pas complète. Elle ressemble à nom@example.com.
password = Mot de passe
enter-password = Saisissez votre mot de passe.
show = Afficher
hide = Masquer
the-password = le mot de passe

offline = **Vous êtes hors ligne.** Rien n’a été envoyé. Réessayez une fois la connexion rétablie.
unreachable = **Le service est injoignable.** Vérifiez votre connexion et réessayez.
too-many-requests = **Trop de tentatives.** Veuillez réessayer dans { $wait }.
service-unavailable = **Le service n’est pas disponible pour le moment.** Rien n’a été modifié. Veuillez réessayer dans { $wait }.
origin-refused = **Cette page a été ouverte sous une adresse inhabituelle.** Veuillez aller sur [{ $site_url }]({ $site_url }) et réessayer.
unexpected = **Une erreur s’est produite de notre côté.** Veuillez réessayer. Si cela se reproduit, écrivez à [{ $support_email }](mailto:{ $support_email }).

form-needs-script = **Ce formulaire a besoin de JavaScript.** Veuillez l’autoriser pour ce site et recharger la page, ou demandez un lien à [{ $support_email }](mailto:{ $support_email }).
send-link = M’envoyer un lien
sending = Envoi en cours…
back-or-guide = [Retour à la connexion](/sign-in/) · [L’e-mail n’est pas arrivé ?](/guide/)
you-entered = Vous avez saisi **{ $address }**. Est-ce bien écrit ?

link-needs-script = **Cette page a besoin de JavaScript.** Votre lien n’apparaît dans aucun journal de serveur, car seul un script de cette page le lit. Veuillez autoriser JavaScript pour ce site et recharger la page, ou demandez de l’aide à [{ $support_email }](mailto:{ $support_email }).
new-password = Nouveau mot de passe
enter-new-password = Saisissez un nouveau mot de passe.
rule-length = Au moins { $min_password_length } caractères.
rule-form = Quelques mots sans rapport entre eux conviennent bien. Les espaces sont permises ; ni chiffres ni symboles ne sont exigés.
rule-refused = N’utilisez ni votre adresse e-mail, ni le nom de ce portail, ni un mot de passe courant.
strength-short = { $count } caractères sur { $limit }. Encore { $missing }.
strength-long = { $count } caractères. Le maximum est de { $limit }.
strength-portal = C’est le nom de ce portail. Choisissez quelque chose de moins évident.
strength-repeats = Assez long, mais facile à deviner : il se répète.
strength-sequence = Assez long, mais facile à deviner : ses caractères se suivent.
strength-fine = Assez long : { $count } caractères.
save = Enregistrer le nouveau mot de passe
activate = Activer mon compte
saving = Enregistrement en cours…
unreachable-perhaps-saved = **Le service est injoignable.** Vérifiez votre connexion et réessayez. Si le lien ne fonctionne plus, c’est que votre mot de passe a été enregistré : connectez-vous avec lui.
reason-too-short = Le mot de passe doit comporter au moins { $limit } caractères.
reason-too-long = Le mot de passe doit comporter au plus { $limit } caractères.
reason-too-common = Ce mot de passe figure sur une liste de mots de passe courants, que les pirates essaient en premier.
reason-is-email-address = Le mot de passe ne doit pas être votre adresse e-mail.
reason-is-portal-name = Le mot de passe ne doit pas être le nom de ce portail.
no-link-title = Cette page a besoin du lien reçu par e-mail
no-link = Copiez le lien entier de l’e-mail que nous vous avons envoyé et collez-le ici. Certaines messageries abîment les liens en chemin : quand on clique dessus, il en manque une partie.
link-from-email = Lien de l’e-mail
paste-link = Collez le lien de l’e-mail.
incomplete-link = Ce n’est pas un lien complet de notre e-mail. Copiez-le en entier, de « https » au dernier caractère.
use-link = Continuer
ask-here = Ou demandez ici un nouveau lien :
invalid-title = Lien non valide
invalid = Ce lien ne fonctionne plus (« Invalid Token »). Il a plus de 24 heures, vous l’avez déjà utilisé, lui ou un autre, ou il en manque une partie.
invalid-what-now = Si vous venez de choisir un mot de passe, [connectez-vous](/sign-in/) avec lui. Sinon, demandez ici un nouveau lien :
done-activated = Votre compte est activé
activated-what-now = Vous pouvez maintenant vous connecter, avec votre adresse e-mail et le mot de passe que vous venez de choisir.
done-changed = Votre mot de passe a été modifié
changed-what-now = Utilisez-le désormais pour vous connecter. Tous les liens précédents ont cessé de fonctionner, et un compte verrouillé est déverrouillé. Nous vous avons envoyé un e-mail pour vous informer de ce changement.

sign-in-needs-script = **La connexion a besoin de JavaScript.** Veuillez l’autoriser pour ce site et recharger la page.
signing-in = Connexion en cours…
forgot-yours = [Mot de passe oublié ?](/forgot-password/)
signed-in = Session ouverte
signed-in-as = Compte : **{ $name }**
open-console = Ouvrir la console (en anglais)
sign-out = Se déconnecter
signing-out = Déconnexion en cours…
signed-out = Session fermée. À bientôt.
invalid-credentials = **L’adresse e-mail ou le mot de passe est incorrect.** Vérifiez les deux, ou [choisissez un nouveau mot de passe](/forgot-password/).
account-locked = **Compte verrouillé.** Trop de mots de passe erronés ont été saisis. Réessayez dans { $wait }.
locked-until = Le verrouillage prend fin à { $until }.
locked-what-now = Inutile d’attendre : [choisissez un nouveau mot de passe](/forgot-password/) pour déverrouiller votre compte aussitôt, ou demandez à votre administrateur de vous déverrouiller.
account-inactive = **Votre compte n’est pas actif.** Le mot de passe est correct, mais le compte a été désactivé. Adressez-vous à votre administrateur, ou écrivez à [{ $support_email }](mailto:{ $support_email }).
