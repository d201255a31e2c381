/** The page as SVG: paper, grid, calibration pulses, curves, names, footer. In mm; curves in thousandths of a mm. */

const FINER = 1000; // of a mm: whole numbers make short paths, and at 500 points per second they are exact

/** A new SVG element in another. @returns {SVGElement} */
function add(parent, tag, attributes = {}, words = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(made, attributes);
  made.textContent = words;
  parent.appendChild(made);
  return made;
}

function set(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
}

/** Draw everything anew that belongs to the paper. */
function drawPage(sheet) {
  const { svg, page, paper } = sheet;
  svg.setAttribute("viewBox", `0 0 ${page.width} ${page.height}`);
  const two = say(sheet, "{page} Behind it another ECG in blue.", { page: page.alt });
  svg.setAttribute("aria-label", sheet.behind ? two : page.alt);
  paper.replaceChildren();
  drawGrid(sheet);
  const { trace, behind } = sheet.table.drawing;
  if (sheet.behind) drawCurves(sheet, sheet.behind, { colour: behind, name: "ecg-behind", late: sheet.late });
  drawCurves(sheet, sheet.samples, { colour: trace, name: "ecg-curves", late: 0 });
  drawMarks(sheet);
  drawWords(sheet);
}

function drawGrid({ paper, page, format, table }) {
  const { fine_mm, bold_mm, fine_line_mm, bold_line_mm } = table.drawing;
  const ink = table.inks[format.ink];
  add(paper, "rect", { width: page.width, height: page.height, fill: ink.paper });
  for (const [name, step, width] of [["fine", fine_mm, fine_line_mm], ["bold", bold_mm, bold_line_mm]]) {
    const lines = { d: gridPath(page, step), stroke: ink[name], "stroke-width": width };
    add(paper, "path", { ...lines, class: `ecg-grid ecg-${name}`, "shape-rendering": "crispEdges" });
  }
}

/** Lines so many mm apart; one runs where the ECGs begin, one along the first baseline. */
function gridPath(page, step) {
  let path = "";
  for (let x = page.left % step; x <= page.width; x += step) path += `M${x},0V${page.height}`;
  for (let y = page.baselines[0] % step; y <= page.height; y += step) path += `M0,${y}H${page.width}`;
  return path;
}

/** `late`: by how many points the whole ECG is drawn later. */
function drawCurves(sheet, samples, { colour, name, late }) {
  const width = sheet.table.drawing.trace_mm * FINER;
  const line = { fill: "none", stroke: colour, "stroke-width": width, "stroke-linejoin": "round" };
  const curves = add(sheet.paper, "g", { ...line, class: name, transform: `scale(${1 / FINER})` });
  for (const strip of sheet.strips) add(curves, "path", { d: curvePath(sheet, samples, strip, late) });
}

/** One lead, from point to point, as far as there are samples for its place on the page. */
function curvePath({ page, format, table }, samples, strip, late) {
  const { rate, points } = table.drawing;
  const from = Math.max(strip.from - late, 0);
  const to = Math.min(strip.to - late, points);
  if (from >= to) return "";
  const step = (FINER * format.speed) / rate;
  const x = FINER * (page.left + strip.at * format.speed) + step * (from + late - strip.from);
  const rise = (-strip.sign * format.gain * FINER) / 1000; // of one uV
  const curve = samples.subarray(strip.lead * points + from, strip.lead * points + to);
  const path = new Array(curve.length);
  path[0] = `M${x},${FINER * page.baselines[strip.row] + rise * curve[0]}l`;
  for (let at = 1; at < curve.length; at += 1) path[at] = `${step},${rise * (curve[at] - curve[at - 1])}`;
  return path.join(" ");
}

/** Calibration pulses, and short lines where one lead ends and the next begins. */
function drawMarks({ paper, page, strips, format, table }) {
  const { trace, mark_mm } = table.drawing;
  const line = { fill: "none", stroke: trace, "stroke-width": mark_mm };
  const pulse = (foot) => "M" + page.pulse.map(([x, up]) => `${x},${foot + up}`).join("L");
  add(paper, "path", { ...line, class: "ecg-pulses", d: page.baselines.map(pulse).join("") });
  const marks = strips.flatMap((strip) => {
    const x = page.left + strip.at * format.speed;
    const foot = page.baselines[strip.row];
    return strip.marks.map(([from, to]) => `M${x},${foot + from}L${x},${foot + to}`);
  });
  add(paper, "path", { ...line, class: "ecg-separators", d: marks.join("") });
}

function drawWords(sheet) {
  const { paper, page, strips, format, table, isTrueSize } = sheet;
  const { text, name_mm, footer_mm } = table.drawing;
  const words = add(paper, "g", { fill: text, "font-size": name_mm, class: "ecg-words" });
  for (const { at, row, name: [name, right, down] } of strips) {
    add(words, "text", { x: page.left + at * format.speed + right, y: page.baselines[row] + down }, name);
  }
  const [footer, x, y] = page.footer;
  add(words, "text", { x, y, "font-size": footer_mm, class: "ecg-footer" }, footer);
  const scale = say(sheet, isTrueSize ? "true size on this screen" : "nominal scale");
  add(words, "text", { x: page.width - x, y, "font-size": footer_mm, "text-anchor": "end", class: "ecg-note" }, scale);
}
