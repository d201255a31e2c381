/** The reader's choice of format: a menu, and what this browser remembers. It holds for all sheets. */

const FORMAT_KEPT = "ecg-sheet-format";
const CHANGED = "ecg-sheet-changed"; // told to the other sheets on the page
const inCapitals = (value, sheet) => say(sheet, value[0].toUpperCase() + value.slice(1));
const CHOICES = {
  speed: ["Speed", (value, sheet) => `${inDigits(sheet, value)} mm/s`],
  gain: ["Sensitivity", (value, sheet) => `${inDigits(sheet, value)} mm/mV`],
  arrangement: ["Leads", (value) => value.replace("x", " × ")],
  columns: ["Columns", inCapitals],
  order: ["Order", inCapitals],
  ink: ["Grid", inCapitals],
};

/** What this browser has kept under a name; null where it keeps nothing, as in some private windows. */
function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // It holds until the page is closed then: the sheets on it are told all the same.
  }
  window.dispatchEvent(new CustomEvent(CHANGED, { detail: { name, value } }));
}

/** The page's first format, with what the reader chose of it. @param {Table} table @returns {Format} */
function chosenFormat(table, kept = recall(FORMAT_KEPT)) {
  const isOffered = ([name, value]) => table.choices[name]?.includes(value);
  return { ...table.first, ...Object.fromEntries(Object.entries(kept ?? {}).filter(isOffered)) };
}

function choose(sheet, name, value) {
  remember(FORMAT_KEPT, { ...sheet.format, [name]: value });
}

/** The menu, closed. */
function buildChoices(sheet) {
  sheet.choices = element(sheet.tools, "div", { className: "ecg-choices", hidden: true, role: "group" });
  sheet.choices.setAttribute("aria-label", say(sheet, "Format"));
}

function fillChoices(sheet) {
  sheet.choices.replaceChildren();
  for (const [name, [title, inWords]] of Object.entries(CHOICES)) {
    const label = element(sheet.choices, "label", { textContent: say(sheet, title) });
    const menu = element(label, "select", { name });
    for (const value of sheet.table.choices[name]) {
      element(menu, "option", { value, textContent: inWords(value, sheet) });
    }
    menu.value = sheet.format[name];
    menu.addEventListener("change", () => choose(sheet, name, sheet.table.choices[name][menu.selectedIndex]));
  }
  const back = element(sheet.choices, "button", { type: "button", textContent: say(sheet, "As it was at first") });
  back.addEventListener("click", () => remember(FORMAT_KEPT, {}));
}

/** The open menu after a choice. */
function syncChoices(sheet) {
  for (const menu of sheet.choices.querySelectorAll("select")) menu.value = sheet.format[menu.name];
}

function toggleChoices(sheet) {
  if (!sheet.choices.hidden) return closeChoices(sheet);
  fillChoices(sheet);
  sheet.choices.hidden = false;
  sheet.opener.setAttribute("aria-expanded", true);
  sheet.choices.querySelector("select").focus();
  return undefined;
}

function closeChoices(sheet) {
  if (sheet.choices.hidden) return;
  if (sheet.choices.contains(document.activeElement)) sheet.opener.focus();
  sheet.choices.hidden = true;
  sheet.opener.setAttribute("aria-expanded", false);
}
