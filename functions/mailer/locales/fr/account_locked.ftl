account-locked-subject = Votre compte { $portal } a été verrouillé
account-locked-preheader = Trop de mots de passe incorrects le { $when }. Rien n’a été modifié.
account-locked-heading = Votre compte a été verrouillé
account-locked-when =
    Trop de mots de passe incorrects ont été saisis pour votre compte { $portal } le **{ $when }**. La connexion est
    bloquée pendant **{ $lockout }** à partir de ce moment. Rien n’a été modifié.
account-locked-if-you = **Si c’était vous**, attendez que la connexion soit de nouveau possible, ou choisissez un
    nouveau mot de passe, ce qui lève aussi le verrouillage :
account-locked-if-not-you =
    Quelqu’un a essayé des mots de passe, sans réussir à entrer. Si vous utilisez aussi votre mot de passe ailleurs,
    choisissez-en un nouveau à l’aide du lien ci-dessus.
account-locked-again = Si cela se reproduit, ou si vous avez un doute, écrivez-nous :
