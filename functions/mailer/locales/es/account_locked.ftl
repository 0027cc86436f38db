account-locked-subject = Se ha bloqueado su cuenta de { $portal }
account-locked-preheader = Demasiadas contraseñas incorrectas el { $when }. No se ha cambiado nada.
account-locked-heading = Se ha bloqueado su cuenta
account-locked-when =
    Se introdujeron demasiadas contraseñas incorrectas para su cuenta de { $portal } el **{ $when }**. El inicio de
    sesión queda bloqueado durante **{ $lockout }** a partir de ese momento. No se ha cambiado nada.
account-locked-if-you = **Si ha sido usted**, espere a que se pueda volver a iniciar sesión o elija una contraseña
    nueva, con lo que también se levanta el bloqueo:
account-locked-if-not-you =
    Alguien ha probado contraseñas y no ha conseguido entrar. Si utiliza la misma contraseña en otros sitios, elija
    una nueva con el enlace de arriba.
account-locked-again = Si vuelve a ocurrir o tiene dudas, escríbanos:
