# The README of the archive that people take with them. It says what each file is.
export-title = Vos données chez { $host }
export-intro = Cette archive contient tout ce que { $host } garde sur vous. Les fichiers sont en JSON, pour que d’autres programmes puissent les lire.
export-manifest = manifest.json liste les fichiers, avec une somme de contrôle. Il dit aussi où leur forme est décrite.
export-account = account.json dit depuis quand { $host } vous connaît, et quand cette archive a été faite.
export-ways = ways.json liste vos moyens de connexion. Votre nom là-bas n’est pas gardé, seulement un code qui le remplace.
export-claims = claims.json contient ce que { $host } sait de vous en ce moment. Cela disparaît à la déconnexion, ou à la date indiquée.
export-apps = apps.json liste les applications que vous utilisez. Il dit ce que vous avez permis, et ce qui a été transmis et quand.
export-sessions = sessions.json liste les navigateurs où vous êtes connecté. Leur contenu ne s’ouvre que dans le navigateur lui-même.
export-passes = passes.json liste les applications qui laissent entrer ces navigateurs sans redemander. Ce qu’elles apprennent ne s’ouvre que dans le navigateur lui-même.
export-access = access.json liste ce que les applications peuvent encore demander sans vous.
export-history = history.json raconte ce qui est arrivé à votre compte.
export-receipts = receipts.json prouve ce que vous avez accepté, et en quels mots. Chaque reçu est signé. keys.json permet de le vérifier.
export-left-out = Laissés de côté : les clés secrètes et tout ce qui appartient à d’autres. Les mots de passe ne sont jamais gardés ici.
