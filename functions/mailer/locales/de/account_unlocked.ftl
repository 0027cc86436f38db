account-unlocked-subject = Ihr Konto bei { $portal } wurde entsperrt
account-unlocked-preheader = Am { $when }. Sie können sich wieder anmelden.
account-unlocked-heading = Ihr Konto wurde entsperrt
account-unlocked-when = Ihr Konto bei { $portal } wurde am **{ $when }** von der Administration entsperrt.
account-unlocked-sign-in = Sie können sich wieder anmelden:
account-unlocked-not-asked = **Haben Sie nicht darum gebeten?** Dann schreiben Sie uns bitte:
