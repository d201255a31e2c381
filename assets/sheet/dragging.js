/** Pointers: drag an end or the whole caliper by mouse, pen or finger. */

/** @param {Caliper} caliper @param {"from"|"to"|"whole"} part */
function makeDraggable(sheet, caliper, part) {
  const handle = caliper.parts[part];
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    handle.grabbed = { at: onPage(sheet, event.clientX, event.clientY), ...caliper };
  });
  handle.addEventListener("pointermove", (event) => {
    if (handle.grabbed) dragTo(sheet, caliper, part, handle.grabbed, onPage(sheet, event.clientX, event.clientY));
  });
  // Else a finger scrolls the page: browsers do not heed touch-action within SVG.
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  for (const end of ["pointerup", "pointercancel"]) handle.addEventListener(end, () => letGo(sheet, handle));
}

function dragTo(sheet, caliper, part, before, { x, y }) {
  const moved = { x: x - before.at.x, y: y - before.at.y };
  caliper.isMeasured = true; // until then it lies where it was put at first
  const [along, across] = caliper.kind === "time" ? [moved.x, moved.y] : [moved.y, moved.x];
  if (part !== "whole") moveEnds(sheet, caliper, { [part]: before[part] + along });
  else moveWhole(sheet, caliper, before, along, across);
}

/** Both ends by the same distance, so that what it spans stays as it is at the edge of the page. */
function moveWhole(sheet, caliper, before, along, across) {
  const most = caliper.kind === "time" ? sheet.page.width : sheet.page.height;
  const [low, high] = [Math.min(before.from, before.to), Math.max(before.from, before.to)];
  const by = between(-low, along, most - high);
  moveEnds(sheet, caliper, { from: before.from + by, to: before.to + by, across: before.across + across });
}

function letGo(sheet, handle) {
  handle.grabbed = null;
  sheet.tell();
}
