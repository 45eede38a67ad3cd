# The privacy page: what is known, who gets it, and what a person may do about it.
account-title = You and your data
account-lede = See what is known here and who gets it. Whatever you change counts at once.
account-nav = On this page
account-back = Back to all of it

account-known-title = What we know about you now
account-known = It comes from { $source }. Only this browser can open it.
account-known-none = { $source } told us nothing about you.
account-known-until = Gone on { $date }
account-known-sooner = It is gone sooner when you sign out, or stay away for { $period }.

account-subs-title = How apps know you
account-subs = Each app has its own number for you, so that apps cannot compare notes.
account-subs-none = No app knows you yet.

account-apps-title = Apps
account-apps = You decide what an app gets from now on. What it got before, it keeps by its own rules.
account-apps-none = You have not used any app yet.
account-apps-more = More apps
account-apps-fewer = Back
account-app-since = Connected since { $date }
account-app-knew = Knows you since { $date }
account-app-last = Last used on { $date }
account-app-paused = Paused
account-app-disconnected = Not connected
account-app-gone = This app is no longer set up here.
account-app-away = We hear nothing from this app right now.
account-app-own = It is our own app and does not ask. You can turn off what is optional, or pause it.
account-app-out = Went out last on { $date }
account-app-out-never = Has not gone out so far
account-app-asks = It has new words for this, and will ask you.
account-app-earlier = This went out earlier
account-app-save = Save
account-app-pause = Pause
account-app-pause-what = While it is paused, it gets nothing, and you cannot sign in there.
account-app-resume = Resume
account-app-resume-what = It is paused: it gets nothing, and you cannot sign in there.
account-app-disconnect = Disconnect
account-app-disconnect-what = Disconnecting ends its access at once. The app hears that you left.

account-browsers-title = Where you are signed in
account-browser-this = this browser
account-browser-unknown = A browser we do not know by name
account-browser-through = With { $provider }
account-browser-since = Since { $date }
account-browser-seen = Last seen on { $date }
account-browser-end = Sign out
account-browsers-more = { $count ->
    [one] And one more.
   *[other] And { $count } more.
}
account-browsers-others = Sign out all others
account-browsers-all = Sign out everywhere, here too

account-ways-title = Ways to sign in
account-ways = Each of these leads to the same account. Apps notice no difference.
account-way-remove = Remove
account-way-remove-what = If you remove one, browsers that came that way are signed out.
account-way-last = This is your only way in, so it stays. To leave for good, delete everything.
account-way-add = You can add another. You sign in there once, to show that it is yours.
account-way-add-with = Add { $provider }

account-history-title = History
account-history = What happened here in the last { $period }. No values, no network addresses.
account-history-none = Nothing so far.
account-history-older = Older
account-history-newer = Newer

account-export-title = Download my data
account-export = One file with all that we keep about you, and a text that explains it.
account-export-get = Download
account-export-schema = How the files are built, for programs

account-preview-title = What would this app get?
account-preview = Look before you use an app. Nothing goes out by looking.
account-preview-app = App
account-preview-look = Look

account-delete-title = Delete everything
account-delete = Your account here ends for good, and every app hears of it. First you see what that means.
account-delete-go = See what that means

note-changed = Saved. { $app } gets what you chose, from now on.
note-same = Nothing changed for { $app }.
note-paused = { $app } is paused. It gets nothing until you resume it.
note-resumed = { $app } goes on, with what you allow.
note-disconnected = { $app } is disconnected. Its access has ended.
note-not-connected = { $app } is not connected.
note-signed-out = That browser is signed out.
note-signed-out-before = That browser was signed out already.
note-others = All other browsers are signed out.
note-others-none = No other browser was signed in.
note-unlinked = { $provider } is removed. It no longer leads here.
note-unlinked-before = That way to sign in was gone already.
note-last-way = { $provider } is your only way in, so it stays.
note-linked = { $provider } is added. It leads here from now on.
note-linked-before = { $provider } leads here already.

preview-title = What { $app } would get
preview-new = This is what it gets if you sign in there and turn nothing on.
preview-known = You use this app already. This is what it gets now.
preview-paused = It is paused, so it gets nothing.
preview-gets = It gets this
preview-gets-nothing = Nothing but a number that stands for you.
preview-may = Only if you turn it on

history-signed-in = Signed in with { $provider }
history-signed-out = A browser was signed out
history-signed-out-everywhere = Every browser was signed out
history-agreed = You agreed to what { $app } asked
history-declined = You said no to { $app }
history-changed = You changed what { $app } gets
history-on = Turned on
history-off = Turned off
history-paused = You paused { $app }
history-resumed = You let { $app } go on
history-disconnected = You disconnected { $app }
history-linked = { $provider } became a way to sign in
history-unlinked = { $provider } was removed as a way to sign in
history-exported = You downloaded your data
history-blocked = Whoever runs this place blocked the account
history-unblocked = The block was lifted
history-reused = { $app } used an old key twice, so its access ended
history-said-sessions = { $provider } said that it signed you out there
history-said-access = { $provider } said that you took our access there away
history-said-disabled = { $provider } said that your account there is disabled
history-said-enabled = { $provider } said that your account there is open again
history-said-purged = { $provider } said that your account there is deleted
history-said-change = { $provider } asked you to secure your account there
history-said-mail-off = { $provider } said that it forwards no more mail to you
history-said-mail-on = { $provider } said that it forwards mail to you again
