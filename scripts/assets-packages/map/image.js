/* Images from Cloud-Optimized GeoTIFFs: the picture that was made for looking, or bands of the data with a stretch. */
import WebGLTile from 'ol/layer/WebGLTile.js';
import GeoTIFF from 'ol/source/GeoTIFF.js';

const MAX_BANDS = 6;

const absolute = path => new URL(path, document.baseURI).href;

function source(settings, sources, options) {
  return new GeoTIFF({ sources, projection: settings.crs, wrapX: false, transition: 0, interpolate: true, ...options });
}

/* Wait until the headers are read. A damaged file can leave OpenLayers with a source that is ready and has no image. */
async function ready(made) {
  await made.getView();
  const extent = made.getTileGrid()?.getExtent();
  if (made.getState() !== 'ready' || !extent || !(extent[2] > extent[0])) throw made.getError() ?? new Error('no image in the file');
}

/* The visual: 8 bits, one or three bands, and an alpha band where the file has a mask. */
export async function visualLayer(settings) {
  const made = source(settings, [{ url: absolute(settings.visual), min: 0, max: 255 }], { convertToRGB: 'auto' });
  await ready(made);
  const colours = made.bandCount - (made.hasAlpha ? 1 : 0);
  const channels = colours >= 3 ? [1, 2, 3] : [1, 1, 1];
  const alpha = made.hasAlpha ? ['band', made.bandCount] : 1;
  return new WebGLTile({ source: made, style: { color: ['array', ...channels.map(n => ['band', n]), alpha] } });
}

/* Bands of the data. `chosen` are three indexes into settings.bands, all on one grid; the layer's `swap` answers whether it can
   show another choice without reading anything anew. */
export async function dataLayer(settings, chosen) {
  const files = [...new Set(chosen.map(n => settings.bands[n].file))];
  const sources = [], places = new Map();
  for (const file of files) {
    const all = settings.bands.map((band, n) => ({ ...band, n })).filter(band => band.file === file);
    const wanted = all.length > MAX_BANDS ? all.filter(band => chosen.includes(band.n)) : all;
    const nodata = [];
    for (const band of all) if (band.nodata !== null) nodata[band.band - 1] = band.nodata === 'nan' ? NaN : band.nodata;
    const info = { url: absolute(settings.files[file]), bands: wanted.map(band => band.band) };
    // every place of the list must be there, or OpenLayers takes the value of another band
    sources.push(nodata.length ? { ...info, nodata: Array.from({ length: all.length }, (_, i) => nodata[i]) } : info);
    for (const band of wanted) places.set(band.n, places.size + 1);
  }
  // raw values: with normalize, OpenLayers would stretch all bands by the statistics of the first
  const made = source(settings, sources, { normalize: false, convertToRGB: false });
  await ready(made);
  const channel = i => {
    const scaled = ['interpolate', ['linear'], ['band', ['var', `band${i}`]], ['var', `low${i}`], 0, ['var', `high${i}`], 1];
    return ['^', scaled, ['var', 'gamma']];
  };
  // the alpha band that OpenLayers adds holds 255, also where the other bands are raw values
  const alpha = made.hasAlpha ? ['/', ['band', made.bandCount], 255] : 1;
  const variables = { gamma: 1 };
  for (const i of [0, 1, 2]) Object.assign(variables, { [`band${i}`]: places.get(chosen[i]), [`low${i}`]: 0, [`high${i}`]: 1 });
  const layer = new WebGLTile({ source: made, style: { variables, color: ['array', channel(0), channel(1), channel(2), alpha] } });
  const swap = next => {
    if (!next.every(n => places.has(n))) return false;
    layer.updateStyleVariables(Object.fromEntries(next.map((n, i) => [`band${i}`, places.get(n)])));
    return true;
  };
  const stretch = (ranges, gamma) => {
    const values = { gamma };
    ranges.forEach(([low, high], i) => Object.assign(values, { [`low${i}`]: low, [`high${i}`]: high > low ? high : low + 1 }));
    layer.updateStyleVariables(values);
  };
  return { layer, swap, stretch };
}
