/**
 * Calipers that are kept: where they stand as lead, time and voltage, which holds in every format of the page; when the
 * server is told of them; how they come back to the page.
 *
 * @typedef {{kind: "time"|"amplitude", lead: number, seconds: number, millivolts: number, value: number}} Place
 */

const REST_MS = 700; // after the last arrow key: by then a caliper has been let go of
const NEXT_MS = 20; // another moment, to Streamlit

/** What a caliper spans, from where: its left end, or the one of the higher voltage. @returns {Place} */
function placeOf(sheet, caliper) {
  const { kind, from, to, across } = caliper;
  const [start, end, middle] = [Math.min(from, to), Math.max(from, to), (from + to) / 2];
  const strip = kind === "time" ? stripAt(sheet, middle, across) : stripAt(sheet, across, middle);
  const heights = kind === "time" ? [across] : [start, end];
  return {
    kind,
    lead: strip.lead,
    seconds: inThousandths(secondsAt(sheet, strip, kind === "time" ? start : across)),
    millivolts: inThousandths(Math.max(...heights.map((y) => millivoltsAt(sheet, strip, y)))),
    value: inThousandths(spanOf(sheet, caliper)),
  };
}

function inThousandths(value) {
  return Math.round(1000 * value) / 1000;
}

/** Since the start of the recording. */
function secondsAt(sheet, strip, x) {
  return strip.from / sheet.table.drawing.rate + (x - stripEnds(strip, sheet)[0]) / sheet.format.speed;
}

/** Above the lead's baseline. */
function millivoltsAt(sheet, strip, y) {
  return (strip.sign * (sheet.page.baselines[strip.row] - y)) / sheet.format.gain;
}

/** Put a caliper where it was, if the page shows that place. @param {Place} place */
function restore(sheet, { kind, lead, seconds, millivolts, value }) {
  const { rate } = sheet.table.drawing;
  const middle = rate * (kind === "time" ? seconds + value / 2000 : seconds);
  const strip = sheet.strips.find((one) => one.lead === lead && one.from <= middle && middle < one.to);
  if (!strip) return;
  const x = stripEnds(strip, sheet)[0] + (seconds - strip.from / rate) * sheet.format.speed;
  const y = sheet.page.baselines[strip.row] - strip.sign * millivolts * sheet.format.gain;
  const caliper = placeCaliper(sheet, kind, { x, y });
  const down = strip.sign * value * sheet.format.gain;
  if (kind === "time") moveEnds(sheet, caliper, { from: x, to: x + (value * sheet.format.speed) / 1000 });
  else moveEnds(sheet, caliper, { from: Math.min(y, y + down), to: Math.max(y, y + down) });
  caliper.isMeasured = true;
}

/** What was measured on this ECG and is to be kept, wherever the page goes on showing it. @returns {Place[]} */
function keptPlaces(sheet) {
  const measured = Object.values(sheet.calipers).filter((one) => sheet.of && one.isMeasured);
  return measured.map((one) => placeOf(sheet, one));
}

/**
 * All that calipers span now, as the server is told; where it is kept, only what was measured, and on which ECG. A
 * caliper that is missing may only be out of sight in this format, so that one was cleared is said.
 */
function measurements(sheet) {
  if (!sheet.of) return Object.values(sheet.calipers).map((one) => placeOf(sheet, one));
  const measured = keptPlaces(sheet);
  const gone = sheet.cleared.filter((kind) => measured.every((place) => place.kind !== kind));
  const cleared = gone.map((kind) => ({ kind, cleared: true }));
  return [...measured, ...cleared].map((one) => ({ ...one, of: sheet.of }));
}

/** While arrow keys move a caliper the server is told once. */
function tellSoon(sheet) {
  clearTimeout(sheet.waiting);
  sheet.waiting = setTimeout(() => tellIfWaiting(sheet), REST_MS);
}

/**
 * A key of the page that comes before the server was told of a caliper's last step: it is told now, and the key
 * follows. Streamlit sends what changes at one moment together, and then runs only one of the parts of the page that
 * it changes.
 */
function holdsBack(sheet, event) {
  if (!sheet.waiting || event.key in ARROWS || event.key === "Shift") return false;
  tellIfWaiting(sheet);
  if (event.key === "Tab" || isTyping(event) || actionOf(sheet, event)) return false;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { target } = event;
  const again = new KeyboardEvent(event.type, event);
  setTimeout(() => target.dispatchEvent(again), NEXT_MS);
  return true;
}

/** Before anything else is done: the answer, say. */
function tellIfWaiting(sheet) {
  if (!sheet.waiting) return;
  clearTimeout(sheet.waiting);
  sheet.waiting = null;
  sheet.tell();
}
