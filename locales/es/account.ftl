# La página de privacidad: qué se sabe, quién lo recibe y qué se puede hacer.
account-title = Usted y sus datos
account-lede = Vea qué se sabe aquí y quién lo recibe. Lo que cambie vale al momento.
account-nav = En esta página
account-back = Volver a todo

account-known-title = Lo que sabemos de usted ahora
account-known = Viene de { $source }. Solo este navegador puede abrirlo.
account-known-none = { $source } no nos ha dicho nada de usted.
account-known-until = Desaparece el { $date }
account-known-sooner = Desaparece antes si cierra la sesión o no vuelve durante { $period }.

account-subs-title = Cómo le conocen las aplicaciones
account-subs = Cada una tiene su propio número para usted. Así no pueden comparar sus notas.
account-subs-none = Ninguna aplicación le conoce todavía.

account-apps-title = Aplicaciones
account-apps = Usted decide qué reciben desde ahora. Lo que ya recibieron, lo guardan según sus propias reglas.
account-apps-none = Todavía no ha usado ninguna aplicación.
account-apps-more = Más aplicaciones
account-apps-fewer = Volver
account-app-since = Conectada desde el { $date }
account-app-knew = Le conoce desde el { $date }
account-app-last = Último uso: { $date }
account-app-paused = En pausa
account-app-disconnected = No conectada
account-app-gone = Esta aplicación ya no está aquí.
account-app-away = De esta aplicación no se sabe nada ahora.
account-app-own = Es nuestra propia aplicación y no pregunta. Puede desactivar lo opcional, o ponerla en pausa.
account-app-out = Salió por última vez el { $date }
account-app-out-never = No ha salido hasta ahora
account-app-asks = El texto es nuevo. La aplicación le preguntará.
account-app-earlier = Esto salió antes
account-app-save = Guardar
account-app-pause = Poner en pausa
account-app-pause-what = En pausa no recibe nada, y usted no puede entrar en ella.
account-app-resume = Reanudar
account-app-resume-what = Está en pausa. No recibe nada, y usted no puede entrar en ella.
account-app-disconnect = Desconectar
account-app-disconnect-what = Su acceso termina al momento. La aplicación sabrá que usted se ha ido.

account-browsers-title = Dónde tiene la sesión abierta
account-browser-this = este navegador
account-browser-unknown = Un navegador cuyo nombre no conocemos
account-browser-through = Con { $provider }
account-browser-since = Desde el { $date }
account-browser-seen = Visto por última vez el { $date }
account-browser-end = Cerrar sesión
account-browsers-more = { $count ->
    [one] Y uno más.
   *[other] Y { $count } más.
}
account-browsers-others = Cerrar todas las demás
account-browsers-all = Cerrar en todas partes, también aquí

account-ways-title = Formas de entrar
account-ways = Todas llevan a la misma cuenta. Las aplicaciones no notan diferencia.
account-way-remove = Quitar
account-way-remove-what = Si quita una, se cierra la sesión de los navegadores que entraron por ella.
account-way-last = Es su única forma de entrar, por eso se queda. Para irse del todo, elimínelo todo.
account-way-add = Puede añadir otra. Entra allí una vez, para mostrar que es suya.
account-way-add-with = Añadir { $provider }

account-history-title = Historial
account-history = Lo que ocurrió aquí, guardado durante { $period }. Sin valores ni direcciones de red.
account-history-none = Nada hasta ahora.
account-history-older = Anteriores
account-history-newer = Posteriores

account-export-title = Descargar mis datos
account-export = Un archivo con todo lo que guardamos de usted, y un texto que lo explica.
account-export-get = Descargar
account-export-schema = La estructura de los archivos, para programas

account-preview-title = ¿Qué recibiría esta aplicación?
account-preview = Mire antes de usar una aplicación. Por mirar no sale nada.
account-preview-app = Aplicación
account-preview-look = Mirar

account-delete-title = Eliminarlo todo
account-delete = Su cuenta aquí termina para siempre, y cada aplicación lo sabrá. Primero verá qué significa.
account-delete-go = Ver qué significa

note-changed = Guardado. { $app } recibe desde ahora lo que usted eligió.
note-same = Nada ha cambiado para { $app }.
note-paused = { $app } está en pausa y no recibe nada.
note-resumed = { $app } sigue, con lo que usted permite.
note-disconnected = { $app } está desconectada. Su acceso ha terminado.
note-not-connected = { $app } no está conectada.
note-signed-out = La sesión de ese navegador está cerrada.
note-signed-out-before = La sesión de ese navegador ya estaba cerrada.
note-others = Todas las demás sesiones están cerradas.
note-others-none = No había ninguna otra sesión abierta.
note-unlinked = { $provider } se ha quitado y ya no lleva aquí.
note-unlinked-before = Esa forma de entrar ya no estaba.
note-last-way = { $provider } es su única forma de entrar, por eso se queda.
note-linked = { $provider } se ha añadido y desde ahora lleva aquí.
note-linked-before = { $provider } ya lleva aquí.

preview-title = Lo que recibiría { $app }
preview-new = Esto recibe si usted entra en ella y no activa nada.
preview-known = Usted ya usa esta aplicación. Esto recibe ahora.
preview-paused = Está en pausa y no recibe nada.
preview-gets = Recibe esto
preview-gets-nothing = Nada más que un número que le representa.
preview-may = Solo si usted lo activa

history-signed-in = Sesión iniciada con { $provider }
history-signed-out = Se cerró la sesión de un navegador
history-signed-out-everywhere = Se cerraron todas las sesiones
history-agreed = Usted aceptó lo que pidió { $app }
history-declined = Usted dijo que no a { $app }
history-changed = Usted cambió lo que recibe { $app }
history-on = Activado
history-off = Desactivado
history-paused = Usted puso { $app } en pausa
history-resumed = Usted dejó seguir a { $app }
history-disconnected = Usted desconectó { $app }
history-linked = { $provider } pasó a ser una forma de entrar
history-unlinked = { $provider } dejó de ser una forma de entrar
history-exported = Usted descargó sus datos
history-blocked = Quien lleva este lugar bloqueó la cuenta
history-unblocked = Se levantó el bloqueo
history-reused = { $app } usó dos veces una llave antigua, y su acceso terminó
history-said-sessions = { $provider } dijo que cerró su sesión allí
history-said-access = { $provider } dijo que usted nos retiró el acceso allí
history-said-disabled = { $provider } dijo que su cuenta allí está desactivada
history-said-enabled = { $provider } dijo que su cuenta allí está abierta de nuevo
history-said-purged = { $provider } dijo que su cuenta allí está eliminada
history-said-change = { $provider } le pidió proteger su cuenta allí
history-said-mail-off = { $provider } ya no le reenvía correo
history-said-mail-on = { $provider } vuelve a reenviarle correo
