/* A map in the grid of a scene: coastline below, images, the agency's boundaries and the graticule above, in the colours of the page. */
import OLMap from 'ol/Map.js';
import View from 'ol/View.js';
import Feature from 'ol/Feature.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import { defaults as controls } from 'ol/control/defaults.js';
import MultiLineString from 'ol/geom/MultiLineString.js';
import Point from 'ol/geom/Point.js';
import Polygon from 'ol/geom/Polygon.js';
import Graticule from 'ol/layer/Graticule.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';
import Text from 'ol/style/Text.js';
import { getWidth } from 'ol/extent.js';
import { padded, projection, surroundings } from './grid.js';
import { boundaryLines, landPolygons } from './land.js';

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const font = `italic 400 12px ${'"Be Vietnam Pro", system-ui, sans-serif'}`;
const mono = '400 11px "JetBrains Mono", ui-monospace, monospace';

function landLayer(settings, grid) {
  const source = new VectorSource();
  const features = async () => {
    const window = surroundings(settings.bbox);
    const answer = await fetch(new URL(settings.basemap, document.baseURI));
    if (!answer.ok) return;
    for (const rings of landPolygons(await answer.json(), window)) {
      source.addFeature(new Feature(new Polygon(rings).transform('EPSG:4326', grid)));
    }
    for (const [name, longitude, latitude] of settings.names) {
      source.addFeature(new Feature({ geometry: new Point([longitude, latitude]).transform('EPSG:4326', grid), name }));
    }
  };
  const style = feature => {
    const name = feature.get('name');
    if (name) return new Style({ text: new Text({ text: name, font, fill: new Fill({ color: colour('--ink-2') }) }) });
    return new Style({ fill: new Fill({ color: colour('--land') }), stroke: new Stroke({ color: colour('--sea-line'), width: 1 }) });
  };
  const layer = new VectorLayer({ source, style });
  return { layer, ready: settings.basemap && settings.bbox[0] <= settings.bbox[2] ? features().catch(() => {}) : Promise.resolve() };
}

/* The agency's boundaries, where the page names a file of them: a thin line, pale at its edges so that it shows on any image. */
function boundaryLayer(settings, grid) {
  const source = new VectorSource();
  const features = async () => {
    const answer = await fetch(new URL(settings.boundaries, document.baseURI));
    if (!answer.ok) return;
    const lines = boundaryLines(await answer.json(), surroundings(settings.bbox));
    source.addFeature(new Feature(new MultiLineString(lines).transform('EPSG:4326', grid)));
  };
  const style = () => [
    new Style({ stroke: new Stroke({ color: `${colour('--sheet')}99`, width: 4 }) }),
    new Style({ stroke: new Stroke({ color: colour('--ink'), width: 1.5 }) }),
  ];
  return { layer: new VectorLayer({ source, style, zIndex: 8 }), ready: features().catch(() => {}) };
}

function graticule(settings) {
  if (settings.bbox[0] > settings.bbox[2]) return [];
  const degrees = (value, [above, below]) => {
    const all = Math.round(Math.abs(value) * 3600), two = number => `${number}`.padStart(2, '0');
    const seconds = all % 60 ? `${two(all % 60)}″` : '', minutes = all % 3600 ? `${two(Math.floor(all / 60) % 60)}′` : '';
    return `${Math.floor(all / 3600)}°${minutes}${seconds}${value < 0 ? below : above}`;
  };
  const [eastWest, northSouth] = settings.language === 'vi' ? ['ĐT', 'BN'] : ['EW', 'NS'];
  const text = (at, baseline) => new Text({
    font: mono, textAlign: at, textBaseline: baseline, fill: new Fill({ color: colour('--ink') }),
    stroke: new Stroke({ color: colour('--sheet'), width: 3 }),
  });
  return [new Graticule({
    strokeStyle: new Stroke({ color: colour('--sea-line'), width: 1, lineDash: [2, 3] }),
    showLabels: true, wrapX: false, targetSize: 160, intervals: [10, 5, 2, 1, 0.5, 0.25, 1 / 6, 1 / 12, 1 / 30, 1 / 60, 1 / 120, 1 / 360],
    lonLabelFormatter: value => degrees(value, eastWest), latLabelFormatter: value => degrees(value, northSouth),
    lonLabelStyle: text('center', 'bottom'), latLabelStyle: text('end', 'bottom'),
  })];
}

/* A map in `target`. Resolves to the map and a function that waits for all that is asked for to be drawn. */
export async function openMap(target, settings) {
  const grid = projection(settings);
  const land = landLayer(settings, grid);
  const extent = settings.extent;
  const view = new View({
    projection: grid, extent: padded(extent, 1), constrainOnlyCenter: true, showFullExtent: true, smoothExtentConstraint: false,
    minResolution: getWidth(extent) / Math.max(settings.columns * 8, 4096), maxResolution: getWidth(extent) / 64, padding: [8, 8, 8, 8],
  });
  const words = settings.words;
  const boundaries = settings.boundaries ? [boundaryLayer(settings, grid)] : [];
  const map = new OLMap({
    target, view, layers: [land, ...boundaries].map(ground => ground.layer),
    controls: controls({ attribution: false, rotate: false, zoomOptions: { zoomInTipLabel: words.zoomIn, zoomOutTipLabel: words.zoomOut } })
      .extend([new ScaleLine({ minWidth: 80 })]),
  });
  for (const layer of graticule(settings)) { layer.setZIndex(9); map.addLayer(layer); }
  view.fit(extent);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', () => [land, ...boundaries].forEach(ground => ground.layer.changed()));
  await Promise.all([land, ...boundaries].map(ground => ground.ready));
  return { map, view, grid, drawn: () => new Promise(resolve => { map.once('rendercomplete', resolve); map.render(); }) };
}
