/**
 * Calipers: one for time, one for amplitude. Each has two ends and a bar between them, all of which can be dragged and
 * focused; positions are mm of the page.
 *
 * @typedef {{kind: "time"|"amplitude", from: number, to: number, across: number, marches: boolean,
 *            isMeasured: boolean, group: SVGElement, parts: Object<string, SVGElement>}} Caliper
 */

const CALIPERS = {
  time: {
    titles: { whole: "Time caliper", from: "Time caliper, left end", to: "Time caliper, right end" },
    first: 20,
    arm: 13,
  },
  amplitude: {
    titles: { whole: "Amplitude caliper", from: "Amplitude caliper, upper end", to: "Amplitude caliper, lower end" },
    first: 10,
    arm: 10,
  },
};
const FASTEST = 300; // beats per minute; what is shorter is no interval between beats
const HIT_MM = 5; // how wide an end is to a finger

/** Place a caliper around a point of the page; one that is there already comes to it. @returns {Caliper} */
function placeCaliper(sheet, kind, { x, y }) {
  const [along, across] = kind === "time" ? [x, y] : [y, x];
  const half = CALIPERS[kind].first / 2;
  sheet.calipers[kind] ??= newCaliper(sheet, kind);
  Object.assign(sheet.calipers[kind], { from: along - half, to: along + half, across, isMeasured: false });
  moveEnds(sheet, sheet.calipers[kind], {});
  return sheet.calipers[kind];
}

function newCaliper(sheet, kind) {
  const group = add(sheet.overlay, "g", { class: `ecg-caliper ecg-${kind}` });
  const { titles } = CALIPERS[kind];
  const parts = { march: add(group, "path", { class: "ecg-march" }) };
  for (const [part, title] of Object.entries(titles)) parts[part] = newPart(group, part, say(sheet, title));
  const label = add(group, "g", { class: "ecg-label" });
  Object.assign(parts, { back: add(label, "rect", { rx: 0.6 }), words: add(label, "text", { "font-size": 3.2 }) });
  const caliper = { kind, from: 0, to: 0, across: 0, marches: false, group, parts };
  for (const part of Object.keys(titles)) makeDraggable(sheet, caliper, part);
  return caliper;
}

function newPart(group, part, title) {
  const slider = { role: "slider", tabindex: 0, "aria-label": title, "aria-valuenow": 0 };
  const made = add(group, "g", { ...slider, class: `ecg-part ecg-${part}` });
  add(made, "path", { class: "ecg-hit", "stroke-width": HIT_MM });
  add(made, "path", { class: "ecg-line" });
  return made;
}

function removeCalipers(sheet) {
  for (const { group } of Object.values(sheet.calipers)) group.remove();
  sheet.calipers = {};
}

/** Move an end, or both, as far as the page goes, and draw the caliper there. */
function moveEnds(sheet, caliper, { from = caliper.from, to = caliper.to, across = caliper.across }) {
  const { width, height } = sheet.page;
  const [along, other] = caliper.kind === "time" ? [width, height] : [height, width];
  caliper.from = between(0, from, along);
  caliper.to = between(0, to, along);
  caliper.across = between(0, across, other);
  drawCaliper(sheet, caliper);
}

/** What a caliper spans, in ms or mV. */
function spanOf(sheet, { kind, from, to }) {
  const mm = Math.abs(to - from);
  return kind === "time" ? (1000 * mm) / sheet.format.speed : mm / sheet.format.gain;
}

/** As its label says it: "830 ms, 72 bpm". */
function spanInWords(sheet, caliper) {
  const span = spanOf(sheet, caliper);
  if (caliper.kind === "amplitude") return `${inDigits(sheet, span, 2)} mV`;
  const [time, rate] = [Math.round(span), Math.round(60000 / span)];
  return span >= 60000 / FASTEST ? say(sheet, "{time} ms, {rate} bpm", { time, rate }) : `${time} ms`;
}

function drawCaliper(sheet, caliper) {
  const { kind, from, to, across, parts } = caliper;
  const { arm } = CALIPERS[kind];
  const words = spanInWords(sheet, caliper);
  const lines = {
    from: lineAlong(kind, from, across - arm, from, across + arm),
    to: lineAlong(kind, to, across - arm, to, across + arm),
    whole: lineAlong(kind, from, across, to, across),
  };
  for (const [part, path] of Object.entries(lines)) {
    for (const line of parts[part].children) line.setAttribute("d", path);
    parts[part].setAttribute("aria-valuenow", Math.round(1000 * spanOf(sheet, caliper)) / 1000);
    parts[part].setAttribute("aria-valuetext", words);
  }
  parts.march.setAttribute("d", caliper.marches ? marchPath(sheet, caliper) : "");
  drawLabel(sheet, caliper, words);
}

/** A line whose coordinates are given along the caliper's own direction, then across it. */
function lineAlong(kind, along, across, toAlong, toAcross) {
  return kind === "time" ? `M${along},${across}L${toAlong},${toAcross}` : `M${across},${along}L${toAcross},${toAlong}`;
}

/** The same distance again and again, to both edges of the page. */
function marchPath(sheet, { from, to, across }) {
  const step = Math.abs(to - from);
  if (step < 1) return ""; // so close that the lines would merge
  let path = "";
  for (let x = Math.min(from, to) % step; x <= sheet.page.width; x += step) path += `M${x},${across - 9}V${across + 9}`;
  return path;
}

function drawLabel(sheet, { kind, from, to, across, parts }, words) {
  parts.words.textContent = words;
  const width = parts.words.getComputedTextLength() + 2;
  const middle = (from + to) / 2;
  const [x, y] = kind === "time" ? [middle - width / 2, across - 6.2] : [across + 1.5, middle - 2.4];
  const left = between(0, x, sheet.page.width - width);
  const top = between(0, y, sheet.page.height - 5);
  set(parts.back, { x: left, y: top, width, height: 4.8 });
  set(parts.words, { x: left + 1, y: top + 3.5 });
}
