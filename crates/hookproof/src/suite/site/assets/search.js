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

  const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

  const load = () => {
    loading = loading || new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = `${root}assets/search-index.js`;
      script.onload = () => done(window.HOOKPROOF_INDEX.map((entry) => ({
        ...entry,
        title: entry.t.toLowerCase(),
        plain: plain(entry.t),
        all: `${entry.t} ${entry.k} ${entry.x}`.toLowerCase(),
      })));
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  };

  // Every word must be there; the closer to the title's beginning, the better.
  const score = (entry, words) => {
    const whole = plain(words.join(" "));
    let sum = entry.plain === whole ? 200 : entry.plain.startsWith(whole) ? 30 : 0;
    for (const word of words) {
      if (entry.title === word) sum += 100;
      else if (entry.title.startsWith(word)) sum += 40;
      else if (entry.title.includes(word)) sum += 20;
      else if (entry.all.includes(word)) sum += 4;
      else return 0;
    }
    const member = entry.k.startsWith("member of") ? 8 : 0;
    return sum - member - entry.t.length / 100 + (entry.u.includes("#") ? 0 : 6);
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
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let index;
    try {
      index = await load();
    } catch {
      hint.textContent = "The index cannot be loaded.";
      return;
    }
    const scored = words.length === 0 ? [] : index.map((entry) => [score(entry, words), entry]).filter(([s]) => s > 0);
    scored.sort((a, b) => b[0] - a[0]);
    found = scored.slice(0, RESULTS_MAX).map(([, entry]) => entry);
    chosen = 0;
    hint.textContent = words.length === 0 ? "↑ ↓ to choose, Enter to go there, Esc to close"
      : scored.length === 0 ? "Nothing is known under that."
      : `${scored.length} found`;
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
