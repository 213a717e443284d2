/* Search over the static index (catalog_builder/site/search.py). No library, no inline code; everything shown is set as text. */
(function () {
  'use strict';
  const form = document.getElementById('search');
  if (!form) return;
  const settings = JSON.parse(form.dataset.settings);
  const words = settings.words;
  const byId = id => document.getElementById(id);
  const PAGE = 24, OUTLINES = 200;
  const grouping = settings.language === 'vi' ? '.' : ',';
  let index = null, hits = [], shown = 0, run = 0;

  const number = n => String(n).replace(/\B(?=(\d{3})+$)/g, grouping);
  const decimal = n => settings.language === 'vi' ? String(n).replace('.', ',') : String(n);
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const fold = text => text.replace(/đ/g, 'd').replace(/Đ/g, 'D').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const tokens = text => fold(text).match(/[a-z0-9]+/g) || [];
  const pick = text => Array.isArray(text) ? text[settings.position] : text;

  /* ---- loading: fetch, or the script when the page was opened from a disk ---- */
  async function bytes(path) {
    const answer = await fetch(settings.root + 'search/' + path);
    if (!answer.ok) throw new Error(path + ': ' + answer.status);
    const raw = new Uint8Array(await answer.arrayBuffer());
    if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw;
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const json = async path => JSON.parse(new TextDecoder().decode(await bytes(path)));
  const once = load => { const kept = new Map(); return key => { if (!kept.has(key)) kept.set(key, load(key)); return kept.get(key); }; };

  function script() {
    return new Promise((resolve, reject) => {
      const tag = document.createElement('script');
      tag.src = settings.root + 'search/index.js';
      tag.onload = () => resolve(window.CATALOGUE_INDEX);
      tag.onerror = () => reject(new Error('index.js'));
      document.head.append(tag);
    });
  }

  async function load() {
    if (location.protocol === 'file:') {
      const whole = await script();
      const raw = Uint8Array.from(atob(whole.filter), c => c.charCodeAt(0));
      return prepare(whole.manifest, raw, async n => whole.rows[n], async letter => whole.text[letter] || {});
    }
    const [manifest, raw] = await Promise.all([json('manifest.json'), bytes('filter.bin.gz')]);
    return prepare(manifest, raw, once(n => json('rows/' + String(n).padStart(5, '0') + '.gz')), once(letter => json('text/' + letter + '.gz')));
  }

  function prepare(manifest, raw, rows, text) {
    const columns = {};
    let at = 0;
    const n = manifest.count;
    for (const [name, kind] of manifest.columns) {
      if (kind === 'u1') { columns[name] = raw.subarray(at, at + n); at += n; continue; }
      const whole = new Uint16Array(n);
      for (let i = 0, before = 0; i < n; i++) {
        const value = raw[at + i] | raw[at + n + i] << 8;
        whole[i] = kind === 'd2' ? value + before : value;
        before = whole[i];
      }
      columns[name] = whole;
      at += 2 * n;
    }
    const sum = (a, b) => a.map((v, i) => v + b[i]);
    columns.x0 = columns.x; columns.y0 = columns.y;
    columns.x1 = sum(columns.x, columns.width); columns.y1 = sum(columns.y, columns.height);
    columns.to = sum(columns.from, columns.length);
    return { manifest, columns, rows, text, day0: Date.parse(manifest.day0) / 864e5 };
  }
  const row = async n => (await index.rows(Math.floor(n / index.manifest.shard)))[n % index.manifest.shard];

  /* ---- the lists of the form: what each item counts for ---- */
  const FACETS = {
    collection: i => [index.manifest.collections[index.columns.collection[i]].id],
    class: i => [index.manifest.classes[index.columns.class[i] - 1]],
    platform: i => [index.manifest.platforms[index.columns.platform[i] - 1]],
    theme: i => index.manifest.collections[index.columns.collection[i]].themes,
  };
  const titles = new Map();
  /* Beside each choice stands how many scenes it would leave, all other fields being as they are. */
  function showCounts(counts) {
    for (const name of Object.keys(FACETS)) {
      for (const option of form.elements[name] ? form.elements[name].options : []) {
        if (!option.value) continue;
        if (!titles.has(option)) titles.set(option, option.text);
        option.text = `${titles.get(option)} (${number(counts[name].get(option.value) || 0)})`;
      }
    }
  }

  /* ---- the question ---- */
  function day(text, last) {
    const parts = text.trim().split(/[/.-]/).map(Number);
    if (!text.trim()) return null;
    if (parts.some(p => !Number.isInteger(p)) || parts.length > 3) return NaN;
    if (parts.length === 3 && parts[0] > 31) parts.reverse();
    const [year, month, date] = parts.reverse();
    if (year < 1800 || year > 2200) return NaN;
    const first = Date.UTC(year, (month || 1) - 1, date || 1);
    if (month !== undefined && (month < 1 || month > 12)) return NaN;
    if (date !== undefined && new Date(first).getUTCDate() !== date) return NaN;
    const end = date !== undefined ? first : Date.UTC(month === undefined ? year + 1 : year, month === undefined ? 0 : month, 0);
    return (last ? end : first) / 864e5 - index.day0;
  }

  function box(text) {
    if (!text.trim()) return null;
    const parts = text.split(/[,;\s]+/).filter(Boolean).map(Number);
    const good = parts.length === 4 && parts.every(Number.isFinite) && parts[1] <= parts[3] && Math.abs(parts[1]) <= 90 && Math.abs(parts[3]) <= 90;
    return good ? parts : NaN;
  }

  function question() {
    const q = Object.fromEntries(new FormData(form).entries());
    const asked = { q: tokens(q.q || ''), from: day(q.from || '', false), to: day(q.to || '', true), box: box(q.bbox || '') };
    const wrong = { from: Number.isNaN(asked.from), to: Number.isNaN(asked.to), bbox: Number.isNaN(asked.box) };
    for (const name in wrong) byId(name).setAttribute('aria-invalid', wrong[name]);
    const problem = wrong.from || wrong.to ? words.date : wrong.bbox ? words.box : '';
    byId('problem').textContent = problem;
    byId('problem').hidden = !problem;
    asked.cloud = q.cloud === '' || q.cloud === undefined ? null : Number(q.cloud);
    asked.facets = Object.entries(FACETS).filter(([name]) => q[name]).map(([name, of]) => [name, i => of(i).includes(q[name])]);
    return problem ? null : asked;
  }

  /* ---- the answer: columns first, exact boxes only where the rounding leaves a doubt ---- */
  async function withWords(list) {
    if (!list.length) return null;
    let found = null;
    for (const word of list) {
      const marks = new Uint8Array(index.manifest.count);
      for (const letter of index.manifest.letters.filter(l => word.startsWith(l) || l.startsWith(word))) {
        const postings = await index.text(letter);
        for (const token in postings) if (token.startsWith(word)) { let n = 0; for (const step of postings[token]) marks[n += step] = 1; }
      }
      const whole = index.manifest.collections.map(c => c.words.some(w => w.startsWith(word)));
      if (whole.some(Boolean)) index.columns.collection.forEach((c, n) => { if (whole[c]) marks[n] = 1; });
      found = found ? found.map((m, n) => m & marks[n]) : marks;
    }
    return found;
  }

  function meets(bbox, [w, s, e, n]) {
    const halves = b => b[0] > b[2] ? [[b[0], 180], [-180, b[2]]] : [[b[0], b[2]]];
    return bbox && bbox[1] <= n && bbox[3] >= s && halves(bbox).some(a => halves([w, s, e, n]).some(b => a[0] <= b[1] && a[1] >= b[0]));
  }

  async function answer(asked) {
    const { columns, manifest } = index, marks = await withWords(asked.q), sure = [], doubtful = [];
    const counts = Object.fromEntries(Object.keys(FACETS).map(name => [name, new Map()]));
    const count = (i, failed) => {
      for (const name of failed.length ? [failed[0][0]] : Object.keys(FACETS)) {
        for (const value of FACETS[name](i)) counts[name].set(value, (counts[name].get(value) || 0) + 1);
      }
    };
    let w, s, e, n, wraps = false;
    if (asked.box) {
      const [x0, y0, x1, y1] = manifest.extent, steps = manifest.steps;
      const place = (v, low, high) => high > low ? (v - low) / (high - low) * steps : v < low ? -1 : v > high ? steps + 1 : 0;
      w = place(asked.box[0], x0, x1); s = place(asked.box[1], y0, y1); e = place(asked.box[2], x0, x1); n = place(asked.box[3], y0, y1);
      wraps = asked.box[0] > asked.box[2];
    }
    for (let i = 0; i < manifest.count; i++) {
      if (marks && !marks[i]) continue;
      if (asked.from !== null && columns.to[i] < asked.from) continue;
      if (asked.to !== null && columns.from[i] > asked.to) continue;
      if (asked.cloud !== null && (columns.cloud[i] === 255 || columns.cloud[i] > asked.cloud)) continue;
      const failed = asked.facets.filter(([, holds]) => !holds(i));
      if (failed.length > 1) continue;
      const hit = failed.length === 0;
      if (!asked.box) { count(i, failed); if (hit) sure.push(i); continue; }
      if (columns.flags[i] & 1) continue;
      const a = columns.x0[i], b = columns.y0[i], c = columns.x1[i], d = columns.y1[i];
      if (d < s || b > n || (!wraps && (c < w || a > e))) continue;
      const whole = a === 0 && c === manifest.steps;
      const inside = !wraps && !whole && c - 1 >= w && a + 1 <= e && d - 1 >= s && b + 1 <= n;
      // a scene on the brink of the box that another choice would show is counted by its box in the index, to a 65,535th
      if (inside || !hit) count(i, failed);
      if (hit) (inside ? sure : doubtful).push(i);
    }
    const rows = await Promise.all(doubtful.map(row));
    doubtful.forEach((i, n) => { if (meets(rows[n].bbox, asked.box)) { sure.push(i); count(i, []); } });
    return { found: sure.sort((a, b) => a - b), counts };
  }

  /* ---- showing ---- */
  const make = (name, text, className) => { const it = document.createElement(name); if (text) it.textContent = text; if (className) it.className = className; return it; };
  const url = path => path.split('/').map(encodeURIComponent).join('/');

  function result(r) {
    const item = make('li'), link = make('a'), facts = make('span');
    link.href = settings.pages + url(r.path);
    if (r.thumbnail) { const image = make('img'); image.src = settings.root + url(r.thumbnail); image.alt = ''; image.loading = 'lazy'; image.width = image.height = 72; link.append(image); }
    else link.append(make('span', '', 'noimage'));
    facts.append(make('b', pick(r.title)));
    if (r.code) facts.append(make('span', r.code, 'code'));
    const parts = [pick(r.title).includes(pick(r.when)) ? '' : pick(r.when), r.gsd === undefined ? '' : decimal(r.gsd) + ' m',
      r.cloud === undefined ? '' : say(words.cloud, { cover: decimal(r.cloud) + (settings.language === 'vi' ? ' %' : '%') })];
    facts.append(make('span', parts.filter(Boolean).join(' · '), 'code'));
    link.append(facts);
    item.append(link);
    return item;
  }

  async function more(mine) {
    const next = hits.slice(shown, shown + PAGE), rows = await Promise.all(next.map(row));
    if (mine !== run) return;
    const first = shown;
    shown += next.length;
    byId('results').append(...rows.map(result));
    byId('more').hidden = shown >= hits.length;
    if (first) byId('results').children[first].querySelector('a').focus();
  }

  function years() {
    const counts = new Map();
    for (const i of hits) { const y = new Date((index.columns.from[i] + index.day0) * 864e5).getUTCFullYear(); counts.set(y, (counts.get(y) || 0) + 1); }
    const top = Math.max(...counts.values(), 1);
    byId('years').replaceChildren(...[...counts].sort((a, b) => b[0] - a[0]).map(([year, count]) => {
      const item = make('li'), button = make('button'), bar = make('meter');
      bar.max = top; bar.value = count; bar.setAttribute('aria-hidden', 'true');
      button.type = 'button';
      button.append(make('span', String(year)), bar, make('span', number(count)));
      button.addEventListener('click', () => { form.elements.from.value = form.elements.to.value = String(year); ask(); });
      item.append(button);
      return item;
    }));
  }

  const svg = document.querySelector('#draw svg');
  const view = form.dataset.window.split(',').map(Number);
  const width = svg ? svg.viewBox.baseVal.width : 1, height = svg ? svg.viewBox.baseVal.height : 1;
  const toX = lon => (lon - view[0]) / (view[2] - view[0]) * width, toY = lat => (view[3] - lat) / (view[3] - view[1]) * height;
  function layer(className) {
    let path = svg.querySelector('.' + className);
    if (!path) { path = document.createElementNS('http://www.w3.org/2000/svg', 'path'); path.setAttribute('class', className); svg.append(path); }
    return path;
  }
  const rectangle = ([w, s, e, n]) => `M${toX(w).toFixed(1)} ${toY(n).toFixed(1)}H${toX(e).toFixed(1)}V${toY(s).toFixed(1)}H${toX(w).toFixed(1)}z`;
  function drawMap(asked) {
    if (!svg) return;
    const [x0, y0, x1, y1] = index.manifest.extent, steps = index.manifest.steps, c = index.columns;
    const boxes = hits.slice(0, OUTLINES).filter(i => !(c.flags[i] & 1))
      .map(i => [x0 + c.x0[i] / steps * (x1 - x0), y0 + c.y0[i] / steps * (y1 - y0), x0 + c.x1[i] / steps * (x1 - x0), y0 + c.y1[i] / steps * (y1 - y0)]);
    layer('found').setAttribute('d', boxes.map(rectangle).join(''));
    layer('drawn').setAttribute('d', asked.box && asked.box[0] <= asked.box[2] ? rectangle(asked.box) : '');
  }
  if (svg) {
    let start = null;
    const at = event => { const r = svg.getBoundingClientRect(); return [view[0] + (event.clientX - r.left) / r.width * (view[2] - view[0]), view[3] - (event.clientY - r.top) / r.height * (view[3] - view[1])]; };
    const around = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    svg.addEventListener('pointerdown', event => { start = at(event); svg.setPointerCapture(event.pointerId); });
    svg.addEventListener('pointermove', event => { if (start) layer('drawn').setAttribute('d', rectangle(around(start, at(event)))); });
    svg.addEventListener('pointerup', event => {
      if (!start) return;
      const drawn = around(start, at(event));
      start = null;
      const tiny = (drawn[2] - drawn[0]) / (view[2] - view[0]) < 0.01;
      form.elements.bbox.value = tiny ? '' : drawn.map(v => v.toFixed(4)).join(', ');
      ask();
    });
  }

  /* ---- taking away ---- */
  const cell = value => { const t = value === undefined || value === null ? '' : String(value); const safe = /^[=+\-@\t\r]/.test(t) && Number.isNaN(Number(t)) ? "'" + t : t; return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe; };
  const absolute = path => settings.address ? settings.address + url(path) : new URL(settings.root + url(path), location.href).href;
  function geometry(b) {
    if (!b) return null;
    const ring = (w, e) => [[[w, b[1]], [e, b[1]], [e, b[3]], [w, b[3]], [w, b[1]]]];
    return b[0] > b[2] ? { type: 'MultiPolygon', coordinates: [ring(b[0], 180), ring(-180, b[2])] } : { type: 'Polygon', coordinates: ring(b[0], b[2]) };
  }
  const quoted = text => "'" + text.replace(/'/g, "'\\''") + "'";
  function fetched(folder, asset) {
    const file = quoted(folder + '/' + decodeURIComponent(new URL(asset.href).pathname.split('/').pop()));
    const checksum = asset['file:checksum'] || '';
    const check = checksum.startsWith('1220') ? `echo ${quoted(checksum.slice(4) + '  ')}${file} | sha256sum -c -\n` : '';
    return `curl -fL --retry 3 -C - --create-dirs -o ${file} ${quoted(asset.href)}\n${check}`;
  }
  /** The items themselves, with absolute links: what the row of the index does not hold. */
  const items = rows => Promise.all(rows.map(async r => {
    const item = await (await fetch(new URL(settings.root + url(r.json), location.href))).json(), base = absolute(r.json);
    for (const thing of [...Object.values(item.assets), ...item.links]) thing.href = new URL(thing.href, base).href;
    return item;
  }));
  const exports = {
    csv: async rows => ['text/csv', '\ufeff' + ['id,collection,title,start,end,west,south,east,north,gsd_m,cloud_percent,stac'].concat(rows.map(r =>
      [r.id, r.collection, r.code || pick(r.title), r.start, r.end, ...(r.bbox || ['', '', '', '']), r.gsd, r.cloud, absolute(r.json)].map(cell).join(','))).join('\r\n') + '\r\n'],
    geojson: async rows => ['application/geo+json', JSON.stringify({ type: 'FeatureCollection', features: rows.map(r => ({ type: 'Feature', id: r.id, geometry: geometry(r.bbox),
      properties: { title: pick(r.title), collection: r.collection, start: r.start, end: r.end, gsd: r.gsd, cloud: r.cloud, stac: absolute(r.json) } })) })],
    stac: async rows => ['application/geo+json', JSON.stringify({ type: 'FeatureCollection', features: await items(rows) })],
    sh: async rows => ['text/x-shellscript', '#!/bin/sh\n# curl, sha256sum\nset -eu\n' + (await items(rows)).flatMap(item =>
      Object.values(item.assets).filter(a => (a.roles || []).includes('data')).map(a => fetched(item.id, a))).join('')]
  };
  const suffix = { csv: 'csv', geojson: 'geojson', stac: 'json', sh: 'sh' };
  if (location.protocol === 'file:') for (const kind of ['stac', 'sh']) document.querySelector(`[data-export=${kind}]`).hidden = true;
  byId('export').addEventListener('click', async event => {
    const kind = event.target.dataset.export;
    if (!kind) return;
    const [type, text] = await exports[kind](await Promise.all(hits.map(row)));
    const link = make('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = settings.catalogue + '.' + suffix[kind];
    link.click();
    URL.revokeObjectURL(link.href);
  });

  /* ---- asking: on submit and while typing; the address always says what was asked ---- */
  function remember() {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
    if (location.protocol === 'file:') location.replace('#' + query);
    else history.replaceState(null, '', query ? '?' + query : location.pathname);
  }
  async function ask() {
    const mine = ++run, asked = question();
    if (!asked) return;
    const { found, counts } = await answer(asked);
    if (mine !== run) return;
    showCounts(counts);
    hits = found;
    shown = 0;
    byId('status').textContent = hits.length ? say(hits.length === 1 ? words.one : words.many, { n: number(hits.length) }) : words.none;
    byId('results').replaceChildren();
    byId('export').hidden = !hits.length;
    years();
    drawMap(asked);
    remember();
    await more(mine);
    document.body.dataset.answered = String(mine);
  }
  let waiting = 0;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(ask, 200); };

  byId('status').textContent = words.loading;
  for (const [key, value] of new URLSearchParams(location.search || location.hash.slice(1))) if (form.elements[key]) form.elements[key].value = value;
  load().then(loaded => {
    index = loaded;
    form.addEventListener('submit', event => { event.preventDefault(); ask(); });
    form.addEventListener('input', soon);
    form.addEventListener('reset', () => setTimeout(ask));
    byId('more').addEventListener('click', () => more(run));
    return ask();
  }).catch(error => {
    console.info(error);
    byId('status').textContent = '';
    byId('problem').hidden = false;
    byId('problem').textContent = location.protocol === 'file:' ? words.disk : words.failed;
  });
})();
