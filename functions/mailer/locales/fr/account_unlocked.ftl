account-unlocked-subject = Votre compte { $portal } a été déverrouillé
account-unlocked-preheader = Le { $when }. Vous pouvez de nouveau vous connecter.
account-unlocked-heading = Votre compte a été déverrouillé
account-unlocked-when = L’administration de { $portal } a déverrouillé votre compte le **{ $when }**.
account-unlocked-sign-in = Vous pouvez de nouveau vous connecter :
account-unlocked-not-asked = **Vous ne l’avez pas demandé ?** Écrivez-nous :
