// What the page does beyond being read: theme, filters, copying, opening what a link leads to.
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

  const theme = () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("hookproof-theme", root.dataset.theme);
    } catch {
      // As above.
    }
  };

  // Without a secure origin there is no clipboard: then the text is selected, ready for Ctrl-C.
  const copy = async (button) => {
    const source = button.parentElement.querySelector("pre");
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source);
      said = document.execCommand("copy") ? "Copied" : "Selected";
    }
    button.textContent = said;
    setTimeout(() => (button.textContent = "Copy"), 1500);
  };

  const start = () => {
    document.querySelector(".theme").addEventListener("click", theme);
    for (const button of document.querySelectorAll(".copy")) button.addEventListener("click", () => copy(button));

    const checks = [...document.querySelectorAll(".check")].map((node) => ({ node, text: node.textContent.toLowerCase() }));
    const groups = [...document.querySelectorAll(".group")];
    const toolbar = document.querySelector(".toolbar");
    const search = toolbar.querySelector("input");
    const selects = [...toolbar.querySelectorAll("select")];
    const all = toolbar.querySelector(".all");
    const output = toolbar.querySelector("output");
    const pressed = new Set();

    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const { node, text } of checks) {
        const fits = (pressed.size === 0 || pressed.has(node.dataset.status))
          && selects.every((select) => !select.value || node.dataset[select.dataset.by] === select.value)
          && words.every((word) => text.includes(word));
        node.hidden = !fits;
        if (fits) shown += 1;
      }
      for (const group of groups) group.hidden = !group.querySelector(".check:not([hidden])");
      document.querySelector(".nothing").hidden = shown > 0;
      output.textContent = `${shown} of ${checks.length} checks`;
    };
    search.addEventListener("input", apply);
    for (const select of selects) select.addEventListener("change", apply);
    for (const button of toolbar.querySelectorAll("[data-status]")) {
      button.addEventListener("click", () => {
        const status = button.dataset.status;
        if (!pressed.delete(status)) pressed.add(status);
        button.setAttribute("aria-pressed", String(pressed.has(status)));
        apply();
      });
    }
    all.addEventListener("click", () => {
      const open = all.getAttribute("aria-pressed") !== "true";
      all.setAttribute("aria-pressed", String(open));
      all.textContent = open ? "Close all" : "Open all";
      for (const { node } of checks) if (!node.hidden) node.open = open;
    });
    addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        search.focus();
      }
      if (event.key === "Escape" && event.target === search) {
        search.value = "";
        apply();
      }
    });

    // What a link leads to is shown and opened.
    const reveal = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target || !target.classList.contains("check")) return;
      target.hidden = false;
      target.closest(".group").hidden = false;
      target.open = true;
      target.scrollIntoView();
    };
    addEventListener("hashchange", reveal);

    // Paper cannot be opened: what failed is printed in full, and closed again.
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll(".check:is(.fail, .warn, .error):not([open]), .check:is(.fail, .warn, .error) details:not([open])")];
      for (const node of opened) node.open = true;
    });
    addEventListener("afterprint", () => {
      for (const node of opened) node.open = false;
    });

    apply();
    reveal();
  };
  addEventListener("DOMContentLoaded", start);
})();
