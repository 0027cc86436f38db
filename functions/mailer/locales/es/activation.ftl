activation-subject = Active su cuenta de { $portal }
activation-preheader = Elija una contraseña para empezar. El enlace funciona una sola vez y durante { $lifetime }.
activation-heading = Active su cuenta
activation-asked = Hemos recibido una solicitud para activar su cuenta de { $portal }. La cuenta todavía no está activa.
activation-by-administrator = La administración de { $portal } ha creado una cuenta para usted. Todavía no está activa.
activation-how =
    Para activarla, elija su contraseña. A partir de entonces iniciará sesión con su dirección de correo y esa
    contraseña.
activation-button = Activar la cuenta
activation-open-link = Para elegirla, abra este enlace:
activation-not-expected = **¿No se lo esperaba?** Entonces no tiene que hacer nada: nadie puede iniciar sesión en la
    cuenta mientras no se utilice el enlace. Si no desea tener una cuenta, avísenos.
