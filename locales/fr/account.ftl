# La page de confidentialité : ce qui est connu, qui le reçoit, et ce que l’on peut y faire.
account-title = Vous et vos données
account-lede = Voyez ce qui est connu ici et qui le reçoit. Tout changement compte aussitôt.
account-nav = Sur cette page
account-back = Retour à l’ensemble

account-known-title = Ce que nous savons de vous maintenant
account-known = Cela vient de { $source }. Seul ce navigateur peut l’ouvrir.
account-known-none = { $source } ne nous a rien dit de vous.
account-known-until = Effacé le { $date }
account-known-sooner = C’est effacé plus tôt si vous vous déconnectez, ou ne revenez pas pendant { $period }.

account-subs-title = Comment les applications vous connaissent
account-subs = Chacune a son propre numéro pour vous. Elles ne peuvent donc pas comparer leurs notes.
account-subs-none = Aucune application ne vous connaît encore.

account-apps-title = Applications
account-apps = Vous décidez de ce qu’elles reçoivent désormais. Ce qu’elles ont déjà, elles le gardent selon leurs règles.
account-apps-none = Vous n’avez encore utilisé aucune application.
account-apps-more = Autres applications
account-apps-fewer = Retour
account-app-since = Connectée depuis le { $date }
account-app-knew = Vous connaît depuis le { $date }
account-app-last = Utilisée le { $date }
account-app-paused = En pause
account-app-disconnected = Non connectée
account-app-gone = Cette application n’est plus installée ici.
account-app-away = Cette application ne répond pas pour l’instant.
account-app-own = C’est notre propre application, et elle ne demande rien. Vous pouvez désactiver le facultatif, ou la mettre en pause.
account-app-out = Transmis le { $date }
account-app-out-never = Pas transmis jusqu’ici
account-app-asks = Le texte est nouveau. Elle vous posera la question.
account-app-earlier = Transmis auparavant
account-app-save = Enregistrer
account-app-pause = Mettre en pause
account-app-pause-what = En pause, elle ne reçoit rien, et vous ne pouvez pas vous y connecter.
account-app-resume = Reprendre
account-app-resume-what = Elle est en pause. Elle ne reçoit rien, et vous ne pouvez pas vous y connecter.
account-app-disconnect = Déconnecter
account-app-disconnect-what = Son accès prend fin aussitôt. L’application apprend que vous êtes parti.

account-browsers-title = Où vous êtes connecté
account-browser-this = ce navigateur
account-browser-unknown = Un navigateur dont nous ignorons le nom
account-browser-through = Avec { $provider }
account-browser-since = Depuis le { $date }
account-browser-seen = Vu pour la dernière fois le { $date }
account-browser-end = Déconnecter
account-browsers-more = { $count ->
    [one] Et un autre.
   *[other] Et { $count } autres.
}
account-browsers-others = Déconnecter tous les autres
account-browsers-all = Déconnecter partout, ici aussi

account-ways-title = Moyens de connexion
account-ways = Chacun mène au même compte. Les applications ne voient aucune différence.
account-way-remove = Retirer
account-way-remove-what = Si vous en retirez un, les navigateurs venus par lui sont déconnectés.
account-way-last = C’est votre seul moyen d’entrer, donc il reste. Pour partir, supprimez tout.
account-way-add = Vous pouvez en ajouter un autre. Vous vous y connectez une fois, pour montrer qu’il est à vous.
account-way-add-with = Ajouter { $provider }

account-history-title = Historique
account-history = Ce qui s’est passé ici, gardé pendant { $period }. Ni valeurs, ni adresses réseau.
account-history-none = Rien jusqu’ici.
account-history-older = Plus ancien
account-history-newer = Plus récent

account-export-title = Télécharger mes données
account-export = Un fichier avec tout ce que nous gardons sur vous, et un texte qui l’explique.
account-export-get = Télécharger
account-export-schema = La structure des fichiers, pour les programmes

account-preview-title = Que recevrait cette application ?
account-preview = Regardez avant d’utiliser une application. Regarder ne transmet rien.
account-preview-app = Application
account-preview-look = Regarder

account-delete-title = Tout supprimer
account-delete = Votre compte ici prend fin pour toujours, et chaque application l’apprend. Vous voyez d’abord ce que cela signifie.
account-delete-go = Voir ce que cela signifie

note-changed = Enregistré. { $app } reçoit désormais ce que vous avez choisi.
note-same = Rien n’a changé pour { $app }.
note-paused = { $app } est en pause et ne reçoit rien.
note-resumed = { $app } reprend, avec ce que vous permettez.
note-disconnected = { $app } est déconnectée. Son accès a pris fin.
note-not-connected = { $app } n’est pas connectée.
note-signed-out = Ce navigateur est déconnecté.
note-signed-out-before = Ce navigateur était déjà déconnecté.
note-others = Tous les autres navigateurs sont déconnectés.
note-others-none = Aucun autre navigateur n’était connecté.
note-unlinked = { $provider } est retiré et ne mène plus ici.
note-unlinked-before = Ce moyen était déjà retiré.
note-last-way = { $provider } est votre seul moyen d’entrer, donc il reste.
note-linked = { $provider } est ajouté et mène désormais ici.
note-linked-before = { $provider } mène déjà ici.

preview-title = Ce que { $app } recevrait
preview-new = Voici ce qu’elle reçoit si vous vous y connectez sans rien activer.
preview-known = Vous utilisez déjà cette application. Voici ce qu’elle reçoit maintenant.
preview-paused = Elle est en pause et ne reçoit rien.
preview-gets = Elle reçoit ceci
preview-gets-nothing = Rien qu’un numéro qui vous représente.
preview-may = Seulement si vous l’activez

history-signed-in = Connexion avec { $provider }
history-signed-out = Un navigateur a été déconnecté
history-signed-out-everywhere = Tous les navigateurs ont été déconnectés
history-agreed = Vous avez accepté la demande de { $app }
history-declined = Vous avez dit non à { $app }
history-changed = Vous avez changé ce que { $app } reçoit
history-on = Activé
history-off = Désactivé
history-paused = Vous avez mis { $app } en pause
history-resumed = Vous avez laissé { $app } reprendre
history-disconnected = Vous avez déconnecté { $app }
history-linked = { $provider } est devenu un moyen de connexion
history-unlinked = { $provider } n’est plus un moyen de connexion
history-exported = Vous avez téléchargé vos données
history-blocked = Le responsable de ce lieu a bloqué le compte
history-unblocked = Le blocage a été levé
history-reused = { $app } a utilisé deux fois une ancienne clé, et son accès a pris fin
history-said-sessions = { $provider } a dit vous avoir déconnecté là-bas
history-said-access = { $provider } a dit que vous nous y avez retiré l’accès
history-said-disabled = { $provider } a dit que votre compte y est désactivé
history-said-enabled = { $provider } a dit que votre compte y est rouvert
history-said-purged = { $provider } a dit que votre compte y est supprimé
history-said-change = { $provider } vous a demandé de sécuriser votre compte
history-said-mail-off = { $provider } ne vous transmet plus de courrier
history-said-mail-on = { $provider } vous transmet de nouveau du courrier
