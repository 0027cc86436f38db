account-unlocked-subject = Se ha desbloqueado su cuenta de { $portal }
account-unlocked-preheader = El { $when }. Ya puede volver a iniciar sesión.
account-unlocked-heading = Se ha desbloqueado su cuenta
account-unlocked-when = La administración de { $portal } desbloqueó su cuenta el **{ $when }**.
account-unlocked-sign-in = Ya puede volver a iniciar sesión:
account-unlocked-not-asked = **¿No lo ha solicitado usted?** Entonces escríbanos:
