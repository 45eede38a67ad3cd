// A window that the browser opened for FedCM is done: it hands over the answer, or closes. Anywhere else it leads home.
const { token } = document.currentScript.dataset;
const home = () => location.replace("/");
if (!("IdentityProvider" in window)) home();
else if (token) IdentityProvider.resolve(token).catch(home);
else IdentityProvider.close();
