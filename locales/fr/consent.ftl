# La question de ce qu’une application peut savoir, et le nom de chaque chose.

consent-title = { $app } aimerait savoir qui vous êtes
consent-host = Après votre réponse, vous revenez à { $host }.
consent-required = { $app } a besoin de ceci
consent-optional = Vous décidez de ceci
consent-optional-hint = Cela reste désactivé tant que vous ne l’activez pas.
consent-source = De { $source }
consent-missing = { $source } ne nous l’a pas dit
consent-keep = Conservation : { $period }
consent-keep-unknown = { $app } ne dit pas combien de temps elle garde ceci.
consent-offline-title = Aussi en votre absence
consent-offline = { $app } peut redemander en votre absence, jusqu’à ce que vous la déconnectiez.
consent-already = Ce que { $app } peut déjà voir
consent-never-title = Ce que { $app } n’aura pas
consent-never = Votre mot de passe, et tout ce qui n’est pas indiqué ci-dessus.
consent-yes = Continuer
consent-no = Pas maintenant
consent-if-no = Avec « Pas maintenant », { $app } ne reçoit rien, et vous y revenez.
consent-policy = Comment { $app } traite les données
consent-terms = Conditions de { $app }

about-name = Votre nom complet
about-given-name = Votre prénom
about-family-name = Votre nom de famille
about-middle-name = Votre deuxième prénom
about-nickname = Votre surnom
about-preferred-username = Votre nom d’utilisateur
about-profile = Votre page de profil
about-picture = Votre photo
about-website = Votre site web
about-email = Votre adresse e-mail
about-email-verified = Si votre adresse e-mail a été vérifiée
about-gender = Votre genre
about-birthdate = Votre date de naissance
about-zoneinfo = Votre fuseau horaire
about-locale = Votre langue
about-phone-number = Votre numéro de téléphone
about-phone-number-verified = Si votre numéro de téléphone a été vérifié
about-address = Votre adresse postale
about-updated-at = Quand vos informations ont changé pour la dernière fois
about-groups = Vos groupes

value-yes = Oui
value-no = Non
