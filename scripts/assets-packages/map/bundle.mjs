// Bundle the live map with esbuild: map.js (OpenLayers, geotiff.js, proj4) and map-worker.js (the decoders).
// Usage: node bundle.mjs NODE_MODULES TARGET; prints the names of the packages that went in, one a line, for the list of licences.
//
// The pages promise `script-src 'self'`, which forbids workers from blobs and WebAssembly. So the worker of geotiff.js becomes a
// file of its own beside the bundle, Zstandard is decoded in JavaScript (fzstd) and LERC, which no preset writes, is left out.
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [modules, target] = process.argv.slice(2).map(path => resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(modules, 'here.js'));
const { build } = require('esbuild');

const instead = {
  'worker/create.js': 'export default () => new Worker(globalThis.CATALOGUE_MAP_WORKER);',
  'compression/zstd.js': `
    import { decompress } from 'fzstd';
    import BaseDecoder from './basedecoder.js';
    export const zstd = { init: async () => {} };
    export default class extends BaseDecoder {
      decodeBlock(buffer) { return decompress(new Uint8Array(buffer)).slice().buffer; }
    }`,
  'compression/lerc.js': `
    import BaseDecoder from './basedecoder.js';
    export const zstd = { init: async () => {} };
    export default class extends BaseDecoder {
      decodeBlock() { throw new Error('LERC is not supported'); }
    }`,
};
const replaced = {
  name: 'replaced',
  setup(build) {
    for (const [name, contents] of Object.entries(instead)) {
      const filter = new RegExp(`geotiff/dist-module/${name.replace('.', '\\.')}$`);
      build.onLoad({ filter }, ({ path }) => ({ contents, resolveDir: dirname(path) }));
    }
  },
};

const shared = {
  bundle: true, metafile: true, minify: true, format: 'iife', target: 'es2022', charset: 'utf8', legalComments: 'none', nodePaths: [modules],
  absWorkingDir: here, plugins: [replaced], logLevel: 'warning', conditions: ['import'], mainFields: ['module', 'main'],
};
const geotiff = join(modules, 'geotiff', 'dist-module', 'geotiff.js');
const built = [
  await build({ ...shared, entryPoints: [join(here, 'map.js')], outfile: join(target, 'map.js'), alias: { geotiff } }),
  await build({ ...shared, entryPoints: [join(modules, 'geotiff', 'dist-module', 'worker', 'decoder.js')], outfile: join(target, 'map-worker.js') }),
];
const names = built.flatMap(({ metafile }) => Object.keys(metafile.inputs)).map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
console.log([...new Set(names.filter(Boolean))].sort().join('\n'));
