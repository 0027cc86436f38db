account-unlocked-subject = Ihr Konto bei { $portal } wurde entsperrt
account-unlocked-preheader = Am { $when }. Sie können sich wieder anmelden.
account-unlocked-heading = Ihr Konto wurde entsperrt
account-unlocked-when = Ihr Konto bei { $portal } wurde am __{ $when }__ von der Administration entsperrt.
account-unlocked-sign-in = Sie können sich wieder anmelden:
account-unlocked-not-asked = __Haben Sie nicht darum gebeten?__ Dann schreiben Sie uns bitte:
