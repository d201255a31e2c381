/** The row of buttons under a sheet. */

const TOOLS = [
  { shortcut: "time", words: "Time", use: (sheet) => takeCaliper(sheet, "time") },
  { shortcut: "amplitude", words: "Amplitude", use: (sheet) => takeCaliper(sheet, "amplitude") },
  { shortcut: "march", words: "March out", use: toggleMarch },
  { shortcut: "magnify", words: "Magnify", use: (sheet) => toggleLens(sheet) },
];

/** A new HTML element in another. @returns {HTMLElement} */
function element(parent, tag, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  parent.appendChild(made);
  return made;
}

function buildTools(sheet) {
  sheet.tools = element(sheet.root, "div", { className: "ecg-tools" });
  sheet.tools.setAttribute("role", "toolbar");
  sheet.tools.setAttribute("aria-label", say(sheet, "Measuring and format"));
  for (const { shortcut, words, use } of TOOLS) {
    button(sheet, say(sheet, words), () => use(sheet), sheet.shortcuts[shortcut]);
  }
  button(sheet, say(sheet, "Clear"), () => clearTools(sheet), "Esc");
  sheet.opener = button(sheet, say(sheet, "Format"), () => toggleChoices(sheet));
  sheet.opener.setAttribute("aria-expanded", false);
  button(sheet, say(sheet, "True size"), () => openScale(sheet));
  buildChoices(sheet);
}

/** A mouse leaves the focus where it is, so that arrow keys go on moving a caliper and Enter stays the page's own. */
function button(sheet, words, use, shortcut) {
  const made = element(sheet.tools, "button", { type: "button", textContent: words });
  if (shortcut) element(made, "kbd", { textContent: shortcut });
  made.addEventListener("mousedown", (event) => event.preventDefault());
  made.addEventListener("click", use);
  return made;
}

/** Where a tool begins: at the pointer if that is on the page, else in the middle of what can be seen of it. */
function startingPoint(sheet) {
  if (sheet.pointer) return sheet.pointer;
  const seen = sheet.scroller.getBoundingClientRect();
  const middle = onPage(sheet, seen.left + seen.width / 2, seen.top + seen.height / 2);
  return { x: between(0, middle.x, sheet.page.width), y: between(0, middle.y, sheet.page.height) };
}

function takeCaliper(sheet, kind) {
  const caliper = placeCaliper(sheet, kind, startingPoint(sheet));
  caliper.parts.from.focus({ preventScroll: true });
  sheet.tell();
}

/** Repeat the time caliper's distance across the page. */
function toggleMarch(sheet) {
  const caliper = sheet.calipers.time ?? placeCaliper(sheet, "time", startingPoint(sheet));
  caliper.marches = !caliper.marches;
  drawCaliper(sheet, caliper);
  caliper.parts.from.focus({ preventScroll: true });
}

/** Esc: the open menu first, then calipers and lens. */
function clearTools(sheet) {
  if (!sheet.choices.hidden) return closeChoices(sheet);
  removeCalipers(sheet);
  removeLens(sheet);
  sheet.cleared = Object.keys(CALIPERS); // also what this format does not show
  return sheet.tell();
}
