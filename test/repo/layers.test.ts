import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from '../support/repo/source-files.ts';

/** DESIGN: an engine layer may import itself and these; `*` every layer of the engine. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  api: [],
  base: [],
  source: ['native', 'base'],
  native: ['base'],
  disk: ['source', 'native', 'base'],
  cim: ['base'],
  net: ['cim', 'native', 'source', 'base'],
  powershell: ['cim', 'base'],
  win32: ['native', 'source', 'base'],
  virtdisk: ['win32', 'native', 'source', 'base'],
  vss: ['cim', 'native', 'win32', 'base'],
  trace: ['net', 'cim', 'base'],
  hyperv: ['cim', 'base'],
  backup: ['vss', 'disk', 'source', 'base'],
  changemap: ['api', 'base'],
  guest: ['source', 'base'],
  lab: ['vss', 'disk', 'guest', 'source', 'net', 'cim', 'base'],
  hosts: [
    'hyperv',
    'cim',
    'net',
    'powershell',
    'win32',
    'virtdisk',
    'vss',
    'source',
    'backup',
    'base',
  ],
  jobs: ['hosts', 'hyperv', 'vss', 'virtdisk', 'win32', 'backup', 'trace', 'source', 'base'],
  operations: [
    'jobs',
    'hosts',
    'changemap',
    'guest',
    'backup',
    'hyperv',
    'trace',
    'net',
    'win32',
    'virtdisk',
    'vss',
    'native',
    'disk',
    'source',
    'base',
  ],
  server: ['operations', 'jobs', 'hosts', 'backup', 'hyperv', 'net', 'disk', 'source', 'base'],
  cli: ['*'],
};

/** Layers that run anywhere: nothing of Node in them. */
const WITHOUT_NODE = ['api', 'base'];

const files = sourceFiles('src');

test('there are enough source files for the layer rules to mean something', () => {
  assert.ok(files.length >= 120, `only ${files.length} files below src were seen`);
  const imports = files.reduce((sum, file) => sum + file.imports.length, 0);
  assert.ok(imports >= 400, `only ${imports} imports were seen`);
});

test('every file lies in a known layer', () => {
  const strangers = files.filter((file) => {
    const [, part, layer] = file.path.split('/');
    if (part === 'extension' || part === 'views') return false;
    if (file.path === 'src/engine/main.ts') return false;
    return part !== 'engine' || layer === undefined || !(layer in ALLOWED);
  });
  assert.deepEqual(
    strangers.map((file) => file.path),
    [],
  );
});

test('an engine layer imports only the layers below it', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const layer = engineLayer(file.path);
    if (layer === undefined) continue;
    for (const target of file.imports) {
      const to = engineLayer(target);
      if (to === undefined || to === layer || to === 'api') continue;
      const allowed = ALLOWED[layer] ?? [];
      if (!allowed.includes('*') && !allowed.includes(to)) {
        wrong.push(
          `${file.path} imports ${target}: ${layer} may import ${allowed.join(', ') || 'nothing'}`,
        );
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test('nobody above the hosts sees a client of a host', () => {
  const below = ['cim', 'net', 'powershell', 'hyperv', 'vss', 'hosts', 'lab', 'trace'];
  const clients = files.filter(({ text }) => /\bCimClient\b|\bHttpWsmanClient\b/.test(text));
  assert.ok(clients.length >= 10, `only ${clients.length} files that know a client were seen`);
  const wrong = clients.filter(({ path }) => !below.includes(engineLayer(path) ?? ''));
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  );
});

test('base and api use nothing of Node', () => {
  const wrong = files
    .filter((file) => WITHOUT_NODE.includes(engineLayer(file.path) ?? ''))
    .flatMap((file) =>
      file.imports
        .filter((name) => !name.startsWith('src/'))
        .map((name) => `${file.path}: ${name}`),
    );
  assert.deepEqual(wrong, []);
});

test('the extension and the views import nothing of the engine but its api', () => {
  const wrong = files
    .filter((file) => !file.path.startsWith('src/engine/'))
    .flatMap((file) =>
      file.imports
        .filter((name) => name.startsWith('src/engine/') && !name.startsWith('src/engine/api/'))
        .map((name) => `${file.path}: ${name}`),
    );
  assert.deepEqual(wrong, []);
});

test('views use nothing of Node or VS Code, nor of the extension', () => {
  const views = files.filter((file) => file.path.startsWith('src/views/'));
  assert.ok(views.length >= 10, `only ${views.length} files of views were seen`);
  const wrong = views.flatMap((file) =>
    file.imports
      .filter((name) => !name.startsWith('src/views/') && !name.startsWith('src/engine/api/'))
      .map((name) => `${file.path}: ${name}`),
  );
  assert.deepEqual(wrong, []);
});

test('the engine never imports vscode, and no file is a barrel', () => {
  const wrong = files.filter(
    (file) =>
      (file.path.startsWith('src/engine/') && file.imports.includes('vscode')) ||
      file.path.endsWith('/index.ts') ||
      /\/utils?\.ts$/.test(file.path),
  );
  assert.deepEqual(
    wrong.map((file) => file.path),
    [],
  );
});

test('relative imports name files that exist, with their ending', () => {
  const known = new Set(files.map((file) => file.path));
  const wrong = files.flatMap((file) =>
    file.imports
      .filter((name) => name.startsWith('src/') && !known.has(name) && !/\.(json|css)$/.test(name))
      .map((name) => `${file.path}: ${name}`),
  );
  assert.deepEqual(wrong, []);
});

function engineLayer(path: string): string | undefined {
  const match = /^src\/engine\/([^/]+)\//.exec(path);
  return match?.[1];
}
