address-changed-subject = Se ha cambiado su dirección de correo de { $portal }
address-changed-preheader = El { $when }. Si no ha sido usted, escríbanos de inmediato.
address-changed-heading = Se ha cambiado su dirección de correo
address-changed-when =
    La dirección de correo de su cuenta de { $portal } se cambió el **{ $when }**. Hasta entonces era la dirección a
    la que se envía este mensaje.
address-changed-from-now-on =
    A partir de ahora enviaremos nuestros correos a la nueva dirección. Los enlaces enviados a la anterior ya no
    funcionan.
address-changed-if-you = Si ha sido usted, o se ha hecho en su nombre, no tiene que hacer nada.
address-changed-if-not-you =
    Es posible que otra persona esté intentando apoderarse de su cuenta. Escríbanos de inmediato:
