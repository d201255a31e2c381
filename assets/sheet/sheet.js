/**
 * A sheet in its place on the page. Streamlit calls the function at the end with every ECG, and again whenever the page
 * is run; the sheet itself is made once.
 */

function makeSheet(parent, data) {
  const root = element(parent, "div", { className: "ecg-sheet" });
  const scroller = element(root, "div", { className: "ecg-scroller" });
  const svg = add(scroller, "svg", { class: "ecg-page", role: "figure" });
  const paper = add(svg, "g", { id: `ecg-${Math.random().toString(36).slice(2)}` });
  const { shortcuts, table } = data;
  const parts = { root, scroller, svg, paper, overlay: add(svg, "g"), shortcuts, table };
  const sheet = { ...parts, calipers: {}, cleared: [], lens: null, pointer: null, format: null };
  buildTools(sheet);
  listen(sheet);
  return sheet;
}

function listen(sheet) {
  const { root, svg } = sheet;
  const stop = new AbortController();
  const { signal } = stop;
  const on = (target, name, act, capture = false) => target.addEventListener(name, act, { capture, signal });
  on(window, "keydown", (event) => onKey(sheet, event), true); // before the page's own shortcuts
  on(window, "pointerdown", () => tellIfWaiting(sheet), true);
  on(window, CHANGED, (event) => redraw(sheet, event.detail));
  on(window, "resize", () => applyScale(sheet));
  on(root, "pointerenter", () => markCurrent(root));
  on(svg, "pointermove", (event) => point(sheet, event));
  on(svg, "pointerdown", (event) => point(sheet, event));
  on(svg, "pointerleave", () => (sheet.pointer = null));
  sheet.stop = () => {
    clearTimeout(sheet.waiting);
    stop.abort();
  };
}

function markCurrent(root) {
  for (const other of document.querySelectorAll(".ecg-sheet")) delete other.dataset.pointed;
  root.dataset.pointed = "";
}

function point(sheet, event) {
  sheet.pointer = onPage(sheet, event.clientX, event.clientY);
  if (sheet.lens) moveLens(sheet, sheet.pointer);
}

/** Another ECG, or another run of the page with the same one: then calipers stay where they are. */
function showEcg(sheet, data, tell) {
  sheet.tell = data.keeps_measurements ? () => tell(measurements(sheet)) : () => {};
  const { samples, late, table, kept } = data;
  const sent = `${samples} ${data.behind} ${late} ${kept?.of}`;
  if (sheet.sent === sent) return;
  removeCalipers(sheet);
  Object.assign(sheet, { sent, samples: decodeSamples(samples, table.drawing), late, table, of: kept?.of, cleared: [] });
  sheet.behind = data.behind ? decodeSamples(data.behind, table.drawing) : null;
  redraw(sheet, {});
  for (const place of kept?.calipers ?? []) restore(sheet, place);
}

/** After a change of ECG, format or scale; `name` and `value` are what was just chosen, if anything was. */
function redraw(sheet, { name, value }) {
  const kept = keptPlaces(sheet);
  removeCalipers(sheet);
  removeLens(sheet);
  sheet.format = chosenFormat(sheet.table, name === FORMAT_KEPT ? value : (sheet.format ?? recall(FORMAT_KEPT)));
  sheet.page = pageOf(sheet.table, sheet.format);
  sheet.strips = stripsOf(sheet.table, sheet.format);
  applyScale(sheet);
  drawPage(sheet);
  for (const place of kept) restore(sheet, place);
  syncChoices(sheet);
}

function removeSheet(parent) {
  parent.ecgSheet?.stop();
  parent.ecgSheet?.root.remove();
  delete parent.ecgSheet;
}

export default function showSheet({ data: written, parentElement, setStateValue }) {
  if (!written) return undefined; // only to be loaded
  const data = JSON.parse(new TextDecoder().decode(written));
  if (parentElement.ecgSheet?.table.language !== data.table.language) removeSheet(parentElement);
  parentElement.ecgSheet ??= makeSheet(parentElement, data);
  const sheet = parentElement.ecgSheet;
  showEcg(sheet, data, (values) => setStateValue("measurements", values));
  return () => removeSheet(parentElement);
}
