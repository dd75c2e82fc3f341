/* Sorting, searching, zooming. Without it the page holds the same facts as plain tables. */
"use strict";
(() => {
  const lang = document.documentElement.lang;
  const $ = (what, of = document) => of.querySelector(what);
  const $$ = (what, of = document) => [...of.querySelectorAll(what)];
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/ø/g, "o").replace(/æ/g, "ae").replace(/đ/g, "d").replace(/ŋ/g, "n");
  const number = (text) => {
    const found = text.replace(/[\u00a0\u202f\s]/g, "").replace("−", "-").replace(",", ".")
      .match(/^~?[+-]?\d+(\.\d+)?/);
    return found ? parseFloat(found[0].replace("~", "")) : null;
  };
  const order = new Intl.Collator(lang === "en" ? "nb" : lang, { numeric: true });

  /* Tables: a button in each heading; what has no number comes last, whichever way. */
  for (const table of $$("table.sortable")) {
    const heads = $$("thead th, thead td", table);
    heads.forEach((head, at) => {
      if (!head.hasAttribute("data-sort")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      /* Chromium leaves buttons out of the headings that it repeats on the next sheet. */
      addEventListener("beforeprint", () => button.before(...button.childNodes));
      addEventListener("afterprint", () => {
        button.append(...[...head.childNodes].filter((node) => node !== button));
      });
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") === "ascending"
          || (!head.hasAttribute("aria-sort") && head.classList.contains("n")) ? -1 : 1;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up > 0 ? "ascending" : "descending");
        const body = table.tBodies[0];
        const value = (row) => {
          const text = row.cells[at].textContent.trim();
          return head.classList.contains("n") ? number(text) : text;
        };
        const rows = [...body.rows].map((row) => [value(row), row]);
        rows.sort(([a], [b]) => a === null || b === null
          ? (a === null) - (b === null)
          : up * (typeof a === "number" ? a - b : order.compare(a, b)));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  for (const box of $$(".search")) {
    const input = $("input", box), told = $("output", box);
    const rows = [...document.getElementById(input.dataset.for).tBodies[0].rows];
    const words = rows.map((row) => plain([...row.cells].slice(0, 3).map((c) => c.textContent).join(" ")));
    box.hidden = false;
    input.addEventListener("input", () => {
      const wanted = plain(input.value.trim()).split(/\s+/);
      let shown = 0;
      rows.forEach((row, at) => {
        row.hidden = !wanted.every((word) => words[at].includes(word));
        shown += !row.hidden;
      });
      told.textContent = input.value.trim() ? told.dataset.of.replace("{n}", shown).replace("{of}", rows.length) : "";
    });
  }

  /* Maps: one at a time, zoomed to a county, and a municipality found by name. */
  const form = $(".controls");
  if (form) {
    const figures = $$(".maps > figure"), spoken = $(".spoken");
    const pick = $("#pick"), zoom = $("#zoom"), find = $("#find");
    const whole = new Map($$(".maps .map").map((map) => [map, map.getAttribute("viewBox")]));
    form.hidden = spoken.hidden = false;
    for (const row of $("#all").tBodies[0].rows) {
      const name = document.createElement("option");
      name.value = `${row.cells[0].textContent} (${row.cells[1].textContent})`;
      $("#names").append(name);
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    const say = (words) => { spoken.textContent = words || spoken.dataset.none; };
    const current = () => figures.find((figure) => !figure.hidden);
    const show = () => {
      for (const figure of figures) figure.hidden = figure.id !== `f-${pick.value}`;
      $(".maps").classList.toggle("one", true);
      const county = zoom.value && $(`#c${zoom.value}`);
      for (const [map, all] of whole) {
        map.setAttribute("viewBox", county ? county.getAttribute("viewBox") : all);
        map.classList.toggle("zoomed", Boolean(county));
      }
      look(false);
    };
    const look = (spoke) => {
      for (const shape of $$(".map .found")) shape.remove();
      const wanted = find.value.trim();
      if (!wanted) return spoke && say("");
      const code = (wanted.match(/\d{4}/) || [])[0];
      const shapes = $$("use", current()).filter((shape) => $("title", shape));
      const match = shapes.find((shape) => code
        ? shape.getAttribute("href").endsWith(`-${code}`)
        : plain($("title", shape).textContent).startsWith(plain(wanted)));
      if (match) {
        const ring = match.cloneNode();
        ring.setAttribute("class", "found");
        match.closest(".map").append(ring);
      }
      if (spoke) say(match ? $("title", match).textContent : spoken.dataset.unknown);
    };
    pick.addEventListener("change", show);
    zoom.addEventListener("change", show);
    find.addEventListener("input", () => look(true));
    for (const figure of figures) {
      figure.addEventListener("pointerover", (event) => {
        const title = event.target.closest("use, circle, path") && $("title", event.target);
        if (title) say(title.textContent);
      });
    }
    say("");
    show();
    addEventListener("beforeprint", () => figures.forEach((figure) => { figure.hidden = false; }));
    addEventListener("afterprint", show);
  }

  addEventListener("beforeprint", () => $$("details.past").forEach((past) => { past.open = true; }));

  /* A link to a municipality opens what is said of it. */
  const open = () => {
    const wanted = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (wanted && wanted.tagName === "DETAILS") {
      wanted.open = true;
      wanted.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#k"]');
    if (link && link.hash === location.hash) open();
  });
  open();
})();
