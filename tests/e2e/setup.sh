#!/usr/bin/env bash
# Installs what the tests need and the machine has not: Debian's Redis, Chromium, nginx, Caddy, HAProxy, Apache, the client
# libraries that Debian has for Go, Ruby, Perl and C, those of npm and PyPI. Does nothing, quickly, when all is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

packages=()
command -v redis-server >/dev/null || packages+=(redis-server)
command -v chromium >/dev/null || packages+=(chromium fonts-dejavu-core fonts-liberation)
for proxy in nginx caddy haproxy; do
  command -v "$proxy" >/dev/null || packages+=("$proxy")
done
command -v go >/dev/null || packages+=(golang-go)
[[ -d /usr/share/gocode/src/github.com/coreos/go-oidc ]] || packages+=(golang-github-coreos-go-oidc-dev)
[[ -x /usr/sbin/apache2 ]] || packages+=(apache2)
[[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ]] || packages+=(libapache2-mod-auth-openidc)
[[ -d /usr/share/doc/ruby-omniauth-openid-connect ]] || packages+=(ruby-omniauth-openid-connect)
command -v rackup >/dev/null || packages+=(ruby-rack)
[[ -d /usr/share/doc/ruby-webrick ]] || packages+=(ruby-webrick)
perl -MMojolicious::Plugin::OAuth2 -MMojo::JWT -MCrypt::OpenSSL::RSA -MCrypt::OpenSSL::Bignum -e 1 2>/dev/null \
  || packages+=(libmojolicious-plugin-oauth2-perl libmojo-jwt-perl libcrypt-openssl-rsa-perl libcrypt-openssl-bignum-perl)
command -v oidc-agent >/dev/null || packages+=(oidc-agent-cli)
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
if ((${#packages[@]})); then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  # With this run level Debian's scripts do not start a service; the tests start their own Redis on a free port.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

# npm and pip are asked only if what is installed is not what the lock files say.
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --silent
  cp package-lock.json node_modules/.installed
fi
if ! cmp -s requirements.txt .venv/.installed; then
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt .venv/.installed
fi
