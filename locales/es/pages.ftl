# Lo que lee la gente. Frases cortas, palabras sencillas.

## Todas las páginas
footer-operator = Gestionado por { $operator }
footer-contact = Pedir ayuda
footer-language = Idioma
footer-privacy = Privacidad
footer-account = Mis datos
way-try-again = Intentarlo de nuevo
way-choose-again = Elegir otra forma
way-back = Volver a { $app }
way-account = A su página
way-home = Ir al inicio
way-sign-out = Cerrar sesión

## Inicio
home-title = { $site } le da acceso a sus aplicaciones
home-lede = Las aplicaciones le envían aquí para entrar, y enseguida vuelve a ellas.
home-what-title = Qué pasa aquí
home-what = Usted elige un servicio donde ya tiene una cuenta. Ese servicio confirma que es usted, y nosotros se lo decimos a la aplicación.
home-never-title = Quién sabe qué
home-never = La aplicación nunca ve su contraseña, y nosotros tampoco. El servicio nunca sabe qué aplicación usa usted.
home-keep-title = Qué guardamos
home-keep = Su nombre y su dirección están bajo llave, y solo su navegador o la aplicación tienen esa llave. Cuando usted se va, guardamos un número que le representa, sus decisiones y fechas.
home-who-title = Quién gestiona esto
home-who = { $operator }
home-account = Ver lo que sabemos de usted

## Elegir un proveedor
choose-title = Entrar en { $app }
choose-lede = Elija cómo. Después volverá a { $host }.
choose-continue = Continuar con { $provider }
choose-last-used = usado la última vez
choose-unavailable = no responde
choose-none = Ahora mismo no hay ninguna forma de entrar. Inténtelo más tarde.
choose-privacy = { $app } nunca ve su contraseña. El servicio que elija no sabrá qué aplicación usa usted.
notice-cancelled = No ha entrado con { $provider }. Elija de nuevo cuando quiera.
notice-unavailable = { $provider } no responde ahora mismo. Elija otra forma.
notice-not-allowed = Esa cuenta de { $provider } no está admitida aquí. Elija otra.
notice-again = La aplicación le pide que entre otra vez, para asegurarse de que es usted.

## Continuar con un formulario
form-post-title = Un clic más hasta { $app }
form-post-lede = Su respuesta está lista. El botón la lleva a su destino.
form-post-button = Continuar a { $app }
form-post-why = Su navegador no ejecuta scripts aquí, así que no puede seguir solo.

## Cerrar la sesión
sign-out-title = ¿Quiere cerrar la sesión?
sign-out-app = { $app } pide cerrar su sesión.
sign-out-what = Las aplicaciones que abrió desde aquí también pueden cerrar su sesión.
sign-out-yes = Cerrar la sesión
sign-out-no = Seguir dentro
signed-out-title = Ha cerrado la sesión
signed-out-here = Este navegador ya no le da acceso a las aplicaciones por sí solo.
signed-out-elsewhere = Puede que siga dentro del servicio que usó. En un ordenador compartido, cierre también allí la sesión.
