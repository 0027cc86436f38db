# Formal (usted), and neither masculine nor feminine where that can be.

greeting = Hola, { $name }:
greeting-to-nobody = Hola:

if-not-you = Si no ha sido usted:

questions = ¿Tiene alguna pregunta? Escríbanos:

automatic = Este correo se ha enviado automáticamente desde { $portal }:

link-terms =
    El enlace funciona **una sola vez** y durante **{ $lifetime }**: hasta el { $until }. No lo comparta: quien lo
    tenga puede elegir su contraseña.
link-in-full = Si el botón no funciona, copie esta dirección en su navegador:
link-dead = ¿El enlace ya no funciona? Solicite uno nuevo:
