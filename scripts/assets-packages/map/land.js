/* The offline coastline and the agency's boundaries (assets/basemap/*.json): rings and lines as alternating differences of x and y in
   units of `precision` degrees. */

const decoded = (deltas, precision) => {
  const points = [];
  for (let i = 0, x = 0, y = 0; i < deltas.length; i += 2) {
    x += deltas[i];
    y += deltas[i + 1];
    points.push([x * precision, y * precision]);
  }
  return points;
};

/* One side of a window: which coordinate, its limit, and whether the inside is above it. */
const sides = ([west, south, east, north]) => [[0, west, true], [0, east, false], [1, south, true], [1, north, false]];

/* A ring cut to a window (Sutherland and Hodgman). Outside its zone a transverse Mercator grid folds over and would paint the sea
   as land, so nothing beyond the window may reach the projection. */
export function clipped(ring, window) {
  let points = ring;
  for (const [axis, limit, above] of sides(window)) {
    const inside = point => above ? point[axis] >= limit : point[axis] <= limit;
    const out = [];
    for (let i = 0; i < points.length; i++) {
      const a = points[(i + points.length - 1) % points.length], b = points[i];
      if (inside(a) !== inside(b)) {
        const share = (limit - a[axis]) / (b[axis] - a[axis]);
        out.push([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
      }
      if (inside(b)) out.push(b);
    }
    points = out;
    if (points.length < 3) return [];
  }
  return [...points, points[0]];
}

/* The polygons of the file that reach into `window` (west, south, east, north), cut to it. */
export function landPolygons(file, window) {
  return file.polygons
    .map(rings => rings.map(ring => clipped(decoded(ring, file.precision).slice(0, -1), window)).filter(ring => ring.length > 3))
    .filter(rings => rings.length);
}

/* The share of the segment from `a` to `b` at which it enters a window and at which it leaves it (Liang and Barsky), if it does. */
function stretch(a, b, window) {
  let from = 0, to = 1;
  for (const [axis, limit, above] of sides(window)) {
    const run = b[axis] - a[axis], short = limit - a[axis];
    if (run === 0 && (above ? short > 0 : short < 0)) return null;
    if (run === 0) continue;
    if (above === run > 0) from = Math.max(from, short / run);
    else to = Math.min(to, short / run);
  }
  return from < to ? [from, to] : null;
}

/* The pieces of a line within a window. */
export function cut(line, window) {
  const pieces = [];
  let piece = null;
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1], b = line[i], part = stretch(a, b, window);
    if (!part) { piece = null; continue; }
    const [start, end] = part.map(share => [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
    if (piece && part[0] === 0) piece.push(end);
    else pieces.push(piece = [start, end]);
    if (part[1] < 1) piece = null;
  }
  return pieces;
}

/* The lines of the file that reach into `window`, cut to it. */
export const boundaryLines = (file, window) => file.lines.flatMap(line => cut(decoded(line, file.precision), window));
