/* Several scenes on one map of the search page: their list with opacity, order and removal, and the map with their pictures. What
   each scene needs for the map stands on its own page. */
window.CatalogueChosen = (function () {
  'use strict';
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const make = (name, text, className) => { const it = document.createElement(name); if (text) it.textContent = text; if (className) it.className = className; return it; };
  const scenes = new Map();
  let map = null, run = 0;

  /* The scene in `folder` as its page tells: title, address, and the settings of its picture or a word on why there is none. */
  function scene(folder, settings) {
    if (!scenes.has(folder)) scenes.set(folder, read(folder, settings));
    return scenes.get(folder);
  }
  async function read(folder, settings) {
    const href = settings.scenes[0] + folder.split('/').map(encodeURIComponent).join('/') + settings.scenes[1], address = new URL(href, location.href);
    const answer = await fetch(address);
    if (!answer.ok) return { href, title: folder, why: settings.words.gone };
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const title = page.querySelector('h1').textContent, told = page.querySelector('[data-map]');
    const picture = told ? JSON.parse(told.dataset.map) : {};
    if (!picture.visual || picture.second) return { href, title, why: settings.words.noPicture };
    if (picture.bbox[0] > picture.bbox[2]) return { href, title, why: settings.words.crosses };
    return { href, title, picture: { ...picture, visual: new URL(picture.visual, address).href } };
  }

  /* The list: what lies on the map, the topmost first. */
  function list(box, settings, chosen, known, change) {
    const words = settings.words, place = box.querySelector('.layers');
    place.replaceChildren(...chosen.map((one, n) => {
      const { title, href, why } = known[n], item = make('li'), link = make('a', title), acts = make('p', '', 'acts');
      link.href = href;
      item.append(link);
      if (why) item.append(make('span', why, 'note'));
      const slider = make('input');
      Object.assign(slider, { type: 'range', min: '0', max: '100', step: '5', value: String(one.opacity), disabled: Boolean(why) });
      slider.setAttribute('aria-label', say(words.opacity, { title }));
      slider.addEventListener('input', () => { if (map) map.fade(one.folder, Number(slider.value) / 100); });
      slider.addEventListener('change', () => change(chosen.map(c => c === one ? { ...c, opacity: Number(slider.value) } : c)));
      const button = (key, sign, next, off) => {
        const it = make('button', sign, 'btn alt');
        it.type = 'button';
        it.disabled = off;
        it.dataset.act = key;
        it.title = words[key];
        it.setAttribute('aria-label', say(words[key + 'Of'], { title }));
        it.addEventListener('click', async () => {
          await change(next);
          const item = place.children[next.indexOf(one)] || place.lastElementChild;
          const again = item && (item.querySelector(`[data-act=${key}]:enabled`) || item.querySelector('button:enabled'));
          (again || document.getElementById('chosen-title')).focus();
        });
        return it;
      };
      const moved = by => { const all = chosen.slice(); all.splice(n, 1); all.splice(n + by, 0, one); return all; };
      acts.append(slider, button('up', '↑', moved(-1), n === 0), button('down', '↓', moved(1), n === chosen.length - 1),
        button('remove', '×', chosen.filter(c => c !== one), false));
      item.append(acts);
      return item;
    }));
  }

  /* Show `chosen` in the section `box`; `change` takes a new choice. */
  async function show(box, settings, chosen, change) {
    const mine = ++run, figure = box.querySelector('.neat'), status = box.querySelector('.state'), words = settings.words;
    const tell = text => { status.textContent = text; status.hidden = !text; };
    box.hidden = !chosen.length;
    const known = await Promise.all(chosen.map(one => scene(one.folder, settings)));
    if (mine !== run) return;
    list(box, settings, chosen, known, change);
    const layers = chosen.map((one, n) => ({ key: one.folder, opacity: one.opacity / 100, picture: known[n].picture })).filter(l => l.picture);
    if (layers.length === 0 && !map) return figure.closest('figure').hidden = true;
    figure.closest('figure').hidden = false;
    try {
      const obstacle = map ? '' : await CatalogueLive.obstacle(layers[0].picture.visual);
      if (obstacle) { figure.querySelector('.stage').hidden = true; return tell(words['map' + obstacle[0].toUpperCase() + obstacle.slice(1)]); }
      tell(words.reading);
      const maps = await CatalogueLive.load();
      if (mine !== run) return;
      map ??= await maps.several(figure, settings);
      await map.show(layers);
      if (mine !== run) return;
      figure.classList.add('is-live');
      figure.dataset.state = 'live';
      figure.dataset.shown = layers.map(l => `${l.key}@${l.opacity}`).join(',');
      tell('');
    } catch (error) {
      console.info(error);
      tell(words.mapFailed);
    }
  }

  return { show };
})();
