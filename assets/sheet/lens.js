/** A lens: the lead under the pointer, twice as large, grid and all. */

const LENS = { times: 2, wide: 62.5, above: 17, below: 12 }; // mm of the page that it shows

function toggleLens(sheet) {
  if (sheet.lens) removeLens(sheet);
  else showLens(sheet);
}

function showLens(sheet) {
  sheet.lens = add(sheet.overlay, "svg", { class: "ecg-lens", tabindex: 0, role: "img" });
  add(sheet.lens, "use", { href: `#${sheet.paper.id}` });
  add(sheet.lens, "rect", { class: "ecg-rim" });
  moveLens(sheet, sheet.pointer ?? { x: 0, y: 0 });
  sheet.lens.focus({ preventScroll: true }); // arrow keys go on to the next lead
}

function removeLens(sheet) {
  sheet.lens?.remove();
  sheet.lens = null;
}

/** Look at a point of the page. The lens keeps to the other half of it. */
function moveLens(sheet, { x, y }) {
  const strip = stripAt(sheet, x, y);
  const [begin, end] = stripEnds(strip, sheet);
  const view = {
    x: between(begin - 1, x - LENS.wide / 2, Math.max(begin - 1, end + 1 - LENS.wide)),
    y: sheet.page.baselines[strip.row] - LENS.above,
    width: LENS.wide,
    height: LENS.above + LENS.below,
  };
  sheet.lensed = strip;
  placeLens(sheet, view);
  const words = { lead: strip.name[0], times: LENS.times };
  sheet.lens.setAttribute("aria-label", say(sheet, "Lead {lead}, {times} times as large", words));
}

function placeLens(sheet, view) {
  const width = LENS.times * view.width;
  const height = LENS.times * view.height;
  const isLow = view.y + view.height / 2 > sheet.page.height / 2;
  const place = {
    x: between(0, view.x + view.width / 2 - width / 2, Math.max(0, sheet.page.width - width)),
    y: isLow ? Math.max(0, view.y - height - 2) : view.y + view.height + 2,
  };
  set(sheet.lens, { ...place, width, height, viewBox: `${view.x} ${view.y} ${view.width} ${view.height}` });
  set(sheet.lens.lastChild, view);
}

/** The next lead, or the one before. */
function stepLens(sheet, by) {
  const at = between(0, sheet.strips.indexOf(sheet.lensed) + by, sheet.strips.length - 1);
  const strip = sheet.strips[at];
  const [begin, end] = stripEnds(strip, sheet);
  moveLens(sheet, { x: Math.min((begin + end) / 2, begin + LENS.wide / 2), y: sheet.page.baselines[strip.row] });
}
