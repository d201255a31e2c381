/**
 * The film from noise to ECG: frames drawn over a sheet of paper, a slider, and a button that plays and pauses.
 *
 * Everything happens in the browser: the frames come once. Nothing moves before the button is pressed, and where the
 * system asks for less motion the button goes one step further instead of playing.
 *
 * @typedef {{key: string, svg: string, strips: {x: number, y: number, points: number}[], dx: number,
 *            mmPerMicrovolt: number, stroke: number, colour: string, steps: number[], frames: string,
 *            words: Object<string, string>}} FilmData words: on the controls, in the language of the visitor
 */

const FILM_SECONDS = 5;
const SVG = "http://www.w3.org/2000/svg";
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

/** @param {{data: FilmData, parentElement: ShadowRoot}} component Called at each rerun of the page. */
export default function ({ data, parentElement }) {
  const film = (parentElement.film ??= buildFilm(parentElement));
  film.words = data.words;
  if (film.data?.key !== data.key) loadFilm(film, data);
  return () => pause(film);
}

function buildFilm(parent) {
  const make = (tag, within, properties) => within.appendChild(Object.assign(document.createElement(tag), properties));
  const root = make("div", parent, { className: "film" });
  const page = make("div", root, { className: "film-page" });
  const controls = make("div", root, { className: "film-controls" });
  const button = make("button", controls, { type: "button" });
  const slider = make("input", controls, { type: "range", min: 0, step: 1, value: 0 });
  const film = { page, button, slider, where: make("output", controls, {}), timer: null };
  button.addEventListener("click", () => pressed(film));
  slider.addEventListener("input", () => (pause(film), show(film, Number(slider.value))));
  CALM.addEventListener("change", () => pause(film));
  return film;
}

/** @param {FilmData} data */
function loadFilm(film, data) {
  pause(film);
  const values = new Int16Array(Uint8Array.from(atob(data.frames), (letter) => letter.charCodeAt(0)).buffer);
  Object.assign(film, { data, values, perFrame: values.length / data.steps.length });
  film.page.innerHTML = data.svg;
  film.paths = data.strips.map(() => newTrace(film.page.firstElementChild, data));
  film.slider.max = data.steps.length - 1;
  film.slider.setAttribute("aria-label", film.words.slider);
  show(film, 0);
}

function newTrace(sheet, { stroke, colour }) {
  const path = sheet.appendChild(document.createElementNS(SVG, "path"));
  path.setAttribute("stroke", colour);
  path.setAttribute("stroke-width", stroke);
  return path;
}

function show(film, frame) {
  let from = frame * film.perFrame;
  film.data.strips.forEach((strip, at) => {
    film.paths[at].setAttribute("d", tracePath(film.values.subarray(from, from + strip.points), strip, film.data));
    from += strip.points;
  });
  film.slider.value = frame;
  film.where.value = frameWords(film.words, film.data.steps, frame);
  film.slider.setAttribute("aria-valuetext", film.where.value);
}

function frameWords(words, steps, frame) {
  if (frame === 0) return words.noise;
  const phrase = frame === steps.length - 1 ? words.ecg : words.step;
  return phrase.replace("{step}", steps[frame]).replace("{last}", steps.at(-1));
}

/** A curve through the samples and, half-way between them, through a cubic (Catmull and Rom 1974): straight lines would cut peaks. */
function tracePath(microvolts, { x, y }, { dx, mmPerMicrovolt }) {
  const last = microvolts.length - 1;
  const at = (sample) => microvolts[Math.min(Math.max(sample, 0), last)];
  const point = (sample, value) => `${(x + sample * dx).toFixed(3)},${(y - value * mmPerMicrovolt).toFixed(2)}`;
  const points = [];
  for (let i = 0; i <= last; i++) {
    points.push(point(i, at(i)));
    if (i < last) points.push(point(i + 0.5, (9 * (at(i) + at(i + 1)) - at(i - 1) - at(i + 2)) / 16));
  }
  return `M${points.join("L")}`;
}

function pressed(film) {
  if (film.timer) return pause(film);
  const last = film.data.steps.length - 1;
  const next = Number(film.slider.value) === last ? 0 : Number(film.slider.value) + 1;
  show(film, next);
  if (!CALM.matches) play(film, (FILM_SECONDS * 1000) / last);
}

function play(film, milliseconds) {
  film.timer = setInterval(() => {
    const next = Number(film.slider.value) + 1;
    if (next > film.slider.max) return pause(film);
    show(film, next);
  }, milliseconds);
  film.button.textContent = film.words.pause;
}

function pause(film) {
  clearInterval(film.timer);
  film.timer = null;
  film.button.textContent = CALM.matches ? film.words.next : film.words.play;
}
