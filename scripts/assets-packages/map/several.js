/* Several scenes in one map, each brought from its own grid into that of the web. */
import { containsExtent, createEmpty, extend, getWidth } from 'ol/extent.js';
import { transform, transformExtent } from 'ol/proj.js';
import { projection } from './grid.js';
import { visualLayer } from './image.js';
import { openMap } from './view.js';

const GRID = 'EPSG:3857';
const FINEST = 0.5;

/* The scene's extent in the map. */
const place = picture => transformExtent(picture.extent, picture.crs, GRID, 16);

/* A map in the figure `box` over the whole catalogue; `show` takes the layers, the topmost first, and resolves once they are drawn. */
export async function several(box, settings) {
  const extent = transformExtent(settings.bbox, 'EPSG:4326', GRID);
  // as many columns as the finest picture would have over the whole catalogue: so far one may zoom in
  const columns = Math.ceil(getWidth(extent) / FINEST);
  const opened = await openMap(box.querySelector('.live'), { ...settings, crs: GRID, definition: '', extent, columns });
  const layers = new Map();
  let run = 0;

  async function show(wanted) {
    const mine = ++run;
    for (const { picture } of wanted) projection(picture);
    const made = await Promise.all(wanted.map(async ({ key, picture }) => layers.get(key) ?? visualLayer(picture)));
    if (mine !== run) return;
    const fresh = wanted.filter(({ key }) => !layers.has(key));
    for (const [key, layer] of layers) {
      if (wanted.some(w => w.key === key)) continue;
      opened.map.removeLayer(layer);
      layer.dispose();
      layers.delete(key);
    }
    wanted.forEach(({ key, opacity }, n) => {
      const layer = made[n];
      if (!layers.has(key)) opened.map.addLayer(layer);
      layers.set(key, layer);
      layer.setZIndex(wanted.length - n);
      layer.setOpacity(opacity);
    });
    look(wanted, fresh);
    await opened.drawn();
  }

  /* Where a new scene lies outside of what is seen, all are brought into view. */
  function look(wanted, fresh) {
    const seen = opened.view.calculateExtent(opened.map.getSize());
    if (!fresh.length || fresh.every(({ picture }) => containsExtent(seen, place(picture)) && getWidth(place(picture)) > getWidth(seen) / 20)) return;
    opened.view.fit(wanted.reduce((all, { picture }) => extend(all, place(picture)), createEmpty()), { padding: [24, 24, 24, 24] });
  }

  box.opened = { ...opened, layers, fromWgs84: at => transform(at, 'EPSG:4326', GRID) };
  return { show, fade: (key, opacity) => layers.get(key)?.setOpacity(opacity) };
}
