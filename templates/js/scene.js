/* One page for every scene: reads the item that the address names (?item=spot/2019/06/scene) and says of it what the page of a scene
   says (site/facts.py), with the same words. Metadata are only ever put in as text. */
(function () {
  'use strict';
  const byId = id => document.getElementById(id);
  const told = JSON.parse(byId('scene').dataset.told);
  const {
    NOTHING, t, spoken, named, text, num, map, list, texts, fixed, number, percent, metres, degrees, longitude, latitude, bytes, moment,
    time, iso, acquired, acquiredDay,
  } = CatalogueWords(told);

  /* ---- the scene ---- */
  function read(json, url) {
    const p = map(json.properties), assets = Object.entries(map(json.assets)).map(([key, a]) => ({ key, ...map(a) }));
    const start = time(p.start_datetime) || time(p.datetime), end = time(p.end_datetime) || start;
    const own = list(json.bbox).map(num), bbox = own.length === 4 && !own.includes(null) ? own : null;
    const rolesOf = a => texts(a.roles || []);
    const main = assets.find(a => rolesOf(a).includes('data')) || assets.find(a => list(a.bands).length);
    return { json, p, url, assets, start, end, bbox, main, rolesOf, title: text(p.title) || text(json.id) || '', spoken: map(map(p['cb:texts'])[told.language]) };
  }
  const isCog = a => (text(a.type) || '').includes('cloud-optimized');
  /* A file of the release or a web address; nothing else may be led to. */
  function address(scene, href) {
    href = text(href) || '';
    if (/^https?:\/\//i.test(href)) return { href, remote: true };
    if (!href || /^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('/') || href.includes('\\')) return null;
    const at = new URL(href, scene.url).href;
    return at.startsWith(new URL(told.root || './', document.baseURI).href) ? { href: at, remote: false } : null;
  }
  function heading(scene) {
    const code = scene.title.split(' ').pop();
    if (code.length < 12 || (code.match(/\d/g) || []).length < 4) return { title: scene.title, code: '' };
    const platform = text(scene.p.platform), when = acquiredDay(scene);
    return { title: platform ? `${platform}, ${when}` : when, code };
  }

  /* ---- the facts, in the order and with the words of site/facts.py ---- */
  function mainFacts(s) {
    const p = s.p, facts = [], add = (label, value, note = '', code = false, at = '') => { if (value) facts.push({ label: t(label), value, note, code, at }); };
    add('Acquired', acquired(s), '', false, +s.start === +s.end ? iso(s.start) : '');
    add('Satellite or platform', text(p.platform) || text(p.constellation));
    add('Sensor', texts(p.instruments).join(', '));
    add('Imaging mode', text(p['vn:imaging_mode']) || text(p['sar:instrument_mode']));
    if (num(p.gsd) !== null) add('Ground resolution', metres(p.gsd), text(p['vn:resolution_class']) ? spoken('resolution', p['vn:resolution_class']) : '');
    if (num(p['eo:cloud_cover']) !== null) add('Cloud cover', percent(p['eo:cloud_cover']), text(p['vn:cloud_class']) ? t('class {name}', { name: p['vn:cloud_class'] }) : '');
    const national = text(p['vn:processing_level']), own = text(p['processing:level']);
    if (national) { const said = spoken('level', national); add('Processing level', said.charAt(0).toUpperCase() + said.slice(1), own ? t('supplier: {level}', { level: own }) : ''); }
    else add('Processing level of the supplier', own);
    let data = s.assets.filter(a => s.rolesOf(a).includes('data') && list(a.bands).length);
    if (!data.length) data = s.assets.filter(a => list(a.bands).length).slice(0, 1);
    const bands = data.flatMap(a => list(a.bands).map(map));
    if (bands.length) add('Bands', t(bands.length === 1 ? '{n} band' : '{n} bands', { n: number(bands.length) }), [...new Set(bands.map(b => text(b.data_type)).filter(Boolean))].sort().join(', '));
    if (num(p['vn:bit_depth']) !== null) add('Bit depth', t('{n} bit', { n: number(p['vn:bit_depth']) }));
    const [rows, columns] = list(s.main && s.main['proj:shape']);
    if (rows && columns) add('Size', `${number(columns)} × ${number(rows)} px`);
    const crs = text(p['proj:code']) || s.assets.map(a => text(a['proj:code'])).find(Boolean);
    if (crs) add('Reference system', named('grids', crs), Object.hasOwn(told.grids, crs) ? crs : '');
    else add('Reference system', text(map(p['proj:projjson']).name));
    const holder = text(p['vn:holder_agency']) || told.host;
    if (holder) add('Managing agency', named('agencies', holder));
    return facts;
  }
  function moreFacts(s) {
    const p = s.p;
    let facts;
    const add = (label, value, code = false, at = '') => { if (value) facts.push({ label: t(label), value, note: '', code, at }); };
    const at = (label, v) => { const when = time(v); if (when) add(label, moment(when), false, iso(when)); };
    const groups = {
      'Place and geometry'() {
        if (s.bbox) { const [w, so, e, n] = s.bbox; add('West – east', `${longitude(w)} – ${longitude(e)}`, true); add('South – north', `${latitude(so)} – ${latitude(n)}`, true); }
        const { lat, lon } = map(p['proj:centroid']);
        if (num(lat) !== null && num(lon) !== null) add('Image centre', `${latitude(lat)}, ${longitude(lon)}`, true);
        const corners = list(p['vn:corners']).filter(c => list(c).length >= 2 && num(c[0]) !== null && num(c[1]) !== null);
        if (corners.length === 4) ['North-west corner', 'North-east corner', 'South-east corner', 'South-west corner'].forEach((label, n) => add(label, `${latitude(corners[n][1])}, ${longitude(corners[n][0])}`, true));
        add('Map sheet number', text(p['vn:sheet']), true);
        if (num(p['vn:map_scale']) !== null) add('Scale', `1:${number(p['vn:map_scale'])}`);
        if (num(p['accuracy:geometric_rmse']) !== null) add('Geometric accuracy (RMSE)', metres(p['accuracy:geometric_rmse']));
        add('Grid tile', text(p['grid:code']), true);
      },
      'Geometry of the view'() {
        const angles = { 'view:incidence_angle': 'Incidence angle', 'view:off_nadir': 'Off-nadir angle', 'view:azimuth': 'View azimuth', 'view:sun_elevation': 'Sun elevation', 'view:sun_azimuth': 'Sun azimuth' };
        for (const [key, label] of Object.entries(angles)) if (num(p[key]) !== null) add(label, degrees(p[key]));
        if (text(p['sat:orbit_state'])) add('Orbit direction', spoken('orbit', p['sat:orbit_state']));
        add('Absolute orbit', text(p['sat:absolute_orbit']), true);
        add('Relative orbit', text(p['sat:relative_orbit']), true);
        add('Radar band', text(p['sar:frequency_band']));
        if (p['sar:polarizations']) add('Polarisations', texts(p['sar:polarizations']).join(', '));
      },
      'Scan and flight'() {
        const scan = map(p['vn:scan']), flight = map(p['vn:aerial']);
        add('Film roll', text(scan.roll), true);
        add('Frame', text(scan.frame), true);
        add('Camera', text(flight.camera), true);
        if (num(flight.photo_scale) !== null) add('Photo scale', `1:${number(flight.photo_scale)}`);
        if (num(flight.flight_height_m) !== null) add('Flight height', metres(flight.flight_height_m));
        if (num(flight.focal_length_mm) !== null) add('Focal length', `${number(flight.focal_length_mm)} mm`);
        if (num(scan.dpi) !== null) add('Scan resolution', `${number(scan.dpi)} dpi`);
      },
      'Origin and management'() {
        add('Scene name', text(p['vn:scene_name']), true);
        add('Identifier', text(s.json.id), true);
        if (text(p['vn:origin'])) add('Origin', spoken('origin', p['vn:origin']));
        if (p['vn:funding_source']) add('Funding source', texts(p['vn:funding_source']).map(f => spoken('funding', f)).join(', '));
        add('Supplier', text(p['vn:supplier']));
        add('Contract', text(p['vn:contract_no']));
        if (text(p['vn:project'])) add('Project', named('projects', p['vn:project']));
        if (p['vn:theme']) add('Theme', texts(p['vn:theme']).map(code => named('themes', code)).join(', '));
        if (text(p['vn:access'])) add('Access', spoken('access', p['vn:access']));
        at('Published', p.published);
        at('Record updated', p.updated);
      },
      'Processing'() {
        add('Lineage', text(s.spoken['/properties/processing:lineage']) || text(p['processing:lineage']));
        add('Software', Object.entries(map(p['processing:software'])).map(([name, version]) => `${name} ${text(version) || ''}`.trim()).join(', '));
        at('Produced', p['processing:datetime']);
      },
    };
    return Object.entries(groups).map(([title, tell]) => { facts = []; tell(); return { title: t(title), facts }; }).filter(group => group.facts.length);
  }

  /* ---- onto the page ---- */
  function make(name, attributes = {}, ...inside) {
    const it = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== '') it.setAttribute(key, value);
    it.append(...inside);
    return it;
  }
  const factRow = f => {
    const value = make('dd', f.code ? { class: 'code' } : {}, f.at ? make('time', { datetime: f.at }, f.value) : f.value);
    if (f.note) value.append(' ', make('span', { class: 'sub' }, f.note));
    return make('div', f.value.length > 90 ? { class: 'wide' } : {}, make('dt', {}, f.label), value);
  };
  function histogram(band, name) {
    const told_ = map(band['raster:histogram']), counts = list(told_.buckets).filter(c => Number.isFinite(c) && c >= 0), group = Math.ceil(counts.length / 64) || 1;
    const bins = [];
    for (let i = 0; i < counts.length; i += group) bins.push(counts.slice(i, i + group).reduce((sum, c) => sum + c, 0));
    const top = Math.max(0, ...bins);
    if (!top) return '';
    const svg = (tag, attributes) => { const it = document.createElementNS('http://www.w3.org/2000/svg', tag); for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value); return it; };
    const common = text(band['eo:common_name']), low = num(told_.min) || 0, high = num(told_.max) || 0, width = 2 * counts.length / group;
    const drawn = svg('svg', { class: `hist ${told.coloured.includes(common) ? common : 'other'}`, width: 128, height: 32, viewBox: `0 0 ${2 * bins.length} 32`, preserveAspectRatio: 'none', role: 'img', 'aria-label': t('Histogram of {band}', { band: name }) });
    drawn.append(svg('path', { d: `M0 32${bins.map(c => `V${32 - (c ? Math.max(1, Math.round(31 * c / top)) : 0)}h2`).join('')}V32z` }));
    const marks = list(band['cb:percentiles']).filter(m => high > low && low <= m && m <= high).map(m => `M${fixed((m - low) / (high - low) * width, 1)} 0V32`).join('');
    if (marks) drawn.append(svg('path', { class: 'mark', 'vector-effect': 'non-scaling-stroke', d: marks }));
    return drawn;
  }
  function bandRows(s) {
    let data = s.assets.filter(a => s.rolesOf(a).includes('data') && list(a.bands).length);
    if (!data.length) data = s.assets.filter(a => list(a.bands).length && isCog(a)).slice(0, 1);
    return data.flatMap(a => list(a.bands).map((one, n) => {
      const band = map(one), own = text(band.name) || String(n + 1), name = data.length === 1 ? own : own !== a.key && list(a.bands).length > 1 ? `${a.key} ${own}` : a.key;
      const common = text(band['eo:common_name']), term = common && Object.hasOwn(told.codes.band, common) ? told.codes.band[common] : spoken('description', text(band.description) || '');
      const st = map(band.statistics), pc = list(band['cb:percentiles']);
      const head = make('th', { scope: 'row' }, name);
      if (term && term.toLowerCase() !== name.toLowerCase()) head.append(' ', make('span', { class: 'sub' }, term));
      const figures = [st.minimum, pc[0], st.mean, pc[1], st.maximum, st.stddev].map(v => num(v) === null ? NOTHING : number(v));
      figures.push(num(st.valid_percent) === null ? NOTHING : percent(st.valid_percent));
      return make('tr', {}, head, make('td', {}, histogram(band, name)), ...figures.map(f => make('td', { class: 'n' }, f)));
    }));
  }
  function fileRow(s, a) {
    const at = address(s, a.href), media = (text(a.type) || '').split(';')[0].trim();
    const title = text(s.spoken[`/assets/${a.key.replaceAll('~', '~0').replaceAll('/', '~1')}/title`]) || text(a.title) || a.key;
    const name = text(a.description) || (at ? decodeURIComponent(at.href.split('/').pop()) : '') || a.key, kind = isCog(a) ? 'COG' : spoken('media', media);
    const size = num(a['file:size']) === null ? '' : bytes(a['file:size']), sum = text(a['file:checksum']) || '';
    const row = make('li', {}, make('div', {}, at ? make('a', { href: at.href, download: 'download' }, title) : title, ' ', make('span', { class: 'sub' }, name)), make('span', { class: 'kind' }, kind), make('span', { class: 'n' }, size));
    if (sum.startsWith('1220')) row.append(make('code', { class: 'sum', translate: 'no' }, `SHA-256 ${sum.slice(4)}`));
    const label = s.assets.filter(one => s.rolesOf(one).includes('data')).length > 1 ? `${kind} ${a.key}` : kind;
    return { row, at, label, size };
  }
  function madeFrom(s) {
    const files = list(s.p['cb:sources']).map(map).filter(one => text(one.name)).map(one => make('span', { class: 'code' }, num(one.size) === null ? text(one.name) : `${text(one.name)} · ${bytes(one.size)}`));
    const links = list(s.json.links).map(map).filter(link => ['derived_from', 'via', 'source'].includes(link.rel)).map(link => {
      const href = text(link.href) || '', title = text(link.title) || href;
      return /^https?:\/\//.test(href) ? make('a', { href }, title) : make('span', { class: 'code' }, title);
    });
    return [...files, ...links].map(one => make('li', {}, one));
  }
  function picture(s, title) {
    const shown = s.assets.map(a => ({ a, at: address(s, a.href) })).filter(({ a, at }) => at && !at.remote && /^image\/(jpeg|png|webp)/.test(text(a.type) || ''));
    const best = shown.find(({ a }) => a.key === 'preview') || ['overview', 'visual', 'thumbnail'].map(role => shown.find(({ a }) => s.rolesOf(a).includes(role))).find(Boolean);
    byId('figure').hidden = !best;
    byId('noimage').hidden = Boolean(best);
    if (!best) return;
    const [rows, columns] = list(s.main && s.main['proj:shape']).map(num), image = byId('image');
    if (rows && columns) { const scale = 1024 / Math.max(rows, columns); image.width = Math.max(1, Math.round(columns * scale)); image.height = Math.max(1, Math.round(rows * scale)); }
    image.alt = t('Preview of {title}', { title });
    image.src = byId('view').href = best.at.href;
  }
  function crumbs(folder, title) {
    const steps = folder.split('/').slice(0, -1), line = document.querySelector('.crumbs ol');
    line.lastElementChild.remove();
    steps.forEach((step, n) => {
      const said = n ? steps.slice(1, n + 1).reverse().join('/') : (map(told.collections[step]).title || step);
      line.append(make('li', {}, make('a', { href: `${told.pages}${steps.slice(0, n + 1).join('/')}/index.html` }, said)));
    });
    line.append(make('li', {}, make('span', { 'aria-current': 'page' }, title)));
  }
  function licence(s) {
    const collection = map(told.collections[text(s.json.collection)]), own = text(s.p['cb:licence']) || text(s.p.license);
    let [title, href] = list(collection.licence);
    if (own && own !== collection.own) {
      title = own;
      href = list(s.json.links).map(map).filter(link => link.rel === 'license').map(link => text(link.href)).find(Boolean);
    }
    byId('licence').replaceChildren(href && /^https?:\/\//.test(href) ? make('a', { href, rel: 'license' }, title || href) : title || NOTHING);
  }
  function show(s, folder, size) {
    const { title, code } = heading(s), files = [...s.assets].sort((a, b) => (b === s.main) - (a === s.main)).map(a => ({ a, ...fileRow(s, a) }));
    document.title = `${title}${code ? ` – ${code}` : ''} – ${told.title}`;
    byId('title').textContent = title;
    byId('code').textContent = code;
    byId('code').hidden = !code;
    byId('collection').textContent = map(told.collections[text(s.json.collection)]).title || '';
    crumbs(folder, title);
    picture(s, title);
    const said = text(s.p.description);
    byId('description').textContent = said || '';
    byId('description').hidden = !said;
    const first = files.find(f => f.a === s.main && f.at);
    byId('acts').replaceChildren(...(first ? [make('a', { class: 'btn', href: first.at.href, download: 'download' }, t('Download {kind}', { kind: first.label }), ...(first.size ? [' ', make('span', { class: 'size' }, first.size)] : []))] : []),
      make('a', { class: 'btn alt', href: s.url, type: 'application/geo+json' }, 'STAC JSON'));
    byId('facts').replaceChildren(...mainFacts(s).map(factRow));
    licence(s);
    byId('groups').replaceChildren(...moreFacts(s).map((group, n) => make('section', { 'aria-labelledby': `group-${n + 1}` }, make('h2', { id: `group-${n + 1}` }, group.title), make('dl', { class: 'facts' }, ...group.facts.map(factRow)))));
    const bands = bandRows(s);
    byId('band-rows').replaceChildren(...bands);
    byId('of-bands').hidden = !bands.length;
    byId('file-rows').replaceChildren(...files.map(f => f.row), make('li', {}, make('div', {}, make('a', { href: s.url }, t('Metadata of the scene')), ' ', make('span', { class: 'sub' }, 'STAC')), make('span', { class: 'kind' }, 'GeoJSON'), make('span', { class: 'n' }, bytes(size))));
    const derived = madeFrom(s);
    byId('derived-rows').replaceChildren(...derived);
    byId('of-derived').hidden = !derived.length;
    const order = Object.keys(told.codes.property), rank = key => order.includes(key) ? order.indexOf(key) : order.length;
    const sources = Object.entries(map(s.p['cb:provenance'])).filter(([, source]) => text(source)).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
    byId('source-rows').replaceChildren(...sources.map(([key, source]) => {
      const name = spoken('property', key), head = make('th', { scope: 'row' }, name);
      if (name !== key) head.append(' ', make('span', { class: 'sub' }, key));
      return make('tr', {}, head, make('td', { class: 'code' }, text(source)));
    }));
    byId('count').textContent = t('Show the source of {n} values', { n: sources.length });
    byId('of-sources').hidden = !sources.length;
    byId('sheet').hidden = false;
    byId('state').textContent = '';
  }

  /* ---- which scene ---- */
  const refuse = (reason, url) => byId('state').replaceChildren(t(reason), ...(url ? [' ', make('a', { href: url }, 'STAC JSON')] : []));
  async function start() {
    const folder = new URLSearchParams(location.search).get('item') || '';
    document.querySelectorAll('.tongues a').forEach(link => { link.search = location.search; });
    if (!/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)+$/.test(folder)) return refuse('The address names no scene of this catalogue.');
    const url = new URL(`${told.root}${folder}/${folder.split('/').pop()}.json`, document.baseURI).href;
    if (location.protocol === 'file:') return refuse('Opened from a disk, this page cannot read the scene: browsers allow that only over a web server.', url);
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(String(answer.status));
      const body = await answer.arrayBuffer();
      show(read(JSON.parse(new TextDecoder().decode(body)), url), folder, body.byteLength);
    } catch (problem) {
      refuse('The scene could not be read. It may have been withdrawn, or the connection was lost.');
    }
  }
  start();
})();
