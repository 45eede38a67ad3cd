// Package verify checks access tokens. go get github.com/go-jose/go-jose/v3
package verify

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v3"
	"github.com/go-jose/go-jose/v3/jwt"
)

// Access is what a service learns from an access token.
type Access struct {
	Sub      string          `json:"sub"`       // the person, as the app knows them
	ClientID string          `json:"client_id"` // the app that the token was given to
	Cnf      json.RawMessage `json:"cnf,omitempty"`
}

// Verifier checks access tokens, with keys that it keeps for five minutes. Make one, and share it.
type Verifier struct {
	Issuer, Audience string // Audience is the client id of the app, or the address of your service
	Fresh, CoolDown  time.Duration

	mu    sync.Mutex
	keys  jose.JSONWebKeySet
	asked time.Time
}

// New gives a verifier with the usual ages of keys.
func New(issuer, audience string) *Verifier {
	return &Verifier{Issuer: issuer, Audience: audience, Fresh: 5 * time.Minute, CoolDown: 30 * time.Second}
}

// Verify gives what the token says, or why it is not to be believed.
func (v *Verifier) Verify(token string) (*Access, error) {
	parsed, err := jwt.ParseSigned(token)
	if err != nil {
		return nil, err
	}
	header := parsed.Headers[0]
	if header.Algorithm != "ES256" || header.ExtraHeaders["typ"] != "at+jwt" {
		return nil, errors.New("not an access token")
	}
	key, err := v.key(header.KeyID)
	if err != nil {
		return nil, err
	}
	var claims jwt.Claims
	var access Access
	if err := parsed.Claims(key, &claims, &access); err != nil {
		return nil, err
	}
	rules := jwt.Expected{Issuer: v.Issuer, Audience: jwt.Audience{v.Audience}, Time: time.Now()}
	if err := claims.ValidateWithLeeway(rules, 5*time.Second); err != nil {
		return nil, err
	}
	if claims.Expiry == nil || access.Sub == "" || access.ClientID == "" {
		return nil, errors.New("a claim is missing")
	}
	if access.Cnf != nil {
		return nil, errors.New("good only with a DPoP proof") // RFC 9449, section 7.1
	}
	return &access, nil
}

// Keys are fetched when they are old, and for an unknown name: not more than twice a minute, whoever asks.
func (v *Verifier) key(kid string) (any, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	limit := v.CoolDown
	if len(v.keys.Key(kid)) > 0 {
		limit = v.Fresh
	}
	if time.Since(v.asked) > limit {
		if err := v.fetch(); err != nil && v.keys.Keys == nil {
			return nil, err
		} // an outage changes nothing for keys that are known
		v.asked = time.Now()
	}
	if known := v.keys.Key(kid); len(known) > 0 {
		return known[0].Key, nil
	}
	return nil, errors.New("unknown key")
}

func (v *Verifier) fetch() error {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(v.Issuer + "/jwks")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(answer.Body).Decode(&keys); err != nil {
		return err
	}
	v.keys = keys
	return nil
}
