# An app as Mojolicious' developers write it, with its OAuth2 plugin. What it learned is the JSON of /callback.
use Mojolicious::Lite -signatures;

my $origin = $ENV{HOME_URL} =~ s{/$}{}r;
my %app = (key => $ENV{CLIENT_ID}, secret => $ENV{CLIENT_SECRET}, scope => 'openid profile email');
app->secrets([$ENV{SECRET_KEY}])->log->level('warn');
plugin OAuth2 => {providers => {vestibule => {%app, well_known_url => "$ENV{ISSUER}/.well-known/openid-configuration"}}};

get '/' => {json => 'An app'};

get '/callback' => sub ($c) {
  $c->render_later;
  # The plugin leaves out what every request must say (RFC 6749, section 4.1.1), unless the provider's address has it.
  my %ask = (redirect_uri => "$origin/callback", authorize_query => {response_type => 'code'});
  $c->oauth2->get_token_p(vestibule => \%ask)->then(sub ($first) {
    return unless $first;
    my $user = $c->oauth2->jwt_decode(vestibule => data => $first->{id_token});
    return $c->oauth2->get_refresh_token_p(vestibule => {refresh_token => $first->{refresh_token}})->then(sub ($next) {
      my %leave = (id_token_hint => $next->{id_token}, post_logout_redirect_uri => "$origin/", state => 'a-state');
      my $out = $c->oauth2->logout_url(vestibule => \%leave)->to_string;
      my $fresh = $next->{access_token} ne $first->{access_token} ? \1 : \0;
      $c->render(json => {user => $user, fresh => $fresh, out => $out});
    });
  })->catch(sub ($error) { $c->render(json => {error => "$error"}, status => 500) });
};

app->start('daemon', '--listen', $origin);
