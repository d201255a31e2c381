/**
 * Where things are on the page, in mm. All positions are looked up in the table that the server sends; nothing here
 * depends on the ECG.
 *
 * @typedef {{arrangement: string, columns: string, order: string, speed: number, gain: number, ink: string}} Format
 * @typedef {{lead: number, sign: number, row: number, at: number, from: number, to: number,
 *            name: [string, number, number], marks: [number, number][]}} Strip
 * @typedef {{width: number, height: number, left: number, baselines: number[], pulse: [number, number][],
 *            footer: [string, number, number], alt: string}} Page
 * @typedef {{first: Format, choices: Object, pages: Object<string, Page>, strips: Object<string, Strip[]>,
 *            inks: Object, drawing: Object}} Table
 */

/** @param {Table} table @param {Format} format @returns {Page} */
function pageOf(table, format) {
  return table.pages[`${format.arrangement}|${format.speed}|${format.gain}`];
}

/** @param {Table} table @param {Format} format @returns {Strip[]} */
function stripsOf(table, format) {
  return table.strips[`${format.arrangement}|${format.columns}|${format.order}`];
}

/** Where a strip begins and ends. @returns {[number, number]} */
function stripEnds(strip, sheet) {
  const { left } = sheet.page;
  const seconds = (strip.to - strip.from) / sheet.table.drawing.rate;
  return [left + strip.at * sheet.format.speed, left + (strip.at + seconds) * sheet.format.speed];
}

/** The strip that a point of the page belongs to: the nearest row, and what stands at that time. @returns {Strip} */
function stripAt(sheet, x, y) {
  const far = (row) => Math.abs(sheet.page.baselines[row] - y);
  const row = sheet.page.baselines.reduce((best, _, at) => (far(at) < far(best) ? at : best), 0);
  const inRow = sheet.strips.filter((strip) => strip.row === row);
  return inRow.findLast((strip) => stripEnds(strip, sheet)[0] <= x) ?? inRow[0];
}

/** A place on the screen as mm on the page. @returns {{x: number, y: number}} */
function onPage(sheet, clientX, clientY) {
  const place = new DOMPoint(clientX, clientY).matrixTransform(sheet.svg.getScreenCTM().inverse());
  return { x: place.x, y: place.y };
}

/** Pixels of the screen that a mm of the page takes up now. */
function screenPxPerMm(sheet) {
  return sheet.svg.getScreenCTM().a;
}

/** A number kept between two others. */
function between(least, value, most) {
  return Math.min(Math.max(value, least), most);
}
