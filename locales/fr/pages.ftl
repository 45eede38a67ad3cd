# Ce que les gens lisent. Des phrases courtes, des mots simples.

## Toutes les pages
footer-operator = Géré par { $operator }
footer-contact = Demander de l’aide
footer-language = Langue
footer-privacy = Vie privée
footer-account = Mes données
way-try-again = Réessayer
way-choose-again = Choisir un autre moyen
way-back = Revenir à { $app }
way-account = Vers votre page
way-home = Aller à l’accueil
way-sign-out = Se déconnecter

## Accueil
home-title = { $site } vous connecte à vos applications
home-lede = Les applications vous envoient ici pour vous connecter, puis vous y revenez aussitôt.
home-what-title = Ce qui se passe ici
home-what = Vous choisissez un service où vous avez déjà un compte. Il confirme que c’est bien vous, et nous le disons à l’application.
home-never-title = Qui apprend quoi
home-never = L’application ne voit jamais votre mot de passe, et nous non plus. Le service n’apprend jamais quelle application vous utilisez.
home-keep-title = Ce que nous gardons
home-keep = Votre nom et votre adresse sont sous clé, et seuls votre navigateur ou l’application ont cette clé. Après votre départ, nous gardons un numéro qui vous représente, vos choix et des dates.
home-who-title = Qui gère ce lieu
home-who = { $operator }
home-account = Voir ce que nous savons de vous

## Choisir un fournisseur
choose-title = Se connecter à { $app }
choose-lede = Choisissez comment. Ensuite, vous revenez à { $host }.
choose-continue = Continuer avec { $provider }
choose-last-used = utilisé la dernière fois
choose-unavailable = ne répond pas
choose-none = Aucun moyen de se connecter n’est ouvert en ce moment. Veuillez réessayer plus tard.
choose-privacy = { $app } ne voit jamais votre mot de passe. Le service choisi n’apprend pas quelle application vous utilisez.
notice-cancelled = Vous ne vous êtes pas connecté avec { $provider }. Choisissez de nouveau quand vous voulez.
notice-unavailable = { $provider } ne répond pas en ce moment. Veuillez choisir un autre moyen.
notice-not-allowed = Ce compte chez { $provider } n’est pas admis ici. Veuillez en choisir un autre.
notice-again = L’application vous demande de vous connecter encore une fois, pour être sûre que c’est vous.

## Continuer par un formulaire
form-post-title = Encore un clic vers { $app }
form-post-lede = Votre réponse est prête. Le bouton la porte à destination.
form-post-button = Continuer vers { $app }
form-post-why = Votre navigateur n’exécute pas de script ici, il ne peut donc pas continuer tout seul.

## Se déconnecter
sign-out-title = Voulez-vous vous déconnecter ?
sign-out-app = { $app } demande à vous déconnecter.
sign-out-what = Les applications ouvertes depuis ici peuvent aussi vous déconnecter.
sign-out-yes = Se déconnecter
sign-out-no = Rester connecté
signed-out-title = Vous êtes déconnecté
signed-out-here = Ce navigateur ne vous connecte plus tout seul aux applications.
signed-out-elsewhere = Vous êtes peut-être encore connecté au service utilisé. Sur un ordinateur partagé, déconnectez-vous aussi là-bas.
