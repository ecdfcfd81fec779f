"use strict";
// The page's filters and keys.
//
// The first findings of the list are elements when the page opens. The others stand as they are in
// a noscript element, as text, and become elements when they come into view: a browser takes
// seconds to make those of thousands of findings, and milliseconds to search their text.
(() => {
  const list = document.getElementById("list");
  if (!list) return;
  const at = (id) => document.getElementById(id);
  const fields = ["query", "severity", "rule", "owner", "kind", "show", "sort"].map(at);
  const [query, severity, rule, owner, kind, show, sort] = fields;
  const count = at("count"), more = at("more"), help = at("help"), letters = at("letters"), unfold = at("unfold");

  // An item has its source, and its element once there is one.
  const rest = at("rest")?.textContent ?? "";
  const sources = rest.slice(rest.indexOf("<li")).split("</li>\n").slice(0, -1);
  const items = [...Array.from(list.children, (li) => ({ li, source: li.outerHTML })), ...sources.map((source) => ({ source: source + "</li>" }))];
  const itemOf = new WeakMap(items.filter((item) => item.li).map((item) => [item.li, item]));
  const holder = document.createElement("template");
  let unfolded; // once the reader wants all of them open, or closed

  const element = (item) => {
    if (!item.li) {
      holder.innerHTML = item.source;
      item.li = holder.content.firstElementChild;
      itemOf.set(item.li, item);
    }
    if (unfolded !== undefined) item.li.firstElementChild.open = unfolded;
    return item.li;
  };

  // What an item is searched, filtered and sorted by, read from its source when it is first asked for.
  const entities = { "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&quot;": '"', "&amp;": "&" };
  const decoded = (text) => text.replace(/&(?:lt|gt|quot|amp|#34|#39);/g, (entity) => entities[entity]);
  const nobody = "(nobody)";
  const facts = (item) => {
    if (item.rule !== undefined) return item;
    const all = (pattern) => Array.from(item.source.matchAll(pattern), (match) => decoded(match[1]));
    const first = (pattern) => all(pattern)[0] ?? "";
    item.rule = first(/<code>([^<]*)/g);
    item.unit = first(/ class="unit">([^<]*)/g);
    item.owners = all(/ class="owner">([^<]*)/g);
    if (item.owners.length === 0 && item.kind !== "shared" && item.kind !== "policy") item.owners = [nobody];
    item.owner = item.owners.join(" ");
    const place = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(first(/ class="place">([^<]*)/g));
    [item.place, item.line, item.column] = [place[1], Number(place[2] ?? 0), Number(place[3] ?? 0)];
    return item;
  };
  const textOf = (item) => item.text ??= decoded(item.source.replace(/<[^>]*>/g, " ")).toLowerCase();
  for (const item of items) [item.severity, item.kind, item.hidden] = / class="([^"]*)"/.exec(item.source)[1].split(" ");

  // Filters.
  let order = items, shown = items, drawn = 0;
  const listed = (item) => show.value === "all" || Boolean(item.hidden) === (show.value === "hidden");
  const wanted = (item, words) => {
    if (!listed(item)) return false;
    if ((severity.value && item.severity !== severity.value) || (kind.value && item.kind !== kind.value)) return false;
    if (rule.value && facts(item).rule !== rule.value) return false;
    if (owner.value && !facts(item).owners.includes(owner.value)) return false;
    return words.every((word) => textOf(item).includes(word));
  };

  const grouped = (n) => n.toLocaleString("en");
  const findings = (n) => grouped(n) + (n === 1 ? " finding" : " findings");

  const notShown = items.filter((item) => item.hidden).length;
  const besides = notShown ? ", and " + grouped(notShown) + " hidden" : "";

  const filter = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = order.filter((item) => wanted(item, words));
    const all = items.filter(listed).length;
    count.textContent = (shown.length === all ? "" : grouped(shown.length) + " of ") + findings(all) + (show.value ? "" : besides);
    list.replaceChildren();
    drawn = 0;
    draw(1);
  };

  // draw makes the list at least so long, by pages.
  const page = 100;
  const draw = (atLeast) => {
    const to = Math.min(shown.length, Math.ceil(atLeast / page) * page);
    if (drawn < to) list.append(...shown.slice(drawn, to).map(element));
    drawn = Math.max(drawn, to);
    more.hidden = drawn === shown.length;
    more.textContent = "Show more: " + grouped(shown.length - drawn) + " are left";
  };

  // arrange sorts; the order of the page is by severity.
  const collator = new Intl.Collator("en", { numeric: true });
  const arrange = () => {
    const by = sort.value;
    order = by ? [...items.map(facts)].sort((a, b) => collator.compare(a[by], b[by]) || (by === "place" ? a.line - b.line || a.column - b.column : 0)) : items;
  };

  // The address has the filters behind "#?", or the fingerprint of a finding behind "#".
  const write = () => {
    const params = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.id, field.value]));
    try { history.replaceState(null, "", "#" + (params.size ? "?" + params : "")); } catch { /* a frame without an address of its own */ }
  };
  const read = (params) => {
    for (const field of fields) {
      field.value = params.get(field.id) ?? "";
      if (field.selectedIndex === -1) field.value = "";
    }
    arrange();
    filter();
  };
  const clear = () => { read(new URLSearchParams()); write(); };
  const changed = () => { filter(); write(); };

  const follow = () => {
    const hash = location.hash.slice(1);
    if (hash.startsWith("?")) {
      read(new URLSearchParams(hash.slice(1)));
      at("findings").scrollIntoView();
      return;
    }
    const item = hash && items.find(({ source }) => source.startsWith('<li id="' + hash + '"'));
    if (!item) return;
    if (!shown.includes(item)) read(new URLSearchParams(item.hidden ? { show: "all" } : {}));
    draw(shown.indexOf(item) + 1);
    item.li.firstElementChild.open = true;
    item.li.scrollIntoView();
    focus(item);
  };

  // Moving through the list.
  const focus = (item) => { item.li.querySelector("summary").focus({ preventScroll: true }); item.li.scrollIntoView({ block: "nearest" }); };
  const current = () => { const li = document.activeElement?.closest("#list > li"); return li ? shown.indexOf(itemOf.get(li)) : -1; };
  const go = (to) => {
    if (shown.length === 0) return;
    const index = Math.min(shown.length - 1, Math.max(0, to));
    draw(index + 1);
    focus(shown[index]);
  };
  const escape = () => {
    if (query.value) { query.value = ""; changed(); return; }
    clear();
    document.activeElement?.blur();
  };
  const open = () => help.showModal();
  const keys = { "/": () => query.focus(), "?": open, j: () => go(current() + 1), k: () => go(current() - 1) };

  const action = ({ key, target }) => {
    if (key === "Escape") return escape;
    if (key === "Enter" && target === query) return () => go(0);
    if (target.closest("input, select")) return undefined;
    if (current() >= 0 && key === "ArrowDown") return keys.j;
    if (current() >= 0 && key === "ArrowUp") return keys.k;
    return letters.checked && Object.hasOwn(keys, key) ? keys[key] : undefined;
  };
  const pressed = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || help.open) return;
    const act = action(event);
    if (act) { event.preventDefault(); act(); }
  };

  // A finding that is opened gets a button that copies its fingerprint.
  const copy = async (button, link) => {
    try {
      await navigator.clipboard.writeText(link.textContent);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(link);
    }
  };
  const toggled = ({ target }) => {
    const link = target.matches("#list > li > details[open]") && target.querySelector("dd > a");
    if (!link || link.nextElementSibling) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.setAttribute("aria-label", "Copy the fingerprint");
    button.addEventListener("click", () => copy(button, link));
    link.after(button);
  };

  unfold.addEventListener("click", () => {
    unfolded = unfold.getAttribute("aria-pressed") === "false";
    unfold.setAttribute("aria-pressed", String(unfolded));
    for (const item of shown.slice(0, drawn)) element(item);
  });
  let pending;
  query.addEventListener("input", () => { clearTimeout(pending); pending = setTimeout(changed, 120); });
  sort.addEventListener("change", arrange);
  for (const field of fields) field.addEventListener("change", changed);
  at("reset").addEventListener("click", clear);
  at("keys").addEventListener("click", open);
  more.addEventListener("click", () => { const next = drawn; go(next); });
  new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) draw(drawn + 1); }, { rootMargin: "1500px" }).observe(more);
  document.addEventListener("keydown", pressed);
  document.addEventListener("toggle", toggled, true);
  addEventListener("beforeprint", () => draw(shown.length));
  addEventListener("hashchange", follow);

  at("filters").hidden = false;
  filter();
  follow();
  addEventListener("load", () => setTimeout(follow)); // behind the browser's own going to the fragment, which takes the focus away
  document.documentElement.dataset.ready = "";
})();
