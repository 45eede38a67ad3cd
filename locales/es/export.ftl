# The README of the archive that people take with them. It says what each file is.
export-title = Sus datos en { $host }
export-intro = Este archivo contiene todo lo que { $host } guarda sobre usted. Los ficheros son JSON, para que otros programas también los lean.
export-manifest = manifest.json enumera los ficheros, cada uno con su suma de control. También dice dónde se describe su forma.
export-account = account.json dice desde cuándo { $host } le conoce, y cuándo se hizo este archivo.
export-ways = ways.json enumera sus formas de iniciar sesión. Su nombre allí no se guarda, solo un código que lo representa.
export-claims = claims.json tiene lo que { $host } sabe de usted en este momento. Desaparece al cerrar la sesión, o en la fecha indicada.
export-apps = apps.json enumera cada aplicación que usa. Dice qué permitió, y qué recibió la aplicación y cuándo.
export-sessions = sessions.json enumera los navegadores donde tiene la sesión abierta. Su contenido solo se abre en el propio navegador.
export-passes = passes.json enumera las aplicaciones que dejan entrar a esos navegadores sin preguntar otra vez. Lo que reciben solo se abre en el propio navegador.
export-access = access.json enumera lo que las aplicaciones aún pueden pedir sin usted.
export-history = history.json cuenta lo que pasó con su cuenta.
export-receipts = receipts.json prueba qué aceptó, y con qué palabras. Cada recibo está firmado. keys.json sirve para comprobarlo.
export-left-out = Quedan fuera: las claves secretas y todo lo que es de otras personas. Aquí nunca se guardan contraseñas.
