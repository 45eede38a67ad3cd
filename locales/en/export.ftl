# The README of the archive that people take with them. It says what each file is.
export-title = Your data at { $host }
export-intro = This archive holds everything that { $host } keeps about you. The files are JSON, so that other programs can read them, too.
export-manifest = manifest.json lists the files, with a checksum for each. It also says where their form is described.
export-account = account.json says since when { $host } knows you, and when this archive was made.
export-ways = ways.json lists the ways in which you sign in. Your name there is not kept, only a code that stands for it.
export-claims = claims.json has what { $host } knows about you at this moment. It disappears when you sign out, or on the date beside it.
export-apps = apps.json lists each app that you use. It says what you allowed, and what the app was given and when.
export-sessions = sessions.json lists the browsers in which you are signed in. What they hold opens only in the browser itself.
export-passes = passes.json lists the apps that let those browsers in without asking again. What they are told opens only in the browser itself.
export-access = access.json lists what apps can still ask for without you.
export-history = history.json tells what happened to your account.
export-receipts = receipts.json proves what you agreed to, and in which words. Each one is signed. keys.json has what you need to check that.
export-left-out = Left out: secret keys, and everything that belongs to other people. Passwords are never kept here.
