// A web app. go mod init web; go mod tidy; then go run . with the environment that it reads
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

type session struct {
	state, nonce, verifier, hint string
	tokens                       *oauth2.Token
	Name                         string `json:"name"`
}

var sessions sync.Map // by cookie; yours belong where all instances find them, and end one day
var page = template.Must(template.New("").Parse(`<!doctype html>
{{if .Name}}<form method="post" action="/logout">{{.Name}}<button>Sign out</button></form>
{{else}}<a href="/login">Sign in</a>{{end}}`))

func random() string {
	secret := make([]byte, 32)
	rand.Read(secret)
	return base64.RawURLEncoding.EncodeToString(secret)
}

func current(r *http.Request) (string, *session) {
	if cookie, err := r.Cookie("session"); err == nil {
		if own, ok := sessions.Load(cookie.Value); ok {
			return cookie.Value, own.(*session)
		}
	}
	return "", &session{}
}

func keep(w http.ResponseWriter, r *http.Request, own *session) {
	old, _ := current(r)
	sessions.Delete(old)
	id := random() // a new name each time: nobody prepares a session for others
	sessions.Store(id, own)
	// Most browsers take Secure from http://localhost, too; Safari does not.
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
}

func main() {
	ctx, home := context.Background(), os.Getenv("HOME_URL") // http://localhost:3000/
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	var about struct {
		EndSession string `json:"end_session_endpoint"`
	}
	provider.Claims(&about)
	app := oauth2.Config{ClientID: os.Getenv("CLIENT_ID"), ClientSecret: os.Getenv("CLIENT_SECRET"),
		RedirectURL: home + "callback", Endpoint: provider.Endpoint(), Scopes: []string{"openid", "profile"}}
	checks := provider.Verifier(&oidc.Config{ClientID: app.ClientID})
	signedIn := func(tokens *oauth2.Token, err error) (*session, error) {
		if err != nil {
			return nil, err
		}
		own := &session{tokens: tokens}
		own.hint, _ = tokens.Extra("id_token").(string)
		person, err := checks.Verify(ctx, own.hint)
		if err != nil {
			return nil, err
		}
		own.nonce = person.Nonce
		return own, person.Claims(own)
	}

	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		id, own := current(r)
		if own.tokens != nil && time.Until(own.tokens.Expiry) < time.Minute {
			var err error
			own, err = signedIn(app.TokenSource(ctx, &oauth2.Token{RefreshToken: own.tokens.RefreshToken}).Token())
			if err != nil { // They signed out elsewhere, or disconnected this app.
				http.Redirect(w, r, "/login", http.StatusFound)
				return
			}
			sessions.Store(id, own)
		}
		page.Execute(w, own)
	})
	http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		own := &session{state: random(), nonce: random(), verifier: random()}
		keep(w, r, own)
		challenge := sha256.Sum256([]byte(own.verifier))
		http.Redirect(w, r, app.AuthCodeURL(own.state, oidc.Nonce(own.nonce),
			oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(challenge[:])),
			oauth2.SetAuthURLParam("code_challenge_method", "S256")), http.StatusFound)
	})
	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		_, start := current(r)
		if start.state == "" || r.FormValue("state") != start.state {
			http.Error(w, "begin at /", http.StatusBadRequest)
			return
		}
		own, err := signedIn(app.Exchange(ctx, r.FormValue("code"), oauth2.SetAuthURLParam("code_verifier", start.verifier)))
		if err != nil || own.nonce != start.nonce {
			http.Error(w, "begin at / again", http.StatusBadRequest)
			return
		}
		keep(w, r, own)
		http.Redirect(w, r, "/", http.StatusFound)
	})
	http.HandleFunc("/logout", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "post", http.StatusMethodNotAllowed)
			return
		}
		_, own := current(r)
		keep(w, r, &session{})
		query := url.Values{"id_token_hint": {own.hint}, "post_logout_redirect_uri": {home}}
		http.Redirect(w, r, about.EndSession+"?"+query.Encode(), http.StatusSeeOther)
	})
	log.Fatal(http.ListenAndServe(os.Getenv("ADDRESS"), nil))
}
