/* The grid of a scene: registered with proj4 from the definition that the page carries, with an extent that everything can rely on. */
import proj4 from 'proj4';
import { extend } from 'ol/extent.js';
import { get, transformExtent } from 'ol/proj.js';
import { register } from 'ol/proj/proj4.js';

const MARGIN = 1.5;

/* Degrees around the scene in which the map has a coastline and a graticule: the scene and a margin, never past the antimeridian. */
export function surroundings([west, south, east, north]) {
  const margin = Math.max(MARGIN, (east - west), (north - south));
  return [Math.max(west - margin, -180), Math.max(south - margin, -85), Math.min(east + margin, 180), Math.min(north + margin, 85)];
}

/* The projection of `settings`. A projection from proj4 has no extent, and without one the graticule of OpenLayers breaks the map. */
export function projection(settings) {
  const { crs, definition, bbox } = settings;
  if (definition && !get(crs)) {
    proj4.defs(crs, definition);
    register(proj4);
  }
  const found = get(crs);
  if (definition && bbox[0] <= bbox[2]) {
    // several scenes may share a grid
    const window = extend(surroundings(bbox), found.getWorldExtent() ?? surroundings(bbox));
    found.setWorldExtent(window);
    found.setExtent(transformExtent(window, 'EPSG:4326', found, 16));
  } else if (definition) {
    found.setWorldExtent([-180, -85, 180, 85]);
    found.setExtent(padded(settings.extent, 2));
  }
  return found;
}

/* An extent that is larger by `share` of its longer side on all sides. */
export function padded([west, south, east, north], share) {
  const by = Math.max(east - west, north - south) * share;
  return [west - by, south - by, east + by, north + by];
}
