// Runs before the first paint: the chosen theme, or the one of the system, also when that changes.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const chosen = document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1];
    document.documentElement.dataset.bsTheme = chosen ?? (dark.matches ? "dark" : "light");
  };
  dark.addEventListener("change", show);
  show();
})();
