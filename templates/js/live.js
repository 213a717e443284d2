/* The live map of a scene, step by step over the preview: first find out whether this browser, address and server can show it, then
   load the map, then put it in place of the preview once it is drawn. Whatever is missing, the preview stays and says why.
   CatalogueLive serves the map of the search page too (chosen.js). */
window.CatalogueLive = (function () {
  'use strict';
  const here = document.currentScript.src;

  function hasWebGL() {
    try {
      return Boolean(document.createElement('canvas').getContext('webgl2'));
    } catch (problem) {
      return false;
    }
  }

  /* Without ranges a reader would have to fetch whole files: 16 bytes show whether the server can do better. Past the cache, because
     a browser answers with a part of a whole file that it holds. */
  async function hasRanges(path) {
    const answer = await fetch(new URL(path, document.baseURI), { headers: { Range: 'bytes=0-15' }, cache: 'no-store' });
    if (answer.body) answer.body.cancel();
    if (answer.status !== 206 && !answer.ok) throw new Error(String(answer.status));
    return answer.status === 206;
  }

  /* What stands against a map of this picture: 'file', 'webgl' or 'range'; nothing where it can be drawn. */
  async function obstacle(visual) {
    if (location.protocol === 'file:') return 'file';
    if (!hasWebGL()) return 'webgl';
    return await hasRanges(visual) ? '' : 'range';
  }

  /* Load the map (map/map.js), once; resolves to window.CatalogueMap. */
  let loading = null;
  function load() {
    loading ??= new Promise((resolve, reject) => {
      window.CATALOGUE_MAP_WORKER = new URL('map/map-worker.js', here).href;
      const tag = document.createElement('script');
      tag.src = new URL('map/map.js', here).href;
      tag.onload = () => resolve(window.CatalogueMap);
      tag.onerror = () => reject(new Error(tag.src));
      document.head.append(tag);
    });
    return loading;
  }

  return { obstacle, load };
})();

(function () {
  'use strict';
  const box = document.querySelector('[data-map]');
  if (!box) return;
  const settings = JSON.parse(box.dataset.map);
  const words = settings.words;
  const status = box.querySelector('.state');

  const say = text => { status.textContent = text; status.hidden = !text; };

  function keep(reason) {
    box.dataset.state = 'preview';
    box.classList.remove('is-live');
    box.querySelector('.live').hidden = true;
    box.querySelector('.tools').hidden = true;
    say(reason);
  }

  async function start() {
    // a scene that the map would draw in the wrong place says so itself
    if (settings.why) return keep(settings.why);
    const obstacle = await CatalogueLive.obstacle(settings.visual);
    if (obstacle) return keep(words[obstacle]);
    say(words.loading);
    const map = await CatalogueLive.load();
    box.querySelector('.live').hidden = false;
    await map.open(box, settings, () => say(words.bands));
    box.classList.add('is-live');
    box.dataset.state = 'live';
    say('');
  }

  /* The map costs a telephone more than all the rest of the page, so it is opened for a visitor who is there: at the first movement,
     touch, key or scroll, or after a while of looking. Whoever only leafs through pages is spared it. */
  const signs = ['pointermove', 'pointerdown', 'keydown', 'scroll'];
  const open = () => {
    clearTimeout(lingering);
    signs.forEach(sign => removeEventListener(sign, open));
    start().catch(() => keep(words.failed));
  };
  const lingering = setTimeout(open, 6000);
  signs.forEach(sign => addEventListener(sign, open, { passive: true }));
})();
