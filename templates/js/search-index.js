/* The static search index (catalog_builder/site/search.py): opened once, asked in memory, read on in small files where a question
   needs them. No library; knows nothing of the page. */
window.CatalogueIndex = (function () {
  'use strict';
  const FACETS = ['collection', 'class', 'platform', 'sensor', 'theme'];
  const NO = 0, DOUBT = 1, YES = 2, SHORT = 1000;
  const fold = text => text.replace(/đ/g, 'd').replace(/Đ/g, 'D').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const tokens = text => fold(text).match(/[a-z0-9]+/g) || [];
  const once = load => { const kept = new Map(); return key => { if (!kept.has(key)) kept.set(key, load(key)); return kept.get(key); }; };
  const parsed = bytes => JSON.parse(new TextDecoder().decode(bytes));
  const numbered = n => String(n).padStart(5, '0') + '.gz';

  async function fetched(path) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(path + ': ' + answer.status);
    const raw = new Uint8Array(await answer.arrayBuffer());
    if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw;
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  const script = path => new Promise((resolve, reject) => {
    const tag = document.createElement('script');
    tag.src = path;
    tag.onload = () => resolve(window.CATALOGUE_INDEX);
    tag.onerror = () => reject(new Error(path));
    document.head.append(tag);
  });

  /* The columns of numbers, as the layout of the manifest says. */
  function decoded(manifest, raw) {
    const columns = {}, n = manifest.count;
    let at = 0;
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
    return { ...columns, west: columns.x, south: columns.y, east: sum(columns.x, columns.width), north: sum(columns.y, columns.height),
      to: sum(columns.from, columns.length), theme: columns.collection, platform: columns.source, sensor: columns.source };
  }

  class Index {
    constructor(manifest, raw, file) {
      Object.assign(this, { manifest, columns: decoded(manifest, raw), day0: Date.parse(manifest.day0) / 864e5, file: once(file) });
      this.read = new Set();
      this.order = once(name => this.ordered(name));
      const { collections, classes, sources } = manifest;
      /* what the codes of each facet mean; the themes of an item are those of its collection */
      this.values = { collection: collections.map(c => [c.id]), class: [[], ...classes.map(c => [c])],
        platform: sources.map(([p]) => p ? [p] : []), sensor: sources.map(([, names]) => names), theme: collections.map(c => c.themes) };
    }

    /* ---- words and places: marks on the items that they lead to ---- */
    mark(steps, marks) { let n = 0; for (const step of steps) marks[n += step] = 1; return marks; }

    async word(word) {
      const { manifest, columns } = this, marks = new Uint8Array(manifest.count);
      const isSplit = manifest.split.includes(word), name = isSplit ? word : manifest.words.find(beginning => word.startsWith(beginning));
      const postings = name === undefined ? {} : await this.file('text/' + name + '.gz');
      for (const token in postings) if (isSplit || token.startsWith(word)) this.mark(postings[token], marks);
      const whole = manifest.collections.map(c => c.words.some(w => w.startsWith(word)));
      if (whole.some(Boolean)) columns.collection.forEach((c, n) => { if (whole[c]) marks[n] = 1; });
      return marks;
    }

    async marks(asked) {
      const all = await Promise.all(asked.words.map(word => this.word(word)));
      if (asked.place) all.push(this.mark(await this.file('places/' + asked.place + '.gz'), new Uint8Array(this.manifest.count)));
      return all.length ? all.reduce((a, b) => a.map((m, n) => m & b[n])) : null;
    }

    /* ---- boxes: each edge by its step, exactly only where the step leaves a doubt ---- */
    place(value, axis) {
      const low = this.manifest.extent[axis], high = this.manifest.extent[axis + 2], steps = this.manifest.steps;
      return high > low ? (value - low) / (high - low) * steps : value < low ? -1 : value > high ? steps + 1 : 0;
    }

    /* The four questions to the edges of an item, each answered with NO, DOUBT or YES, and how they make the answer. */
    questions([w, s, e, n]) {
      const { east, west, north, south, flags } = this.columns, wraps = w > e;
      const atEast = this.place(w, 0), atWest = this.place(e, 0), atNorth = this.place(s, 1), atSouth = this.place(n, 1);
      const reaches = (step, from) => step - 1 >= from ? YES : step < from ? NO : DOUBT;
      const begins = (step, until) => step + 1 <= until ? YES : step > until ? NO : DOUBT;
      const asks = { east: i => reaches(east[i], atEast), west: i => begins(west[i], atWest),
        north: i => reaches(north[i], atNorth), south: i => begins(south[i], atSouth) };
      const limits = { east: v => v >= w, west: v => v <= e, north: v => v >= s, south: v => v <= n };
      const joined = (i, toEast, toWest, toNorth, toSouth) => {
        const crosses = (flags[i] & 2) !== 0;
        const across = wraps && crosses ? YES : wraps || crosses ? Math.max(toEast, toWest) : Math.min(toEast, toWest);
        return Math.min(across, toNorth, toSouth);
      };
      const meets = i => {
        if (flags[i] & 1 || north[i] < atNorth || south[i] > atSouth) return NO;
        return joined(i, reaches(east[i], atEast), begins(west[i], atWest), reaches(north[i], atNorth), begins(south[i], atSouth));
      };
      return { asks, limits, joined, meets };
    }

    /* Which of `doubtful` meet the box: the exact edges of their step, by item. */
    async settled(doubtful, { asks, limits, joined }) {
      const told = {};
      for (const edge of Object.keys(asks)) {
        const open = doubtful.filter(i => asks[edge](i) === DOUBT);
        const exact = open.length ? await this.exact(edge, this.columns[edge][open[0]]) : null;
        told[edge] = i => asks[edge](i) !== DOUBT ? asks[edge](i) : limits[edge](exact.get(i)) ? YES : NO;
      }
      return doubtful.filter(i => joined(i, told.east(i), told.west(i), told.north(i), told.south(i)) === YES);
    }

    async exact(edge, step) {
      const column = this.columns[edge], { flags } = this.columns, size = this.manifest.edges, items = [];
      let first = 0;
      for (let i = 0; i < column.length; i++) {
        if (flags[i] & 1) continue;
        if (column[i] < step) first++;
        else if (column[i] === step) items.push(i);
      }
      const at = items.map((_, n) => first + n), files = [...new Set(at.map(n => Math.floor(n / size)))];
      const read = new Map(await Promise.all(files.map(async n => [n, await this.file(`edges/${edge}/${numbered(n)}`)])));
      return new Map(items.map((i, n) => [i, read.get(Math.floor(at[n] / size))[at[n] % size]]));
    }

    /* ---- the answer: the items, newest first, and how many each choice of a facet would leave ---- */
    async answer(asked) {
      const { columns, manifest } = this, marks = await this.marks(asked), hits = [], doubtful = [];
      const counts = FACETS.map(name => new Uint32Array(this.values[name].length + 1));
      const codes = FACETS.map(name => columns[name]);
      const wanted = FACETS.map(name => asked[name] ? this.values[name].map(all => all.includes(asked[name])) : null);
      const questions = asked.box ? this.questions(asked.box) : null;
      const filtered = [...FACETS.keys()].filter(f => wanted[f]);
      /* the facet that alone speaks against an item: -1 none, -2 more than one */
      const against = i => {
        let found = -1;
        for (const f of filtered) if (!wanted[f][codes[f][i]]) { if (found >= 0) return -2; found = f; }
        return found;
      };
      const take = i => {
        const found = against(i);
        if (found >= 0) counts[found][codes[found][i]]++;
        else { hits.push(i); for (let f = 0; f < codes.length; f++) counts[f][codes[f][i]]++; }
      };
      const { from, to, cloud } = columns;
      const first = asked.from ?? -Infinity, last = asked.to ?? Infinity, limit = asked.cloud ?? Infinity;
      for (let i = 0; i < manifest.count; i++) {
        if (marks && !marks[i]) continue;
        if (to[i] < first || from[i] > last) continue;
        if (limit !== Infinity && (cloud[i] === 255 || cloud[i] > limit)) continue;
        if (filtered.length && against(i) === -2) continue;
        if (questions) {
          const meets = questions.meets(i);
          if (meets === NO) continue;
          if (meets === DOUBT) { doubtful.push(i); continue; }
        }
        take(i);
      }
      const settled = doubtful.length ? await this.settled(doubtful, questions) : [];
      settled.forEach(take);
      return { hits: settled.length ? Array.from(Uint32Array.from(hits).sort()) : hits, counts: Object.fromEntries(FACETS.map((name, f) => [name, this.told(name, counts[f])])) };
    }

    told(name, counts) {
      const found = new Map();
      this.values[name].forEach((all, code) => all.forEach(value => found.set(value, (found.get(value) || 0) + counts[code])));
      return found;
    }

    /* Hits by year of their first day. */
    years(hits) {
      const days = this.yearOf ??= Uint16Array.from({ length: 65536 }, (_, day) => new Date((day + this.day0) * 864e5).getUTCFullYear());
      const counts = new Map(), by = new Uint32Array(65536);
      for (const i of hits) by[days[this.columns.from[i]]]++;
      by.forEach((count, year) => { if (count) counts.set(year, count); });
      return counts;
    }

    /* The box of an item to a step, in degrees. */
    box(i) {
      const [x0, y0, x1, y1] = this.manifest.extent, steps = this.manifest.steps, c = this.columns;
      const x = v => x0 + v / steps * (x1 - x0), y = v => y0 + v / steps * (y1 - y0);
      return c.flags[i] & 1 ? null : [x(c.west[i]), y(c.south[i]), x(c.east[i]), y(c.north[i])];
    }

    /* ---- rows: kept in several orders, so that few files hold those that are asked for ---- */
    ordered(name) {
      const { count, block } = this.manifest, c = this.columns;
      const spread = v => { for (const [by, mask] of [[8, 0x00FF00FF], [4, 0x0F0F0F0F], [2, 0x33333333], [1, 0x55555555]]) v = (v | v << by) & mask; return v; };
      const ranks = key => {
        const found = new Uint32Array(count), keys = Float64Array.from({ length: count }, (_, i) => key(i) * count + i).sort();
        keys.forEach((value, rank) => { found[value % count] = rank; });
        return found;
      };
      if (name === 'recent') return Uint32Array.from({ length: count }, (_, i) => i);
      if (name === 'kind') return ranks(i => c.collection[i] * 65536 + c.source[i]);
      const along = ranks(i => (spread(c.x[i]) | spread(c.y[i]) << 1) >>> 0);
      return ranks(i => Math.floor(along[i] / block));
    }

    /* The rows of `list`: a short list from as few files as a greedy choice over all orders finds, those already read first. */
    async rows(list) {
      const size = this.manifest.shard, found = new Map(), plan = [];
      const isShort = new Set(list.map(i => Math.floor(i / size))).size > 1 && list.length <= SHORT;
      for (let left = list; left.length;) {
        const files = this.files(left, isShort ? this.manifest.orders : ['recent']);
        const worth = file => (this.read.has(file.name) ? SHORT : 0) + file.items.length;
        const best = isShort ? [files.reduce((a, b) => worth(b) > worth(a) ? b : a)] : files;
        const taken = new Set(best.flatMap(file => file.items));
        left = left.filter(i => !taken.has(i));
        for (const file of best) { plan.push(file); this.read.add(file.name); }
      }
      await Promise.all(plan.map(async ({ name, order, items }) => {
        const rows = await this.file(name), rank = this.order(order);
        for (const i of items) found.set(i, this.complete(i, rows[rank[i] % size]));
      }));
      return list.map(i => found.get(i));
    }

    /* The files with rows of `list` in these orders, each with the items that it holds. */
    files(list, orders) {
      const files = new Map();
      for (const order of orders) {
        const rank = this.order(order);
        for (const i of list) {
          const number = Math.floor(rank[i] / this.manifest.shard), key = order + number;
          if (!files.has(key)) files.set(key, { name: `rows/${order}/${numbered(number)}`, order, items: [] });
          files.get(key).items.push(i);
        }
      }
      return [...files.values()];
    }

    /* A row with what its columns and its own parts already say. */
    complete(i, row) {
      const { manifest, columns } = this, id = row.id ?? row.code.toLowerCase().replace(/_/g, '-');
      const folder = row.folder.endsWith('/') ? row.folder + id : row.folder;
      return { ...row, id, folder, collection: manifest.collections[columns.collection[i]].id, platform: manifest.sources[columns.source[i]][0] || undefined,
        day: columns.from[i] + this.day0, end: row.end || row.start, json: row.json || `${folder}/${id}.json`, thumbnail: row.thumbnail && `${folder}/${row.thumbnail}` };
    }
  }

  /* Open the index in the folder `root`; from a disk, where nothing can be fetched, as the script of small catalogues. */
  async function open(root, isDisk) {
    if (isDisk) {
      const whole = await script(root + 'index.js');
      const parts = path => path.replace(/\.gz$/, '').split('/').reduce((at, name) => at?.[/^\d{5}$/.test(name) && Array.isArray(at) ? Number(name) : name], whole);
      return new Index(whole.manifest, Uint8Array.from(atob(whole.filter), c => c.charCodeAt(0)), async path => parts(path));
    }
    const raw = await fetched(root + 'filter.bin.gz'), end = raw.indexOf(10);
    return new Index(parsed(raw.subarray(0, end)), raw.subarray(end + 1), async path => parsed(await fetched(root + path)));
  }

  return { open, tokens };
})();
