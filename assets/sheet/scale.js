/**
 * True size: how many pixels of this screen a millimetre takes up, found by holding a bank card (ISO/IEC 7810 ID-1) to
 * the screen. Kept in pixels of the device, so that zooming the page leaves millimetres as they are.
 */

const SCALE_KEPT = "ecg-sheet-device-px-per-mm";
const CARD = { width: 85.6, height: 53.98 }; // mm
const PX_PER_MM = { least: 2, most: 14 };

/** CSS pixels per mm on this screen as it was measured; null if it was not. */
function measuredPxPerMm() {
  const kept = recall(SCALE_KEPT);
  return typeof kept === "number" && kept > 0 ? kept / window.devicePixelRatio : null;
}

/** Give the page its size on the screen. */
function applyScale(sheet) {
  const measured = measuredPxPerMm();
  sheet.isTrueSize = measured !== null;
  sheet.root.classList.toggle("is-true-size", sheet.isTrueSize);
  sheet.root.style.setProperty("--ecg-px", measured ?? sheet.table.drawing.px_per_mm);
  sheet.root.style.setProperty("--ecg-width", sheet.page.width);
  sheet.root.style.setProperty("--ecg-height", sheet.page.height);
}

/** Ask for the size of a bank card. */
function openScale(sheet) {
  const dialog = element(sheet.root, "dialog", { className: "ecg-scale" });
  dialog.setAttribute("aria-label", say(sheet, "True size"));
  const advice = say(sheet, "Hold a bank card to the screen and drag the corner until both are of one size.");
  element(dialog, "p", { textContent: advice });
  const card = element(dialog, "div", { className: "ecg-card" });
  const corner = element(card, "span", { className: "ecg-corner" });
  const slider = element(element(dialog, "label", { textContent: say(sheet, "Size") }), "input", { type: "range" });
  Object.assign(slider, { min: PX_PER_MM.least, max: PX_PER_MM.most, step: 0.01 });
  const size = (value) => sizeCard(card, slider, value);
  slider.addEventListener("input", () => size(Number(slider.value)));
  makeCornerDraggable(corner, card, size);
  dialog.addEventListener("close", () => closeScale(dialog, Number(slider.value)));
  addScaleButtons(sheet, dialog);
  dialog.showModal();
  size(measuredPxPerMm() ?? sheet.table.drawing.px_per_mm);
}

function addScaleButtons(sheet, dialog) {
  const row = element(dialog, "div", { className: "ecg-buttons" });
  for (const [value, words] of [["keep", "Both are of one size"], ["forget", "Forget the size"], ["", "Cancel"]]) {
    const button = element(row, "button", { type: "button", textContent: say(sheet, words) });
    button.addEventListener("click", () => dialog.close(value));
  }
}

function sizeCard(card, slider, value) {
  const pxPerMm = between(PX_PER_MM.least, value, PX_PER_MM.most);
  slider.value = pxPerMm;
  card.style.width = `${CARD.width * pxPerMm}px`;
  card.style.height = `${CARD.height * pxPerMm}px`;
}

function makeCornerDraggable(corner, card, size) {
  corner.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    corner.setPointerCapture(event.pointerId);
  });
  corner.addEventListener("pointermove", (event) => {
    if (!corner.hasPointerCapture(event.pointerId)) return;
    size((event.clientX - card.getBoundingClientRect().left) / CARD.width);
  });
}

function closeScale(dialog, pxPerMm) {
  if (dialog.returnValue === "keep") remember(SCALE_KEPT, pxPerMm * window.devicePixelRatio);
  if (dialog.returnValue === "forget") remember(SCALE_KEPT, null);
  dialog.remove();
}
