// Runs before the first paint, so that nobody who likes the dark is shown a flash of light, and nothing comes or goes that wants a passkey.
(() => {
  const kept = localStorage.getItem("theme");
  document.documentElement.dataset.theme = kept === "light" || kept === "dark" ? kept
    : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  if (window.PublicKeyCredential) document.documentElement.dataset.passkeys = "known";
})();
