# Lo que dicen los formularios.

fill-wait = unos minutos

email-address = Correo electrónico
enter-email = Introduzca su dirección de correo electrónico.
no-email = Esta dirección de correo no está completa. Tiene esta forma: nombre@example.com.
password = Contraseña
enter-password = Introduzca su contraseña.
show = Mostrar
hide = Ocultar
the-password = la contraseña

offline = **No hay conexión.** No se ha enviado nada. Vuelva a intentarlo cuando se haya restablecido.
unreachable = **No se puede acceder al servicio.** Compruebe la conexión y vuelva a intentarlo.
too-many-requests = **Demasiados intentos.** Vuelva a intentarlo dentro de { $wait }.
service-unavailable = **El servicio no está disponible en este momento.** No se ha cambiado nada. Vuelva a intentarlo dentro de { $wait }.
origin-refused = **Esta página se ha abierto con una dirección poco habitual.** Vaya a [{ $site_url }]({ $site_url }) y vuelva a intentarlo.
unexpected = **Ha ocurrido un error por nuestra parte.** Vuelva a intentarlo. Si se repite, escriba a [{ $support_email }](mailto:{ $support_email }).

form-needs-script = **Este formulario necesita JavaScript.** Permítalo para este sitio y vuelva a cargar la página, o pida un enlace a [{ $support_email }](mailto:{ $support_email }).
send-link = Enviarme un enlace
sending = Enviando…
back-or-guide = [Volver al inicio de sesión](/sign-in/) · [¿No ha llegado el correo?](/guide/)
you-entered = Ha introducido **{ $address }**. ¿Está bien escrita?

link-needs-script = **Esta página necesita JavaScript.** Su enlace no aparece en ningún registro de servidor, porque solo lo lee un script de esta página. Permita JavaScript para este sitio y vuelva a cargar la página, o pida ayuda a [{ $support_email }](mailto:{ $support_email }).
new-password = Contraseña nueva
enter-new-password = Introduzca una contraseña nueva.
rule-length = Al menos { $min_password_length } caracteres.
rule-form = Unas cuantas palabras sin relación entre sí funcionan bien. Se admiten espacios; no hacen falta cifras ni símbolos.
rule-refused = No use su dirección de correo, el nombre de este portal ni una contraseña habitual.
strength-short = { $count } de { $limit } caracteres. Por añadir: { $missing }.
strength-long = { $count } caracteres. El máximo es { $limit }.
strength-portal = Es el nombre de este portal. Elija algo menos evidente.
strength-repeats = Suficientemente larga, pero fácil de adivinar: se repite.
strength-sequence = Suficientemente larga, pero fácil de adivinar: sus caracteres van seguidos.
strength-fine = Suficientemente larga: { $count } caracteres.
save = Guardar la contraseña nueva
activate = Activar mi cuenta
saving = Guardando…
unreachable-perhaps-saved = **No se puede acceder al servicio.** Compruebe la conexión y vuelva a intentarlo. Si el enlace ya no funciona, la contraseña se ha guardado: inicie sesión con ella.
reason-too-short = La contraseña debe tener al menos { $limit } caracteres.
reason-too-long = La contraseña debe tener como máximo { $limit } caracteres.
reason-too-common = Esta contraseña está en una lista de contraseñas habituales, las primeras que prueban los atacantes.
reason-is-email-address = La contraseña no puede ser su dirección de correo electrónico.
reason-is-portal-name = La contraseña no puede ser el nombre de este portal.
no-link-title = Esta página necesita el enlace de su correo
no-link = Copie el enlace entero del correo que le hemos enviado y péguelo aquí. Algunos sistemas de correo dañan los enlaces por el camino, y al hacer clic falta una parte.
link-from-email = Enlace del correo
paste-link = Pegue el enlace del correo.
incomplete-link = No es un enlace completo de nuestro correo. Cópielo entero, desde «https» hasta el último carácter.
use-link = Continuar
ask-here = O pida aquí un enlace nuevo:
invalid-title = Enlace no válido
invalid = Este enlace ya no funciona («Invalid Token»). Tiene más de 24 horas, ya se ha usado este u otro, o le falta una parte.
invalid-what-now = Si acaba de elegir una contraseña, [inicie sesión](/sign-in/) con ella. Si no, pida aquí un enlace nuevo:
done-activated = Su cuenta está activada
activated-what-now = Ya puede iniciar sesión con su dirección de correo y la contraseña que acaba de elegir.
done-changed = Se ha cambiado su contraseña
changed-what-now = A partir de ahora, inicie sesión con ella. Todos los enlaces anteriores han dejado de funcionar, y si la cuenta estaba bloqueada, ya no lo está. Le hemos enviado un correo para informarle del cambio.

sign-in-needs-script = **Para iniciar sesión hace falta JavaScript.** Permítalo para este sitio y vuelva a cargar la página.
signing-in = Iniciando sesión…
forgot-yours = [¿Ha olvidado su contraseña?](/forgot-password/)
signed-in = Ha iniciado sesión
signed-in-as = Sesión iniciada como **{ $name }**
open-console = Abrir la consola (en inglés)
sign-out = Cerrar sesión
signing-out = Cerrando sesión…
signed-out = Ha cerrado la sesión.
invalid-credentials = **La dirección de correo o la contraseña no es correcta.** Compruebe ambas o [elija una contraseña nueva](/forgot-password/).
account-locked = **Cuenta bloqueada.** Se ha introducido una contraseña incorrecta demasiadas veces. Vuelva a intentarlo dentro de { $wait }.
locked-until = El bloqueo termina a las { $until }.
locked-what-now = No hace falta esperar: [elija una contraseña nueva](/forgot-password/) para desbloquear la cuenta al instante, o pida a su administrador que se la desbloquee.
account-inactive = **Su cuenta no está activa.** La contraseña es correcta, pero la cuenta se ha desactivado. Pregunte a su administrador o escriba a [{ $support_email }](mailto:{ $support_email }).
