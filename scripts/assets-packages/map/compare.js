/* Two dates of one place in one map, with a divider between them. */
import { getRenderPixel } from 'ol/render.js';
import { projection } from './grid.js';
import { visualLayer } from './image.js';
import { openMap } from './view.js';

/* Draw `layer` only to the right of the divider, which stands at `share()` of the width. */
function cut(map, layer, share) {
  layer.on('prerender', event => {
    const gl = event.context, [width, height] = map.getSize();
    const [left, bottom] = getRenderPixel(event, [0, height]), [right, top] = getRenderPixel(event, [width, 0]);
    const at = Math.round((right - left) * share());
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(left + at, bottom, right - left - at, top - bottom);
  });
  layer.on('postrender', event => event.context.disable(event.context.SCISSOR_TEST));
}

/* The divider follows the slider, and a finger or mouse on it moves the slider. */
function divider(box, map, slider) {
  const bar = box.querySelector('.divider');
  const place = () => { bar.style.left = `${slider.value}%`; map.render(); };
  slider.addEventListener('input', place);
  bar.addEventListener('pointerdown', event => { bar.setPointerCapture(event.pointerId); event.preventDefault(); });
  bar.addEventListener('pointermove', event => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const frame = box.querySelector('.live').getBoundingClientRect();
    slider.value = String(Math.max(0, Math.min(100, (event.clientX - frame.left) / frame.width * 100)));
    place();
  });
  bar.hidden = false;
  place();
}

/* Open the comparison of the figure `box`: the earlier scene below and on the left, the later one above and on the right. */
export async function compare(box, settings) {
  const slider = box.querySelector('.swipe');
  const opened = await openMap(box.querySelector('.live'), settings);
  projection(settings.second);
  const [earlier, later] = await Promise.all([visualLayer(settings), visualLayer(settings.second)]);
  cut(opened.map, later, () => Number(slider.value) / 100);
  opened.map.addLayer(earlier);
  opened.map.addLayer(later);
  await opened.drawn();
  box.querySelector('.tools').hidden = false;
  divider(box, opened.map, slider);
  box.opened = opened;
  return opened;
}
