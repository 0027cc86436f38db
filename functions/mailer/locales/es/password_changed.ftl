password-changed-subject = Se ha cambiado su contraseña de { $portal }
password-changed-preheader = El { $when }. Si no ha sido usted, actúe de inmediato.
password-changed-heading = Se ha cambiado su contraseña
password-changed-when = La contraseña de su cuenta de { $portal } se cambió el **{ $when }**.
password-changed-effects =
    Se ha cerrado la sesión en todos los dispositivos, y los enlaces anteriores para elegir una contraseña han dejado
    de funcionar.
password-changed-keys = Se han revocado las claves de API que usted había creado: { $names }.
password-changed-if-you = Si ha sido usted, no tiene que hacer nada.
password-changed-if-not-you = Es posible que otra persona pueda leer su correo. Elija ahora mismo una contraseña nueva:
password-changed-then = Después, cambie también la contraseña de su buzón de correo y escríbanos:
