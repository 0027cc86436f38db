# Lo que rodea cada página. Los valores son Markdown en una línea; los enlaces, los de las páginas inglesas.

skip = Ir al contenido
account-help = Ayuda de la cuenta
search = Buscar
search-these-pages = Buscar en estas páginas
main-navigation = Navegación principal
sign-in = Iniciar sesión
sign-in-above = Entrar
need-a-person = ¿Prefiere hablar con una persona? Escriba a [{ $support_email }](mailto:{ $support_email }).
back-to-portal = Volver a { $portal_name }
in-english = En inglés:
what-words-mean = Glosario
for-administrators = Para administradores
for-operators = Para operadores
language = Idioma

home = Inicio
breadcrumb = Ruta de navegación
on-this-page = En esta página
before-and-after = Página anterior y página siguiente
previous = Anterior
next = Siguiente
rather-read = ¿Prefiere leerlo todo? [Por qué no ha llegado el correo](/guide/)

callout-note = Nota
callout-tip = Consejo
callout-important = Importante
callout-warning = Advertencia
callout-caution = Precaución

no-fixed-address = no son fijas; permita el dominio

search-needs-script = **La búsqueda necesita JavaScript.** Sin él, use las listas de abajo.
what-are-you-looking-for = ¿Qué está buscando?
key-write = para buscar,
key-go-through = para recorrer los resultados,
key-open = para abrir
found-one = Una página
found-many = { $count } páginas
found-none = No hay resultados. Pruebe con menos palabras o con otras.
found-near = No hay resultados exactos. ¿Quería decir esto?
search-failed = La búsqueda no está disponible en este momento. Use las listas de abajo.
search-in-english = Buscar en inglés: hay más páginas, para operadores y desarrolladores

search-ignored =
    a al con como cómo cuando de del el ella en es esta este está ha hay he la las le lo los me mi mis muy más o
    para pero por porque puede puedo qué que quien se ser si sin son su sus te tengo tiene un una y ya yo
search-synonyms =
    login, entrar, acceder, iniciar sesión, inicio de sesión; logout, salir, cerrar sesión; no llega, no ha llegado,
    no me llega, no recibo, no he recibido, no recibí, ningún correo, sin correo, falta el correo; bloqueado,
    bloqueada, bloqueo, demasiados intentos; spam, correo no deseado, no deseado, basura, cuarentena; whitelist,
    lista blanca, lista permitida, permitir; caducado, caducada, vencido, expirado, demasiado antiguo; registro,
    registrarse, activar, activación; olvidado, olvidada, olvidé, perdido, restablecer, recuperar, cambiar; clave,
    contraseña; enlace no válido, no válido, enlace no funciona, enlace inválido; dirección equivocada, dirección
    incorrecta, error al escribir; email, mail, correo; ayuda, asistencia, contacto;
    gmail, outlook, hotmail, yahoo, icloud, proveedor de correo; no funciona, no sirve, no va
