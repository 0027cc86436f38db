password-reset-subject = Restablezca su contraseña de { $portal }
password-reset-preheader = El enlace de este correo funciona una sola vez y durante { $lifetime }.
password-reset-heading = Restablezca su contraseña
password-reset-asked = Hemos recibido una solicitud para restablecer la contraseña de su cuenta de { $portal }.
password-reset-by-administrator =
    La administración de { $portal } ha iniciado el restablecimiento de la contraseña de su cuenta.
password-reset-button = Elegir una contraseña nueva
password-reset-open-link = Para elegir una contraseña nueva, abra este enlace:
password-reset-not-asked = **¿No lo ha solicitado usted?** Entonces no tiene que hacer nada: su contraseña no cambia
    mientras no se utilice el enlace. Si sigue recibiendo correos como este, avísenos.
password-reset-not-expected = **¿No se lo esperaba?** Entonces no utilice el enlace y consúltenos antes. Su contraseña
    no cambia mientras no se utilice el enlace.
