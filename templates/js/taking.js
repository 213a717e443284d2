/* Results to take away, as files that the browser makes: CSV, GeoJSON, STAC ItemCollection, a download script. */
window.CatalogueTaking = (function () {
  'use strict';
  const AT_ONCE = 8;
  const suffix = { csv: 'csv', geojson: 'geojson', stac: 'json', sh: 'sh' };
  const url = path => path.split('/').map(encodeURIComponent).join('/');
  const here = (settings, path) => new URL(settings.root + url(path), location.href).href;
  const absolute = (settings, path) => settings.address ? settings.address + url(path) : here(settings, path);

  /* A cell of a table. What a spreadsheet would take for a formula is marked as text. */
  function cell(value) {
    const text = value === undefined || value === null ? '' : String(value);
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  }

  function geometry(b) {
    if (!b) return null;
    const ring = (w, e) => [[[w, b[1]], [e, b[1]], [e, b[3]], [w, b[3]], [w, b[1]]]];
    return b[0] > b[2] ? { type: 'MultiPolygon', coordinates: [ring(b[0], 180), ring(-180, b[2])] } : { type: 'Polygon', coordinates: ring(b[0], b[2]) };
  }

  /* The items themselves, with absolute links: what the row of the index does not hold. A few at a time, because a browser refuses
     thousands of requests at once. */
  async function items(rows, settings) {
    const found = [];
    let next = 0;
    async function worker() {
      while (next < rows.length) {
        const n = next++, path = rows[n].json, answer = await fetch(here(settings, path));
        if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
        const item = await answer.json();
        for (const thing of [...Object.values(item.assets), ...item.links]) thing.href = new URL(thing.href, absolute(settings, path)).href;
        found[n] = item;
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return found;
  }

  const quoted = text => "'" + text.replace(/'/g, "'\\''") + "'";
  function download(folder, asset) {
    const file = quoted(folder + '/' + decodeURIComponent(new URL(asset.href).pathname.split('/').pop()));
    const checksum = asset['file:checksum'] || '';
    const check = checksum.startsWith('1220') ? `echo ${quoted(checksum.slice(4) + '  ')}${file} | sha256sum -c -\n` : '';
    return `curl -fL --retry 3 -C - --create-dirs -o ${file} ${quoted(asset.href)}\n${check}`;
  }

  const kinds = {
    csv: async (rows, settings) => ['text/csv', '\ufeff' + ['id,collection,title,start,end,west,south,east,north,gsd_m,cloud_percent,stac'].concat(rows.map(r =>
      [r.id, r.collection, r.code || r.title, r.start, r.end, ...(r.bbox || ['', '', '', '']), r.gsd, r.cloud, absolute(settings, r.json)].map(cell).join(','))).join('\r\n') + '\r\n'],
    geojson: async (rows, settings) => ['application/geo+json', JSON.stringify({ type: 'FeatureCollection', features: rows.map(r => ({ type: 'Feature', id: r.id, geometry: geometry(r.bbox),
      properties: { title: r.title, collection: r.collection, start: r.start, end: r.end, gsd: r.gsd, cloud: r.cloud, stac: absolute(settings, r.json) } })) })],
    stac: async (rows, settings) => ['application/geo+json', JSON.stringify({ type: 'FeatureCollection', features: await items(rows, settings) })],
    sh: async (rows, settings) => ['text/x-shellscript', '#!/bin/sh\n# curl, sha256sum\nset -eu\n' + (await items(rows, settings)).flatMap(item =>
      Object.values(item.assets).filter(a => (a.roles || []).includes('data')).map(a => download(item.id, a))).join('')],
  };

  /* Make the file `kind` of these rows and hand it to the person. */
  async function take(kind, rows, settings) {
    const [type, text] = await kinds[kind](rows, settings);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = `${settings.catalogue}.${suffix[kind]}`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  return { take };
})();
