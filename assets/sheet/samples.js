/** Samples as they were sent, and the curves that are drawn of them: band-limited, as app/display/interpolate.py. */

function decodeBytes(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes.buffer; // little endian, as every browser's machine is
}

/** The drawn curves of all leads in uV. @param {string} base64 @returns {Int16Array} */
function decodeSamples(base64, { points, leads, reach, weights }) {
  const sent = new Int16Array(decodeBytes(base64));
  const count = sent.length / leads;
  if (count === points) return sent;
  const kernel = new Float32Array(decodeBytes(weights));
  const drawn = new Int16Array(leads * points);
  for (let lead = 0; lead < leads; lead += 1) {
    const padded = padOdd(sent.subarray(lead * count, (lead + 1) * count), reach);
    interpolateLead(padded, kernel, 2 * reach, drawn.subarray(lead * points, (lead + 1) * points));
  }
  return drawn;
}

/** The lead with `reach` samples more at each end, reflected in the point where it ends. */
function padOdd(samples, reach) {
  const count = samples.length;
  const padded = new Float64Array(count + 2 * reach);
  padded.set(samples, reach);
  for (let at = 1; at <= reach; at += 1) {
    padded[reach - at] = 2 * samples[0] - samples[at];
    padded[reach + count - 1 + at] = 2 * samples[count - 1] - samples[count - 1 - at];
  }
  return padded;
}

/** Every point is a weighted sum of the `width` samples around it; the weights repeat from sample to sample. */
function interpolateLead(padded, kernel, width, drawn) {
  const phases = kernel.length / width;
  for (let point = 0; point < drawn.length; point += 1) {
    const first = Math.floor(point / phases) + 1;
    const row = (point % phases) * width;
    let sum = 0;
    for (let at = 0; at < width; at += 1) sum += kernel[row + at] * padded[first + at];
    drawn[point] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
}
