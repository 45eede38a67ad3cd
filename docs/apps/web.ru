# A web app. gem install rackup webrick omniauth_openid_connect; then rackup -p 3000 web.ru, with the environment that it reads
require "omniauth_openid_connect"
require "securerandom"
issuer, home = ENV.fetch("ISSUER"), ENV.fetch("HOME_URL", "http://localhost:3000/")
SWD.url_builder = WebFinger.url_builder = URI(issuer).class # plain http is for your own machine only
about = OpenIDConnect::Discovery::Provider::Config.discover!(issuer)
me = { identifier: ENV.fetch("CLIENT_ID"), secret: ENV.fetch("CLIENT_SECRET"), redirect_uri: "#{home}callback" }
kept = {} # tokens by session; yours belong where all instances find them, not into the cookie
till = ->(seconds) { Time.now.to_i + seconds }
refresh = lambda do |own|
  client = OpenIDConnect::Client.new(token_endpoint: about.token_endpoint, **me)
  client.refresh_token = own[:refresh]
  token = client.access_token!
  own.merge!(refresh: token.refresh_token, end: till.(token.expires_in))
end
go = ->(place) { [303, { "location" => place }, []] }
form = lambda do |action, session, text|
  proof = Rack::Protection::AuthenticityToken.token(session) # that it is this page that asks
  page = %(<form method="post" action="#{action}"><input type="hidden" name="authenticity_token" value="#{proof}">#{text}</form>)
  [200, { "content-type" => "text/html" }, [page]]
end
use Rack::Session::Cookie, secret: ENV.fetch("SECRET_KEY"), same_site: :lax, secure: home.start_with?("https:")
use Rack::Protection::AuthenticityToken
use OmniAuth::Strategies::OpenIDConnect, name: "vestibule", callback_path: "/callback", issuer: issuer, discovery: true,
                                         pkce: true, scope: %i[openid profile], client_options: me
run(lambda do |env|
  session, path, given = env.values_at("rack.session", "PATH_INFO", "omniauth.auth")
  if path == "/callback" && given
    tokens = given.credentials
    kept[session["id"] = SecureRandom.urlsafe_base64] =
      { name: given.info.name, hint: tokens.id_token, refresh: tokens.refresh_token, end: till.(tokens.expires_in) }
    next go.(home)
  end
  own = kept[session["id"]] or next form.("/auth/vestibule", session, "<button>Sign in</button>")
  bye = URI.encode_www_form(id_token_hint: own[:hint], post_logout_redirect_uri: home)
  next kept.delete(session.delete("id")) && go.("#{about.end_session_endpoint}?#{bye}") if path == "/logout" && env["REQUEST_METHOD"] == "POST"
  refresh.(own) if own[:end] < till.(60) # an access token that is about to expire
  form.("/logout", session, "#{Rack::Utils.escape_html(own[:name])}<button>Sign out</button>")
end)
