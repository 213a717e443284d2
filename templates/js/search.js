/* The search page: asks the static index (search-index.js) and shows the answer as list, timeline and map. No inline code; everything
   shown is set as text. */
(function () {
  'use strict';
  const form = document.getElementById('search');
  if (!form) return;
  const here = document.currentScript.src;
  const settings = JSON.parse(form.dataset.settings);
  const words = settings.words;
  const byId = id => document.getElementById(id);
  const isDisk = location.protocol === 'file:';
  const PAGE = 20, OUTLINES = 200;
  const grouping = settings.language === 'vi' ? '.' : ',';
  let index = null, hits = [], shown = 0, run = 0;

  const number = n => String(n).replace(/\B(?=(\d{3})+$)/g, grouping);
  const decimal = n => settings.language === 'vi' ? String(n).replace('.', ',') : String(n);
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const pick = text => Array.isArray(text) ? text[settings.position] : text;
  function when(r) {
    if (r.when !== undefined) return pick(r.when);
    const day = new Date(r.day * 864e5), parts = [day.getUTCDate(), day.getUTCMonth() + 1, day.getUTCFullYear()];
    return settings.language === 'vi' ? parts.map(n => String(n).padStart(2, '0')).join('/') : `${parts[0]} ${settings.months[parts[1] - 1]} ${parts[2]}`;
  }
  const titled = r => r.title !== undefined ? pick(r.title) : r.platform ? `${r.platform}, ${when(r)}` : when(r);
  const make = (name, text, className) => { const it = document.createElement(name); if (text) it.textContent = text; if (className) it.className = className; return it; };
  const url = path => path.split('/').map(encodeURIComponent).join('/');

  /* ---- the lists of the form: beside each choice stands how many scenes it would leave, all other fields being as they are ---- */
  const titles = new Map();
  function showCounts(counts) {
    for (const [name, found] of Object.entries(counts)) {
      for (const option of form.elements[name] ? form.elements[name].options : []) {
        if (!option.value) continue;
        if (!titles.has(option)) titles.set(option, option.text);
        const text = `${titles.get(option)} (${number(found.get(option.value) || 0)})`;
        if (option.text !== text) option.text = text;
      }
    }
  }

  /* Administrative units, those of a unit below it. */
  function listPlaces() {
    const list = form.elements.place, all = index.manifest.places, known = new Set(all.map(p => p.code));
    if (!list) return;
    const option = place => new Option(pick(place.name), place.code);
    for (const place of all.filter(p => !known.has(p.parent))) {
      list.append(option(place));
      const below = all.filter(p => p.parent === place.code);
      if (!below.length) continue;
      const group = make('optgroup');
      group.label = pick(place.name);
      group.append(...below.map(option));
      list.append(group);
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
    const asked = { ...q, words: CatalogueIndex.tokens(q.q || ''), from: day(q.from || '', false), to: day(q.to || '', true), box: box(q.bbox || '') };
    const wrong = { from: Number.isNaN(asked.from), to: Number.isNaN(asked.to), bbox: Number.isNaN(asked.box) };
    for (const name in wrong) byId(name).setAttribute('aria-invalid', wrong[name]);
    const problem = wrong.from || wrong.to ? words.date : wrong.bbox ? words.box : '';
    byId('problem').textContent = problem;
    byId('problem').hidden = !problem;
    asked.cloud = q.cloud === '' || q.cloud === undefined ? null : Number(q.cloud);
    return problem ? null : asked;
  }

  /* ---- showing ---- */
  function result(r) {
    const item = make('li'), link = make('a'), facts = make('span'), title = titled(r);
    link.href = settings.scenes[0] + url(r.folder) + settings.scenes[1];
    if (r.thumbnail) { const image = make('img'); image.src = settings.root + url(r.thumbnail); image.alt = ''; image.loading = 'lazy'; image.width = image.height = 72; link.append(image); }
    else link.append(make('span', '', 'noimage'));
    facts.append(make('b', title));
    if (r.code) facts.append(make('span', r.code, 'code'));
    const parts = [title.includes(when(r)) ? '' : when(r), r.gsd === undefined ? '' : decimal(Number(r.gsd.toPrecision(4))) + ' m',
      r.cloud === undefined ? '' : say(words.cloud, { cover: decimal(Math.round(r.cloud * 10) / 10) + (settings.language === 'vi' ? ' %' : '%') })];
    facts.append(make('span', parts.filter(Boolean).join(' · '), 'code'));
    link.append(facts);
    item.append(link);
    if (r.thumbnail && !isDisk && byId('chosen')) item.append(tick(r.folder, r.code ? `${title} · ${r.code}` : title));
    return item;
  }

  async function more(mine) {
    const next = hits.slice(shown, shown + PAGE), rows = await index.rows(next);
    if (mine !== run) return;
    const first = shown;
    shown += next.length;
    byId('results').append(...rows.map(result));
    byId('more').hidden = shown >= hits.length;
    if (first) byId('results').children[first].querySelector('a').focus();
  }

  function years() {
    const counts = index.years(hits), top = Math.max(...counts.values(), 1);
    byId('years').replaceChildren(...[...counts].reverse().map(([year, count]) => {
      const item = make('li'), button = make('button'), bar = make('meter');
      bar.max = top; bar.value = count; bar.setAttribute('aria-hidden', 'true');
      button.type = 'button';
      button.append(make('span', String(year)), bar, make('span', number(count)));
      button.addEventListener('click', () => { form.elements.from.value = form.elements.to.value = String(year); ask(); });
      item.append(button);
      return item;
    }));
  }

  /* ---- scenes chosen for the live map: folders with their opacity, the topmost first; chosen.js shows them ---- */
  let chosen = [];
  const LIMIT = settings.most;
  const isFolder = text => /^[\w.-]+(\/[\w.-]+)*$/.test(text) && !text.split('/').includes('..');
  function tick(folder, title) {
    const label = make('label', '', 'tick'), input = make('input');
    input.type = 'checkbox';
    input.value = folder;
    input.checked = chosen.some(c => c.folder === folder);
    input.disabled = !input.checked && chosen.length >= LIMIT;
    input.setAttribute('aria-label', say(words.show, { title }));
    input.addEventListener('change', () => choose(input.checked ? [{ folder, opacity: 100 }, ...chosen] : chosen.filter(c => c.folder !== folder)));
    label.append(input, make('span', words.onMap));
    return label;
  }
  const loaded = new Map();
  const loadOnce = name => {
    if (!loaded.has(name)) loaded.set(name, new Promise((resolve, reject) => {
      const tag = make('script');
      tag.src = new URL(name, here).href;
      tag.onload = resolve;
      tag.onerror = () => reject(new Error(name));
      document.head.append(tag);
    }));
    return loaded.get(name);
  };
  async function choose(next) {
    chosen = next.slice(0, LIMIT);
    for (const input of document.querySelectorAll('.tick input')) {
      input.checked = chosen.some(c => c.folder === input.value);
      input.disabled = !input.checked && chosen.length >= LIMIT;
    }
    byId('full').hidden = chosen.length < LIMIT;
    remember();
    if (!chosen.length && !loaded.size) return;
    await Promise.all(['live.js', 'chosen.js'].map(loadOnce));
    await CatalogueChosen.show(byId('chosen'), settings, chosen, choose);
  }

  /* ---- taking away: taking.js makes the files ---- */
  if (isDisk) for (const kind of ['stac', 'sh']) document.querySelector(`[data-export=${kind}]`).hidden = true;
  byId('export').addEventListener('click', async event => {
    const kind = event.target.dataset.export;
    if (!kind) return;
    byId('taking').textContent = words.taking;
    try {
      await loadOnce('taking.js');
      const rows = await index.rows(hits);
      await CatalogueTaking.take(kind, rows.map(r => ({ ...r, title: titled(r) })), settings);
      byId('taking').textContent = '';
    } catch (error) {
      console.info(error);
      byId('taking').textContent = words.lost;
    }
  });

  /* ---- asking: on submit and while typing; the address always says what was asked and what the map shows ---- */
  function remember() {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    if (chosen.length) query.set('show', chosen.map(c => c.opacity === 100 ? c.folder : `${c.folder}@${c.opacity}`).join(','));
    const text = query.toString().replace(/%2F/g, '/').replace(/%2C/g, ',').replace(/%40/g, '@');
    if (isDisk) location.replace('#' + text);
    else history.replaceState(null, '', text ? '?' + text : location.pathname);
  }
  function recall() {
    const query = new URLSearchParams(location.search || location.hash.slice(1));
    for (const [key, value] of query) if (form.elements[key]) form.elements[key].value = value;
    const told = (query.get('show') || '').split(',').map(text => text.split('@')).filter(([folder]) => isFolder(folder));
    return told.map(([folder, opacity]) => ({ folder, opacity: Math.min(100, Math.max(0, Math.round(Number(opacity ?? 100)) || 0)) }));
  }
  async function ask() {
    const mine = ++run, asked = question();
    if (!asked) return;
    const answer = await index.answer(asked);
    if (mine !== run) return;
    showCounts(answer.counts);
    hits = answer.hits;
    shown = 0;
    byId('status').textContent = hits.length ? say(hits.length === 1 ? words.one : words.many, { n: number(hits.length) }) : words.none;
    byId('results').replaceChildren();
    byId('export').hidden = !hits.length;
    years();
    map.draw(hits.slice(0, OUTLINES).map(i => index.box(i)).filter(Boolean), asked.box);
    remember();
    await more(mine);
    document.body.dataset.answered = String(mine);
  }
  const failed = error => {
    console.info(error);
    byId('problem').hidden = false;
    byId('problem').textContent = isDisk ? words.disk : words.failed;
  };
  const asking = () => ask().catch(failed);
  const map = CatalogueMap(form, words, box, asking);
  let waiting = 0;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(asking, 200); };

  byId('status').textContent = words.loading;
  CatalogueIndex.open(settings.root + 'search/', isDisk).then(opened => {
    index = opened;
    listPlaces();
    const shownBefore = recall();
    form.addEventListener('submit', event => { event.preventDefault(); asking(); });
    form.addEventListener('input', soon);
    form.addEventListener('reset', () => setTimeout(asking));
    byId('more').addEventListener('click', () => more(run));
    if (shownBefore.length && !isDisk && byId('chosen')) choose(shownBefore);
    return ask();
  }).catch(error => {
    byId('status').textContent = '';
    failed(error);
  });
})();
