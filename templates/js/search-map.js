/* The map of the search: outlines of the newest results, and a box drawn by mouse, finger or keys, which becomes the field "bbox" of
   the form. "read" makes numbers of that field, "ask" asks anew. */
window.CatalogueMap = function (form, words, read, ask) {
  'use strict';
  const byId = id => document.getElementById(id);
  const svg = document.querySelector('#draw svg');
  if (!svg) return { draw() {} };
  const view = form.dataset.window.split(',').map(Number);
  const { width, height } = svg.viewBox.baseVal;
  const toX = lon => (lon - view[0]) / (view[2] - view[0]) * width, toY = lat => (view[3] - lat) / (view[3] - view[1]) * height;
  function layer(className) {
    let path = svg.querySelector('.' + className);
    if (!path) { path = document.createElementNS('http://www.w3.org/2000/svg', 'path'); path.setAttribute('class', className); svg.append(path); }
    return path;
  }
  const halves = b => b[0] > b[2] ? [[b[0], b[1], 180, b[3]], [-180, b[1], b[2], b[3]]] : [b];
  const rectangle = ([w, s, e, n]) => `M${toX(w).toFixed(1)} ${toY(n).toFixed(1)}H${toX(e).toFixed(1)}V${toY(s).toFixed(1)}H${toX(w).toFixed(1)}z`;
  const outline = boxes => boxes.flatMap(halves).map(rectangle).join('');
  function draw(found, asked) {
    layer('found').setAttribute('d', outline(found));
    layer('drawn').setAttribute('d', asked ? outline([asked]) : '');
  }
  const written = drawn => drawn.map(v => v.toFixed(4)).join(', ');
  function take(drawn) {
    form.elements.bbox.value = drawn ? written(drawn) : '';
    ask();
  }

  function pointer(frame) {
    let start = null;
    const at = event => { const r = svg.getBoundingClientRect(); return [view[0] + (event.clientX - r.left) / r.width * (view[2] - view[0]), view[3] - (event.clientY - r.top) / r.height * (view[3] - view[1])]; };
    const around = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    frame.addEventListener('pointerdown', event => {
      // a finger scrolls the page unless it was told to draw
      if (event.pointerType !== 'mouse' && !frame.classList.contains('drawing')) return;
      start = at(event);
      frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener('pointermove', event => { if (start) layer('drawn').setAttribute('d', rectangle(around(start, at(event)))); });
    frame.addEventListener('pointercancel', () => { start = null; });
    frame.addEventListener('pointerup', event => {
      if (!start) return;
      const drawn = around(start, at(event));
      start = null;
      stop();
      take((drawn[2] - drawn[0]) / (view[2] - view[0]) < 0.01 ? null : drawn);
    });
  }

  /* Drawing by keys: arrows move the box, with Shift its north-east corner; Enter takes it, Escape leaves it. */
  let drawn = null;
  const button = byId('box');
  function stop() {
    drawn = null;
    byId('draw').classList.remove('drawing');
    for (const name of ['tabindex', 'role', 'aria-label']) byId('draw').removeAttribute(name);
    button.setAttribute('aria-pressed', 'false');
    byId('drawing').textContent = '';
  }
  function begin() {
    const frame = byId('draw'), [w, s, e, n] = view, now = read(form.elements.bbox.value);
    drawn = now && !Number.isNaN(now) && now[0] <= now[2] ? now : [w + (e - w) / 3, s + (n - s) / 3, e - (e - w) / 3, n - (n - s) / 3];
    frame.classList.add('drawing');
    frame.tabIndex = 0;
    frame.setAttribute('role', 'application');
    frame.setAttribute('aria-label', words.keys);
    button.setAttribute('aria-pressed', 'true');
    frame.focus();
    move(0, 0, false);
  }
  function move(right, up, corner) {
    const by = [right * (view[2] - view[0]) / 40, up * (view[3] - view[1]) / 40];
    const next = drawn.map((v, n) => corner && n < 2 ? v : v + by[n % 2]);
    if (next[0] < next[2] && next[1] < next[3]) drawn = next.map((v, n) => Math.min(Math.max(v, view[n % 2]), view[n % 2 + 2]));
    layer('drawn').setAttribute('d', rectangle(drawn));
    byId('drawing').textContent = `${words.keys} ${written(drawn)}`;
  }
  function keys(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!drawn || !(step || event.key === 'Enter' || event.key === 'Escape')) return;
    event.preventDefault();
    if (step) return move(...step, event.shiftKey);
    const made = event.key === 'Enter' ? drawn : null;
    stop();
    button.focus();
    if (made) take(made); else ask();
  }
  pointer(byId('draw'));
  button.addEventListener('click', () => { if (drawn) { stop(); ask(); } else begin(); });
  byId('draw').addEventListener('keydown', keys);
  byId('nobox').addEventListener('click', () => { stop(); take(null); });

  return { draw };
};
