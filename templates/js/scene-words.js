/* The words, numbers and times of one page for every scene, as site/wording.py says them, and values of metadata by their kind, as
   site/reading.py reads them. */
window.CatalogueWords = function (told) {
  'use strict';
  const isVi = told.language === 'vi', NOTHING = '–', NBSP = '\u00a0';

  const t = (text, values = {}) => told.words[text].replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const spoken = (table, code) => Object.hasOwn(told.codes[table], code) ? told.codes[table][code] : code;
  const named = (register, code) => Object.hasOwn(told[register], code) ? told[register][code] : code;
  const text = v => (typeof v === 'string' || Number.isFinite(v)) && String(v).trim().slice(0, 2000) || null;
  const num = v => Number.isFinite(v) ? v : null;
  const map = v => v && typeof v === 'object' && !Array.isArray(v) ? v : {};
  const list = v => Array.isArray(v) ? v : [];
  const texts = v => (Array.isArray(v) ? v : [v]).map(text).filter(Boolean);
  /* As Python rounds: a half goes to the even neighbour. */
  function fixed(size, decimals) {
    const scaled = size * 10 ** decimals, isHalf = scaled % 1 === 0.5 && Number.isInteger(size * 2 ** (decimals + 1));
    return (isHalf ? 2 * Math.round(scaled / 2) / 10 ** decimals : size).toFixed(decimals);
  }
  function number(value, decimals) {
    if (!Number.isFinite(value)) return NOTHING;
    const size = Math.abs(value);
    let shown = fixed(size, decimals ?? (Number.isInteger(value) ? 0 : Math.min(Math.max(3 - Math.floor(Math.log10(size)), 0), 12)));
    if (decimals === undefined && shown.includes('.')) shown = shown.replace(/\.?0+$/, '');
    let [whole, part] = shown.split('.');
    whole = whole.replace(/\B(?=(\d{3})+$)/g, isVi ? '.' : ',');
    return (value < 0 ? '−' : '') + whole + (part ? (isVi ? ',' : '.') + part : '');
  }
  const tenths = v => Math.sign(v) * Number(fixed(Math.abs(v), 1));
  const percent = v => number(tenths(v)) + (isVi ? NBSP + '%' : '%');
  const metres = v => `${number(v)}${NBSP}m`, degrees = v => `${number(tenths(v))}°`;
  const longitude = v => `${number(Math.abs(v), 4)}°${v >= 0 ? (isVi ? 'Đ' : 'E') : (isVi ? 'T' : 'W')}`;
  const latitude = v => `${number(Math.abs(v), 4)}°${v >= 0 ? (isVi ? 'B' : 'N') : (isVi ? 'N' : 'S')}`;
  function bytes(size) {
    let unit = 0;
    while (size >= 999.5 && unit < 4) { size /= 1000; unit += 1; }
    return number(size, unit && size < 9.95 ? 1 : 0) + NBSP + ['B', 'kB', 'MB', 'GB', 'TB'][unit];
  }
  const two = n => String(n).padStart(2, '0');
  const day = d => isVi ? `${two(d.getUTCDate())}/${two(d.getUTCMonth() + 1)}/${d.getUTCFullYear()}` : `${d.getUTCDate()} ${told.months[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
  const inVietnam = d => new Date(d.getTime() + 7 * 3600e3);
  const moment = d => { const at = inVietnam(d); return t('{day} {time} Viet Nam time', { day: day(at), time: `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}` }); };
  const time = v => { const at = new Date(typeof v === 'string' ? v : NaN); return Number.isNaN(at.getTime()) ? null : at; };
  const iso = d => d.toISOString().replace('.000Z', 'Z');
  function span(start, end) {
    const next = new Date(end.getTime() + 1000), months = (next.getUTCFullYear() - start.getUTCFullYear()) * 12 + next.getUTCMonth() - start.getUTCMonth();
    if (start.getTime() % 86400e3 || next.getTime() % 86400e3) return 'interval';
    if (next - start === 86400e3) return 'day';
    if (start.getUTCDate() !== 1 || next.getUTCDate() !== 1) return 'interval';
    return months === 1 ? 'month' : months === 12 && start.getUTCMonth() === 0 ? 'year' : 'interval';
  }
  function acquired(scene) {
    const { start, end } = scene;
    if (+start === +end) return moment(start);
    switch (text(scene.p['vn:datetime_precision']) || span(start, end)) {
      case 'day': return day(start);
      case 'month': return isVi ? `${two(start.getUTCMonth() + 1)}/${start.getUTCFullYear()}` : `${told.months[start.getUTCMonth()]} ${start.getUTCFullYear()}`;
      case 'year': return String(start.getUTCFullYear());
      case 'decade': return t('{year}s', { year: start.getUTCFullYear() });
      default: return t('between {start} and {end}', { start: day(start), end: day(end) });
    }
  }
  const acquiredDay = scene => +scene.start === +scene.end ? day(inVietnam(scene.start)) : acquired(scene);

  return {
    NOTHING, t, spoken, named, text, num, map, list, texts, fixed, number, percent, metres, degrees, longitude, latitude, bytes, moment,
    time, iso, acquired, acquiredDay,
  };
};
