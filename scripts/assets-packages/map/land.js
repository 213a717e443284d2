/* The offline coastline (assets/basemap/*.json): rings as alternating differences of x and y in units of `precision` degrees. */

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
