//! Signing: compact JWS (RFC 7515, section 3.1) with key pairs that are parsed once and held, and headers that are
//! rendered once.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, Signature,
    },
};

use super::{BadKey, ring::Pkcs8};
use crate::types::{bytes, jws::Alg};

/// What a token is, by the `typ` of its header (RFC 8725, section 3.11): none is ever taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// An ID token, and a signed UserInfo answer.
    Jwt,
    /// An access token (RFC 9068).
    Access,
    /// A logout token (OpenID Connect Back-Channel Logout).
    Logout,
    /// A security event (RFC 8417).
    SecurityEvent,
    /// A consent receipt, as the export has it.
    Receipt,
    /// What a token is, signed (RFC 9701).
    Introspection,
    /// Who asks, for an app behind the gate.
    Gate,
}

impl TokenType {
    const ALL: [Self; 7] =
        [Self::Jwt, Self::Access, Self::Logout, Self::SecurityEvent, Self::Receipt, Self::Introspection, Self::Gate];

    /// The value of `typ`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "JWT",
            Self::Access => "at+jwt",
            Self::Logout => "logout+jwt",
            Self::SecurityEvent => "secevent+jwt",
            Self::Receipt => "vestibule-receipt+jwt",
            Self::Introspection => "token-introspection+jwt",
            Self::Gate => "vestibule-gate+jwt",
        }
    }
}

/// The library refused to sign, for a reason that it keeps to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signing failed")]
pub struct SignError;

/// Signs tokens with one key.
pub trait Signer: Send + Sync {
    /// What it signs with.
    fn alg(&self) -> Alg;

    /// The name of its key in JWKS.
    fn kid(&self) -> &str;

    /// Signs `claims`, a JSON object in UTF-8, to a compact JWS whose header says `typ`.
    ///
    /// # Errors
    /// [`SignError`] when the library fails, which it does when the machine is out of memory or chance.
    fn sign(&self, typ: TokenType, claims: &[u8]) -> Result<String, SignError>;
}

/// A parsed key pair.
pub(super) enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Pair {
    pub(super) fn parse(alg: Alg, private: &Pkcs8) -> Result<Self, BadKey> {
        let der = private.expose();
        match alg {
            Alg::RS256 => RsaKeyPair::from_pkcs8(der).map(Self::Rsa),
            Alg::ES256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Self::Ec),
            Alg::EdDSA => Ed25519KeyPair::from_pkcs8(der).map(Self::Ed),
        }
        .map_err(|_| BadKey)
    }

    /// Makes a new private key. RSA takes a tenth of a second or several: not for an async thread.
    pub(super) fn generate(alg: Alg) -> Result<Pkcs8, BadKey> {
        let made = match alg {
            Alg::RS256 => RsaKeyPair::generate(KeySize::Rsa2048).and_then(|pair| {
                let der = pair.as_der()?;
                Ok(Pkcs8::new(der.as_ref()))
            }),
            Alg::ES256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|pair| pair.to_pkcs8v1())
                .map(|der| Pkcs8::new(der.as_ref())),
            Alg::EdDSA => {
                Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8()).map(|der| Pkcs8::new(der.as_ref()))
            }
        };
        made.map_err(|_| BadKey)
    }

    pub(super) const fn alg(&self) -> Alg {
        match self {
            Self::Rsa(_) => Alg::RS256,
            Self::Ec(_) => Alg::ES256,
            Self::Ed(_) => Alg::EdDSA,
        }
    }

    /// Appends the signature over `token` to it, after a dot.
    fn finish(&self, mut token: String) -> Result<String, SignError> {
        let message = token.as_bytes();
        let put = |mut token: String, signature: &[u8]| {
            token.push('.');
            bytes::push_base64url(signature, &mut token);
            token
        };
        let random = SystemRandom::new();
        let short: Signature = match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(|_| SignError)?;
                return Ok(put(token, &signature));
            }
            Self::Ec(pair) => pair.sign(&random, message).map_err(|_| SignError)?,
            Self::Ed(pair) => pair.try_sign(message).map_err(|_| SignError)?,
        };
        token = put(token, short.as_ref());
        Ok(token)
    }
}

/// A key that signs.
pub(super) struct KeySigner {
    kid: String,
    pair: Pair,
    /// The encoded header of each token type, with the dot after it.
    headers: [String; TokenType::ALL.len()],
}

impl KeySigner {
    pub(super) fn new(kid: String, pair: Pair) -> Self {
        let headers = TokenType::ALL.map(|typ| header(pair.alg(), typ, &kid));
        Self { kid, pair, headers }
    }

    fn header(&self, typ: TokenType) -> &str {
        let [jwt, access, logout, event, receipt, introspection, gate] = &self.headers;
        match typ {
            TokenType::Jwt => jwt,
            TokenType::Access => access,
            TokenType::Logout => logout,
            TokenType::SecurityEvent => event,
            TokenType::Receipt => receipt,
            TokenType::Introspection => introspection,
            TokenType::Gate => gate,
        }
    }
}

/// A thumbprint is base64url, so nothing in the header needs escaping.
fn header(alg: Alg, typ: TokenType, kid: &str) -> String {
    let json = format!(r#"{{"typ":"{}","alg":"{}","kid":"{kid}"}}"#, typ.as_str(), alg.as_str());
    bytes::to_base64url(json.as_bytes()) + "."
}

impl Signer for KeySigner {
    fn alg(&self) -> Alg {
        self.pair.alg()
    }

    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign(&self, typ: TokenType, claims: &[u8]) -> Result<String, SignError> {
        /// The longest signature, RSA's 256 bytes, as base64url, with its dot.
        const SIGNATURE: usize = 343;
        let header = self.header(typ);
        let mut token = String::with_capacity(header.len() + claims.len().div_ceil(3) * 4 + SIGNATURE);
        token.push_str(header);
        bytes::push_base64url(claims, &mut token);
        self.pair.finish(token)
    }
}
