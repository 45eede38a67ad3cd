# La pregunta de qué puede saber una aplicación, y el nombre de cada cosa.

consent-title = { $app } quisiera saber quién es usted
consent-host = Cuando haya respondido, volverá a { $host }.
consent-required = { $app } necesita esto
consent-optional = Sobre esto decide usted
consent-optional-hint = Está desactivado hasta que usted lo active.
consent-source = De { $source }
consent-missing = { $source } no nos lo ha dicho
consent-keep = Se guarda: { $period }
consent-keep-unknown = { $app } no dice cuánto tiempo guarda esto.
consent-offline-title = También en su ausencia
consent-offline = { $app } puede volver a preguntar en su ausencia, hasta que usted la desconecte.
consent-already = Lo que { $app } ya puede ver
consent-never-title = Lo que { $app } no recibirá
consent-never = Su contraseña, y todo lo que no aparece arriba.
consent-yes = Continuar
consent-no = Ahora no
consent-if-no = Con «Ahora no», { $app } no recibe nada, y usted vuelve allí.
consent-policy = Cómo trata { $app } los datos
consent-terms = Condiciones de { $app }

about-name = Su nombre completo
about-given-name = Su nombre
about-family-name = Sus apellidos
about-middle-name = Su segundo nombre
about-nickname = Su apodo
about-preferred-username = Su nombre de usuario
about-profile = Su página de perfil
about-picture = Su foto
about-website = Su sitio web
about-email = Su dirección de correo
about-email-verified = Si su dirección de correo está comprobada
about-gender = Su género
about-birthdate = Su fecha de nacimiento
about-zoneinfo = Su zona horaria
about-locale = Su idioma
about-phone-number = Su número de teléfono
about-phone-number-verified = Si su número de teléfono está comprobado
about-address = Su dirección postal
about-updated-at = Cuándo cambiaron sus datos por última vez
about-groups = Sus grupos

value-yes = Sí
value-no = No
