# Lo que rodea cada página. Los valores son Markdown en una línea; los enlaces, los de las páginas inglesas.

skip = Ir al contenido
account-help = Ayuda de la cuenta
search = Buscar
search-these-pages = Buscar en estas páginas
main-navigation = Navegación principal
sign-in = Iniciar sesión
sign-in-above = Entrar
need-a-person = ¿Prefiere hablar con una persona? Escriba a [{ $support_email }](mailto:{ $support_email }).
in-english = En inglés:
what-words-mean = Qué significan las palabras
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

search-needs-script = **La búsqueda necesita JavaScript.** Sin él, estas listas llevan a todas partes.
what-are-you-looking-for = ¿Qué está buscando?
key-write = para escribir,
key-go-through = para recorrer los resultados,
key-open = para abrir
found-one = Una página
found-many = { $count } páginas
found-none = Ninguna página contiene todas estas palabras. Pruebe con menos, o con otras.
found-near = Nada está escrito así. ¿Quería decir esto?
search-failed = La búsqueda no se puede cargar en este momento. Las listas de abajo llevan a todas partes.
search-in-english = Buscar en inglés: hay más páginas, para operadores y desarrolladores
