canary-subject = Correo de prueba de { $portal }
canary-preheader = El correo sale.
canary-heading = El correo sale
canary-proof = Este mensaje demuestra que el correo sale y que los eventos de SES llegan. Nadie tiene que leerlo.
