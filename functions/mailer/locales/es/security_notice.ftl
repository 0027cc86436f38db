security-notice-subject = Se ha modificado el acceso a { $portal }
security-notice-preheader = Si no lo esperaba, actúe de inmediato.
security-notice-heading = Un cambio en el acceso
security-notice-api-key-created = La clave de API «{ $names }» de { $portal } se creó el **{ $when }**.
security-notice-administrator-added = «{ $names }» forma parte de la administración de { $portal } desde el **{ $when }**.
security-notice-second-factor-added =
    Para iniciar sesión en { $portal } con su cuenta se necesita un código de un solo uso desde el **{ $when }**.
security-notice-second-factor-removed =
    La administración eliminó el segundo factor de su cuenta de { $portal } el **{ $when }**. Puede iniciar sesión solo con
    la contraseña y configurar uno nuevo.
security-notice-if-expected = Si lo esperaba, no tiene que hacer nada.
security-notice-check = Compruebe qué se ha cambiado y deshágalo:
security-notice-then = Después, escríbanos:
