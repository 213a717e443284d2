/* The live map of a scene, step by step over the preview: first find out whether this browser, address and server can show it, then
   load the map, then put it in place of the preview once it is drawn. Whatever is missing, the preview stays and says why. */
(function () {
  'use strict';
  const here = document.currentScript.src;
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

  const load = name => new Promise((resolve, reject) => {
    const tag = document.createElement('script');
    tag.src = new URL(name, here).href;
    tag.onload = resolve;
    tag.onerror = () => reject(new Error(name));
    document.head.append(tag);
  });

  async function start() {
    if (location.protocol === 'file:') return keep(words.file);
    if (!hasWebGL()) return keep(words.webgl);
    if (!await hasRanges(settings.visual)) return keep(words.range);
    say(words.loading);
    window.CATALOGUE_MAP_WORKER = new URL('map/map-worker.js', here).href;
    await load('map/map.js');
    box.querySelector('.live').hidden = false;
    await window.CatalogueMap.open(box, settings, () => say(words.bands));
    box.classList.add('is-live');
    box.dataset.state = 'live';
    say('');
  }

  start().catch(() => keep(words.failed));
})();
