// Runs before the first paint, so that nobody who likes the dark is shown a flash of light.
(() => {
  const kept = localStorage.getItem("theme");
  document.documentElement.dataset.theme = kept === "light" || kept === "dark" ? kept
    : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})();
