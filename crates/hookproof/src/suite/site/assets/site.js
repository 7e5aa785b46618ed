// What the pages do beyond being read: theme, menu, copying, filters, and where the reader is.
(() => {
  const root = document.documentElement;

  const theme = document.querySelector(".theme");
  theme.addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("hookproof-theme", root.dataset.theme);
    } catch {
      // A page opened from a folder may have no storage.
    }
  });

  const menu = document.querySelector(".menu");
  const nav = document.getElementById("nav");
  const show = (open) => {
    nav.classList.toggle("open", open);
    menu.setAttribute("aria-expanded", String(open));
  };
  menu.addEventListener("click", () => show(!nav.classList.contains("open")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && nav.classList.contains("open")) {
      show(false);
      menu.focus();
    }
  });
  const current = nav.querySelector("[aria-current]");
  if (current && current.offsetTop > nav.clientHeight - 80) nav.scrollTop = current.offsetTop - nav.clientHeight / 2;

  // Without a secure origin there is no clipboard: then the text is selected, ready for Ctrl-C.
  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const source = button.parentElement.querySelector("pre");
      let said = "Copied";
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        select(source);
        said = document.execCommand("copy") ? "Copied" : "Selected";
      }
      button.textContent = said;
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
  }

  // Words of one kind widen each other (must or should); words of two kinds narrow (must and sender).
  const kinds = [["must", "should", "may"], ["listener", "sender", "both"], ["disputed"], ["checked", "unchecked"]];
  for (const group of document.querySelectorAll(".filters")) {
    const rows = [...group.nextElementSibling.querySelectorAll("tbody tr")];
    const pressed = new Set();
    const apply = () => {
      let shown = 0;
      for (const row of rows) {
        const words = row.dataset.words.split(" ");
        const fits = kinds.every((kind) => {
          const wanted = kind.filter((word) => pressed.has(word));
          return wanted.length === 0 || wanted.some((word) => words.includes(word));
        });
        row.classList.toggle("hidden", !fits);
        shown += fits ? 1 : 0;
      }
      group.querySelector("output").textContent = `${shown} of ${rows.length} clauses`;
    };
    for (const button of group.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        const word = button.dataset.filter;
        if (!pressed.delete(word)) pressed.add(word);
        button.setAttribute("aria-pressed", String(pressed.has(word)));
        apply();
      });
    }
  }

  // What a link leads to is opened, if it is inside of something closed.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let outer = target; outer; outer = outer.parentElement) {
      if (outer.tagName === "DETAILS") outer.open = true;
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  const links = new Map();
  for (const link of document.querySelectorAll(".contents a")) links.set(link.hash.slice(1), link);
  if (links.size > 0 && "IntersectionObserver" in window) {
    const seen = new Set();
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) seen.add(entry.target.id);
        else seen.delete(entry.target.id);
      }
      const first = [...links.keys()].find((id) => seen.has(id));
      for (const [id, link] of links) link.classList.toggle("here", id === first);
    }, { rootMargin: "-70px 0px -55% 0px" });
    for (const id of links.keys()) observer.observe(document.getElementById(id));
  }
})();
