/**
 * The sheet of shortcuts. It is opened and closed in the browser alone: the page is not run again, so a clock goes on and
 * a half-given answer stays as it is. While it is open no key reaches the page behind it.
 *
 * @typedef {{title: string, where: string, keys: [string, string][]}} Group `where`: a CSS selector; the group is listed
 *   while something on the page matches it. An empty one always holds.
 * @typedef {{button: string, title: string, close: string, groups: Group[]}} Words
 */

/** @param {{data: Words, parentElement: ShadowRoot}} component Called at each rerun of the page. */
export default function ({ data, parentElement }) {
  const sheet = (parentElement.shortcuts ??= buildSheet(parentElement));
  sheet.words = data;
  sheet.label.textContent = data.button;
  return () => {
    sheet.stop();
    sheet.root.remove();
    delete parentElement.shortcuts;
  };
}

function make(parent, tag, properties = {}) {
  return parent.appendChild(Object.assign(document.createElement(tag), properties));
}

function buildSheet(parent) {
  const root = make(parent, "div", { className: "shortcuts" });
  const opener = make(root, "button", { type: "button" });
  opener.setAttribute("aria-haspopup", "dialog");
  const sheet = { root, opener, label: make(opener, "span"), dialog: make(root, "dialog") };
  make(opener, "kbd", { textContent: "?" });
  opener.addEventListener("click", () => open(sheet));
  sheet.dialog.addEventListener("click", ({ target }) => target === sheet.dialog && sheet.dialog.close());
  const stop = new AbortController();
  const listening = { capture: true, signal: stop.signal }; // before the page's own shortcuts
  window.addEventListener("keydown", (event) => onKey(sheet, event), listening);
  sheet.stop = () => stop.abort();
  return sheet;
}

/** Esc, Tab and Enter are the browser's own in the dialog and on its button; no key may answer what nobody sees. */
function onKey(sheet, event) {
  const isOnButton = event.composedPath()[0] === sheet.opener && (event.key === "Enter" || event.key === " ");
  if (sheet.dialog.open || isOnButton) {
    event.stopImmediatePropagation();
    if (event.key === "?") sheet.dialog.close();
  } else if (event.key === "?" && !isElsewhere(event)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    open(sheet);
  }
}

/** Somebody is typing, or another dialog is open. */
function isElsewhere(event) {
  const [target] = event.composedPath();
  const typed = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable=true]";
  const isTyping = target instanceof Element && target.closest(typed) !== null;
  return isTyping || document.querySelector("dialog[open], [data-testid=stDialog]") !== null;
}

function open(sheet) {
  fill(sheet);
  sheet.dialog.showModal();
}

function fill({ dialog, words }) {
  dialog.replaceChildren();
  dialog.setAttribute("aria-label", words.title);
  const head = make(dialog, "div", { className: "head" });
  make(head, "h2", { textContent: words.title });
  const close = make(head, "button", { type: "button", textContent: words.close, autofocus: true });
  close.addEventListener("click", () => dialog.close());
  const groups = make(dialog, "div", { className: "groups" });
  for (const group of words.groups) if (holds(group)) addGroup(groups, group);
}

function holds({ where }) {
  return where === "" || document.querySelector(where) !== null;
}

function addGroup(parent, { title, keys }) {
  const section = make(parent, "section");
  make(section, "h3", { textContent: title });
  const list = make(section, "dl");
  for (const [key, does] of keys) {
    make(make(list, "dt"), "kbd", { textContent: key });
    make(list, "dd", { textContent: does });
  }
}
