# What people read. Short sentences, plain words; `tests` hold every language to both.

## Every page
footer-operator = Run by { $operator }
footer-contact = Ask for help
footer-language = Language
footer-privacy = Privacy
footer-account = My data
way-try-again = Try again
way-choose-again = Choose another way
way-back = Back to { $app }
way-account = To your page
way-home = To the start page
way-sign-out = Sign out

## Start page
home-title = { $site } signs you in to apps
home-lede = Apps send you here when you sign in, and you go back to them right after.
home-what-title = What happens here
home-what = You choose a service where you already have an account. It confirms that it is you, and we tell the app.
home-never-title = Who learns what
home-never = The app never sees your password, and neither do we. The service never learns which app you use.
home-keep-title = What we keep
home-keep = Your name and address are locked, and only your browser or the app holds the key. When you are gone, we keep a number that stands for you, your choices, and dates.
home-who-title = Who runs this
home-who = { $operator }
home-account = See what we know about you

## Choosing a provider
choose-title = Sign in to { $app }
choose-lede = Choose how. Afterwards you go back to { $host }.
choose-continue = Continue with { $provider }
choose-last-used = used last time
choose-unavailable = not answering
choose-none = No way to sign in is open right now. Please try again later.
choose-privacy = { $app } never sees your password. The service you choose does not learn which app you use.
notice-cancelled = You did not sign in with { $provider }. Choose again when you are ready.
notice-unavailable = { $provider } does not answer right now. Please choose another way.
notice-not-allowed = That account at { $provider } is not allowed here. Please choose another.
notice-again = The app asks you to sign in once more, to be sure that it is you.

## Going on with a form
form-post-title = One more click to { $app }
form-post-lede = Your answer is ready. Press the button to take it there.
form-post-button = Continue to { $app }
form-post-why = Your browser runs no scripts here, so it cannot go on by itself.

## Signing out
sign-out-title = Do you want to sign out?
sign-out-app = { $app } asks to sign you out.
sign-out-what = Apps that you opened from here may sign you out, too.
sign-out-yes = Sign out
sign-out-no = Stay signed in
signed-out-title = You are signed out
signed-out-here = This browser no longer signs you in to apps by itself.
signed-out-elsewhere = You may still be signed in at the service that you used. On a shared computer, sign out there, too.
