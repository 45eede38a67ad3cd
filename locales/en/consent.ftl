# The question whether an app may know something, and what each thing is called.

consent-title = { $app } would like to know who you are
consent-host = You go back to { $host } when you have answered.
consent-required = { $app } needs this
consent-optional = You decide about this
consent-optional-hint = It stays off until you turn it on.
consent-source = From { $source }
consent-missing = { $source } did not tell us
consent-keep = Kept: { $period }
consent-keep-unknown = { $app } does not say how long it keeps this.
consent-offline-title = Also while you are away
consent-offline = { $app } may ask again while you are away, until you disconnect it.
consent-already = What { $app } may see already
consent-never-title = What { $app } will not get
consent-never = Your password, and anything that is not listed above.
consent-yes = Continue
consent-no = Not now
consent-if-no = With “Not now”, { $app } gets nothing, and you go back.
consent-policy = How { $app } handles data
consent-terms = Terms of { $app }

about-name = Your full name
about-given-name = Your first name
about-family-name = Your last name
about-middle-name = Your middle name
about-nickname = Your nickname
about-preferred-username = Your user name
about-profile = Your profile page
about-picture = Your picture
about-website = Your website
about-email = Your e-mail address
about-email-verified = Whether your e-mail address was checked
about-gender = Your gender
about-birthdate = Your date of birth
about-zoneinfo = Your time zone
about-locale = Your language
about-phone-number = Your phone number
about-phone-number-verified = Whether your phone number was checked
about-address = Your postal address
about-updated-at = When your details last changed
about-groups = Your groups

value-yes = Yes
value-no = No
