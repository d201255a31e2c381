/** The keyboard: tools by letter, calipers by arrow keys. Keys of the page around the sheet go on working. */

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {KeyboardEvent} event */
function onKey(sheet, event) {
  if (holdsBack(sheet, event)) return;
  if (isForControls(sheet, event)) {
    if (event.key === "Escape") closeChoices(sheet);
    event.stopImmediatePropagation();
  } else if (!isTyping(event) && isCurrent(sheet)) {
    const act = actionOf(sheet, event);
    if (act === undefined) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }
}

/** A menu, a dialog, or a button that is about to be pressed. */
function isForControls(sheet, { target, key }) {
  if (!(target instanceof Element) || !sheet.root.contains(target)) return false;
  if (target.closest(".ecg-choices, dialog")) return true;
  return target.closest("button") !== null && (key === "Enter" || key === " ");
}

/** In a field, or in a dialog of the page; either may be in a shadow tree. */
function isTyping(event) {
  const [target] = event.composedPath();
  const kept = "input, textarea, select, [contenteditable=true], dialog";
  return target instanceof Element && target.closest(kept) !== null;
}

/** Of two sheets the one that was pointed at last; where it is hidden, the other. */
function isCurrent(sheet) {
  const seen = [...document.querySelectorAll(".ecg-sheet")].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }),
  );
  return (seen.find((one) => "pointed" in one.dataset) ?? seen[0]) === sheet.root;
}

/** What a key does here, undefined if it is nobody's or the page's. */
function actionOf(sheet, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (event.key === "Escape") return isInUse(sheet) ? () => clearTools(sheet) : undefined;
  if (event.key in ARROWS) return arrowAction(sheet, event);
  if (event.repeat || event.shiftKey) return undefined;
  const tool = TOOLS.find(({ shortcut }) => sheet.shortcuts[shortcut]?.toUpperCase() === event.key.toUpperCase());
  return tool && (() => tool.use(sheet));
}

function isInUse(sheet) {
  return !sheet.choices.hidden || sheet.lens !== null || Object.keys(sheet.calipers).length > 0;
}

/** A pixel, with Shift a millimetre. */
function arrowAction(sheet, { key, shiftKey, target }) {
  const [right, down] = ARROWS[key];
  const mm = shiftKey ? 1 : 1 / screenPxPerMm(sheet);
  if (sheet.lens?.contains(target)) return () => stepLens(sheet, right + down);
  for (const caliper of Object.values(sheet.calipers)) {
    const part = ["from", "to", "whole"].find((name) => caliper.parts[name] === target);
    if (part) return () => nudge(sheet, caliper, part, right * mm, down * mm);
  }
  return undefined;
}

function nudge(sheet, caliper, part, x, y) {
  dragTo(sheet, caliper, part, { at: { x: 0, y: 0 }, ...caliper }, { x, y });
  tellSoon(sheet);
}
