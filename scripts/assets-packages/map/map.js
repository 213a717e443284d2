/* The live map of a scene. Loaded by live.js once the browser, the address and the server have been found able to show it. */
import { transform } from 'ol/proj.js';
import { compare } from './compare.js';
import { dataLayer, visualLayer } from './image.js';
import { several } from './several.js';
import { openMap } from './view.js';

/* The place under the pointer, in the grid of the scene and in degrees. */
function readout(opened, box, settings) {
  const output = box.querySelector('.where');
  const whole = value => Math.round(value).toLocaleString(settings.language).replace(/[.,]/g, ' ');
  const degrees = value => value.toLocaleString(settings.language, { minimumFractionDigits: 5, maximumFractionDigits: 5 });
  const [east, north] = settings.language === 'vi' ? 'ĐB' : 'EN';
  const tell = place => {
    const [longitude, latitude] = transform(place, opened.grid, 'EPSG:4326');
    const metric = opened.grid.getUnits() === 'degrees' ? '' : `${east} ${whole(place[0])}  ${north} ${whole(place[1])} · `;
    output.textContent = `${metric}${degrees(latitude)}°, ${degrees(longitude)}°`;
  };
  opened.map.on('pointermove', event => tell(event.coordinate));
  opened.map.on('moveend', () => tell(opened.view.getCenter()));
  tell(opened.view.getCenter());
}

/* The controls: which picture, which bands, which stretch, how strong. */
class Looks {
  constructor(opened, box, settings, visual) {
    Object.assign(this, { opened, box, settings, visual, data: null, run: 0 });
    this.look = box.querySelector('.look');
    this.hands = [...box.querySelectorAll('.hand select')];
    this.look.addEventListener('change', () => this.choose());
    for (const hand of this.hands) hand.addEventListener('change', () => this.choose());
    box.querySelector('.stretch').addEventListener('change', () => this.stretch());
    box.querySelector('.gamma').addEventListener('input', () => this.stretch());
    box.querySelector('.opacity').addEventListener('input', () => this.fade());
  }

  get chosen() {
    const value = this.look.value;
    if (value === 'visual') return null;
    return value === 'hand' ? this.hands.map(hand => Number(hand.value)) : value.split(',').map(Number);
  }

  async choose() {
    const run = ++this.run, chosen = this.chosen;
    this.box.querySelector('.hand').hidden = this.look.value !== 'hand';
    this.box.querySelector('.raw').hidden = chosen === null;
    if (chosen && !(this.data && this.data.swap(chosen))) {
      const data = await dataLayer(this.settings, chosen);
      if (run !== this.run) return;
      if (this.data) this.opened.map.removeLayer(this.data.layer);
      this.data = data;
      this.opened.map.addLayer(data.layer);
    }
    this.visual.setVisible(chosen === null);
    if (this.data) this.data.layer.setVisible(chosen !== null);
    this.stretch();
    this.fade();
    await this.opened.drawn();
    this.box.dataset.drawn = String(run);
  }

  stretch() {
    const chosen = this.chosen;
    if (!chosen || !this.data) return;
    const kind = this.box.querySelector('.stretch').value, gamma = Number(this.box.querySelector('.gamma').value);
    this.data.stretch(chosen.map(n => this.settings.bands[n][kind]), 1 / gamma);
  }

  fade() {
    const opacity = Number(this.box.querySelector('.opacity').value) / 100;
    this.visual.setOpacity(opacity);
    if (this.data) this.data.layer.setOpacity(opacity);
  }
}

/* Open the map of the figure `box`; `fail` is called with an error that comes later, when a choice cannot be shown. */
async function scene(box, settings, fail) {
  const target = box.querySelector('.live');
  const opened = await openMap(target, settings);
  const visual = await visualLayer(settings);
  opened.map.addLayer(visual);
  await opened.drawn();
  readout(opened, box, settings);
  const looks = new Looks(opened, box, settings, visual);
  const choose = looks.choose.bind(looks);
  looks.choose = () => choose().catch(fail);
  box.querySelector('.tools').hidden = false;
  box.opened = { ...opened, toWgs84: place => transform(place, opened.grid, 'EPSG:4326') };
  return opened;
}

window.CatalogueMap = { open: (box, settings, fail) => settings.second ? compare(box, settings) : scene(box, settings, fail), several };
