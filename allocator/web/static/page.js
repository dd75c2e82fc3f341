// Live updates: the same address that a submitted form leads to is fetched, and the parts of the
// page that are marked data-live are put in place of the old ones. Without this script the forms
// and links do the same by themselves.
"use strict";
(() => {
  const said = document.getElementById("said");
  const answer = document.querySelector(".answer");
  let asked = 0; // only the last question's answer is shown
  let running = null;

  const say = (text) => { said.textContent = text; };

  // -- one page into another --------------------------------------------------------------------

  const swap = (next) => {
    const focused = document.activeElement;
    const at = focused ? focused.id : "";
    const scrolled = [...document.querySelectorAll(".scroll")].map((box) => [box.scrollLeft, box.scrollTop]);
    const caret = focused && focused.type !== "range" && "selectionStart" in focused ? focused.selectionStart : null;
    const typed = focused && focused.matches("input") ? focused.value : null;
    const shapes = next.getElementById("shapes");
    const result = next.getElementById("result");
    // The borders are large and the same: they are changed only with the year.
    if (shapes && result && result.dataset.shapes &&
        result.dataset.shapes !== document.getElementById("result").dataset.shapes) {
      document.getElementById("shapes").replaceWith(document.adoptNode(shapes));
    }
    const opened = [...document.querySelectorAll("details[open][id]")].map((one) => one.id);
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = next.getElementById(part.id);
      if (fresh) part.replaceWith(document.adoptNode(fresh));
    }
    fields(next, at);
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    const boxes = document.querySelectorAll(".scroll");
    if (boxes.length === scrolled.length) {
      boxes.forEach((box, place) => { [box.scrollLeft, box.scrollTop] = scrolled[place]; });
    }
    document.title = next.title;
    const again = at && document.getElementById(at);
    if (again && again !== document.activeElement) {
      again.focus({ preventScroll: true });
      if (typed !== null && again.matches("input")) again.value = typed;
      if (caret !== null) { try { again.setSelectionRange(caret, caret); } catch { /* no caret */ } }
    } else if (at && !again) {
      document.getElementById("answer-h")?.setAttribute("tabindex", "-1");
      document.getElementById("answer-h")?.focus({ preventScroll: true });
    }
    say(document.getElementById("result").dataset.said);
  };

  // Fields keep their place, so that a hand on a slider keeps it; what they hold is brought along.
  const fields = (next, at) => {
    const groups = (page) => [...page.querySelectorAll("#fields .field > label")].map((l) => l.htmlFor).join();
    if (groups(document) !== groups(next)) {
      const fresh = document.adoptNode(next.getElementById("fields"));
      document.getElementById("fields").replaceWith(fresh);
      sliders();
    } else {
      for (const old of document.querySelectorAll("#fields details")) {
        const fresh = next.getElementById(old.id);
        old.querySelector("summary").replaceWith(document.adoptNode(fresh.querySelector("summary")));
      }
      for (const old of document.querySelectorAll("#fields input[name], #fields select")) {
        const fresh = next.getElementById(old.id);
        if (old.id !== at) old.value = fresh.value;
        for (const name of ["aria-describedby", "aria-invalid"]) {
          const value = fresh.getAttribute(name);
          if (value === null) old.removeAttribute(name); else old.setAttribute(name, value);
        }
        const around = old.closest(".field"), about = fresh.closest(".field");
        around.className = about.className;
        for (const told of around.querySelectorAll(":scope > .hint, :scope > .error")) told.remove();
        for (const told of about.querySelectorAll(":scope > .hint, :scope > .error")) {
          around.querySelector("label, .hint:last-of-type").after(document.adoptNode(told));
        }
        if (old.slider && old !== document.activeElement?.field) old.slider.follow();
      }
    }
    for (const name of ["scenario", "model"]) {
      const fresh = next.getElementById(name);
      if (fresh && name !== at) document.getElementById(name).value = fresh.value;
    }
    for (const name of ["add", "add_lock", "add_lock_minors", "add_capacity", "add_capacity_minors", "add_note"]) {
      const fresh = next.getElementById(name);
      if (fresh) document.getElementById(name).value = fresh.value;
    }
    const exempt = next.getElementById("add_exempt");
    if (exempt) document.getElementById("add_exempt").checked = exempt.checked;
    const summary = next.querySelector("#group-local > summary");
    if (summary) document.querySelector("#group-local > summary").replaceWith(document.adoptNode(summary));
  };

  const load = async (address, keep) => {
    const turn = ++asked;
    if (running) running.abort();
    running = new AbortController();
    answer.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => say(said.dataset.busy), 600);
    try {
      const response = await fetch(address, { signal: running.signal, headers: { Accept: "text/html" } });
      const text = await response.text();
      if (turn !== asked) return;
      const next = new DOMParser().parseFromString(text, "text/html");
      if (!next.getElementById("result")) { location.assign(address); return; }
      if (keep) history.pushState(null, "", response.url); else history.replaceState(null, "", response.url);
      swap(next);
    } catch (error) {
      if (error.name !== "AbortError" && turn === asked) say(said.dataset.lost);
    } finally {
      clearTimeout(slow);
      if (turn === asked) answer.removeAttribute("aria-busy");
    }
  };

  const addressOf = (form, button) => {
    const data = new FormData(form);
    if (button && button.name) data.append(button.name, button.value);
    const target = new URL(form.action, location.href);
    target.search = new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
    return target.href;
  };

  // -- forms and links --------------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-live-form]")) return;
    event.preventDefault();
    clearTimeout(later);
    load(addressOf(form, event.submitter), true);
  });

  let later = 0;
  const soon = (form, wait) => {
    clearTimeout(later);
    later = setTimeout(() => load(addressOf(form), false), wait);
  };
  document.addEventListener("input", (event) => {
    const field = event.target;
    const form = field.form;
    if (!form || !form.matches("[data-live-form]") || !field.name) return;
    // What is said of one more municipality is sent when all of it is said.
    if (field.name.startsWith("add")) return;
    soon(form, field.matches("select, [type=checkbox]") ? 0 : 300);
  });

  document.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("#result a[href^='?']");
    if (!link) return;
    event.preventDefault();
    load(link.href, true);
  });
  addEventListener("popstate", () => load(location.href, false));

  // -- sliders ----------------------------------------------------------------------------------

  const number = (text) => Number(text.replace(/[\s\u00a0]/g, "").replace(",", ".").replace("\u2212", "-"));
  const comma = document.documentElement.lang !== "en";
  const written = (value) => {
    const [whole, part] = String(value).split(".");
    const apart = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u00a0");
    return part ? apart + (comma ? "," : ".") + part : apart;
  };

  const sliders = () => {
    for (const field of document.querySelectorAll("input[data-slider]")) {
      if (field.slider) continue;
      const [least, most, step] = field.dataset.slider.split(" ");
      const slider = document.createElement("input");
      Object.assign(slider, { type: "range", min: least, max: most, step, id: `${field.id}-slider` });
      slider.setAttribute("aria-label", field.labels[0].textContent);
      slider.field = field;
      slider.follow = () => {
        const value = number(field.value);
        // No limit is at the far end.
        slider.value = field.value.trim() === "" || Number.isNaN(value) ? most : value;
        slider.setAttribute("aria-valuetext", field.value || slider.value);
      };
      slider.addEventListener("input", () => {
        field.value = written(Number(slider.value));
        slider.setAttribute("aria-valuetext", field.value);
        soon(field.form, 150);
      });
      field.addEventListener("input", slider.follow);
      field.slider = slider;
      field.closest(".pair").append(slider);
      slider.follow();
    }
  };
  sliders();

  // -- uploads ----------------------------------------------------------------------------------

  document.getElementById("file")?.addEventListener("change", (event) => {
    const field = event.target;
    const error = document.getElementById("file-error");
    const large = field.files[0] && field.files[0].size > Number(field.dataset.limit);
    error.hidden = !large;
    error.textContent = large ? field.dataset.tooLarge : "";
    field.setCustomValidity(error.textContent);
  });
})();
