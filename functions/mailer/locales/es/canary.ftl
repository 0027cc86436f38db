canary-subject = Correo de prueba de { $portal }
canary-preheader = Comprueba el envío y los eventos de SES.
canary-heading = Correo de prueba
canary-proof = Este mensaje comprueba que el correo sale y que los eventos de SES llegan. Nadie tiene que leerlo.
