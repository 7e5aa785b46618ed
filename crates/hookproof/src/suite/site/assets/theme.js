// Before anything is drawn: says that scripts run, and takes the theme that was chosen earlier.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const asked = /[#&?]theme=(light|dark)/.exec(location.href);
  let chosen = asked && asked[1];
  try {
    chosen = chosen || localStorage.getItem("hookproof-theme");
  } catch {
    // A page opened from a folder may have no storage.
  }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
