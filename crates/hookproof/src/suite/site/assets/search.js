// The search: `/` opens it, arrows choose, Enter goes there. The index is loaded when it is first asked for.
(() => {
  const RESULTS_MAX = 30;
  const root = document.documentElement.dataset.root;
  const dialog = document.querySelector("dialog.search");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  const hint = dialog.querySelector(".hint");
  let found = [];
  let chosen = 0;
  let loading = null;

  const load = () => {
    loading = loading || new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = `${root}assets/search-index.js`;
      script.onload = () => done(globalThis.HOOKPROOF_INDEX.map((entry) => ({ ...entry, ...hookproofRanking.prepared(entry) })));
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  };

  const draw = () => {
    list.replaceChildren(...found.map((entry, index) => {
      const item = document.createElement("li");
      item.id = `result-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === chosen));
      const title = document.createElement("strong");
      title.textContent = entry.t;
      const kind = document.createElement("small");
      kind.textContent = entry.k;
      const text = document.createElement("p");
      text.textContent = entry.x;
      item.append(title, kind, text);
      item.addEventListener("click", () => go(entry));
      return item;
    }));
    const active = list.children[chosen];
    if (active) {
      input.setAttribute("aria-activedescendant", active.id);
      active.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  const search = async () => {
    let index;
    try {
      index = await load();
    } catch {
      hint.textContent = "The index cannot be loaded.";
      return;
    }
    const text = input.value.trim();
    const all = hookproofRanking.ranked(index, text);
    found = all.slice(0, RESULTS_MAX);
    chosen = 0;
    hint.textContent = text === "" ? "↑ ↓ to choose, Enter to go there, Esc to close"
      : all.length === 0 ? "Nothing found. Try another word."
      : `${all.length} found`;
    draw();
  };

  const go = (entry) => {
    dialog.close();
    location.href = root + entry.u;
  };

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    search();
  };

  document.querySelector(".search-open").addEventListener("click", open);
  input.addEventListener("input", search);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      chosen = (chosen + step + found.length) % found.length;
      event.preventDefault();
      draw();
    } else if (event.key === "Escape") {
      // By itself, a browser would clear the field first.
      event.preventDefault();
      dialog.close();
    } else if (event.key === "Enter" && found[chosen]) {
      event.preventDefault();
      go(found[chosen]);
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    const k = event.key === "k" && (event.ctrlKey || event.metaKey);
    if (slash || k) {
      event.preventDefault();
      open();
    }
  });
  const asked = /[#&?]search=([^&]+)/.exec(location.href);
  if (asked) {
    input.value = decodeURIComponent(asked[1]);
    open();
  }
})();
