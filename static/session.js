// OpenID Connect Session Management 1.0, section 3.2: an app's frame asks whether the session is still the one that it
// knows. The cookie that this reads is no secret; the answer goes to the origin that asked and to no other.
"use strict";
(() => {
  const name = document.currentScript.dataset.cookie + "=";
  const state = () => (document.cookie.split("; ").find((pair) => pair.startsWith(name)) ?? name).slice(name.length);
  const hash = async (text) => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
    return btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const judge = async (data, origin) => {
    const [client, session, more] = typeof data === "string" ? data.split(" ") : [];
    const salt = session?.split(".")[1];
    if (!client || !salt || more !== undefined) return "error";
    return session === `${await hash(`${client} ${origin} ${state()} ${salt}`)}.${salt}` ? "unchanged" : "changed";
  };
  if (window.parent === window) return;
  // Whoever asks has the origin of what this frame stands in: mostly another frame there, the app's own (section 3.1).
  const around = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  addEventListener("message", async ({ data, origin, source }) => {
    const asks = around ? origin === around : source === window.parent;
    if (!asks || source === window || origin === "null") return;
    source.postMessage(await judge(data, origin), origin);
  });
})();
