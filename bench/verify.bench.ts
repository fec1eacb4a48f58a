/**
 * `verify` of a store with 61 points of one VM, against the time to hash what is stored; then `verify --quick` of 50 VMs with 61
 * points each (the first VM's folder under other ids).
 */
import {
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { newGuid, type Guid } from '../src/engine/base/guid.ts';
import { formatBytes } from '../src/engine/base/format-bytes.ts';
import { formatManifest, parseManifest } from '../src/engine/backup/manifest/manifest-json.ts';
import type { Range } from '../src/engine/base/range.ts';
import { openFileHoles } from '../src/engine/native/file-holes.ts';
import { refpointJson, startLabProcess } from '../test/support/process/command.ts';
import { LIBRARY, reportAlternating } from './alternate.ts';
import { line } from './bounds.ts';
import { inFolder, measured, MIB, seconds, timed } from './measure.ts';
import { sized } from './sizes.ts';

const POINTS = sized(61, 4);
const VMS = sized(50, 3);
const MANIFEST = 'point.chain.json';

/** A program that reads and hashes the parts of files that a list names. */
const HASH = `
const { openSync, readFileSync, readSync } = require('node:fs');
const { createHash } = require('node:crypto');
const buffer = Buffer.alloc(2 ** 20);
for (const { path, parts } of JSON.parse(readFileSync(process.argv[1], 'utf8'))) {
  const file = openSync(path, 'r');
  const hash = createHash('sha256');
  for (const { start, end } of parts) {
    for (let at = start; at < end; at += buffer.length) {
      const count = readSync(file, buffer, 0, Math.min(end - at, buffer.length), at);
      hash.update(buffer.subarray(0, count));
    }
  }
  hash.digest();
}
`;

/**
 * Writes the list: of each image and hash file the parts that have data, where they lie. The program that verification is
 * compared with has all that it has: a process of its own, files that were read before, parts that are scattered over the
 * images, and bytes that the processor has not seen a moment ago.
 */
function listStored(folder: string, list: string): void {
  const files: { path: string; parts: Range[] }[] = [];
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/[.](a?vhdx|hashes)$/.test(entry)) continue;
    const path = join(folder, entry);
    const holes = openFileHoles(path);
    if (holes === undefined) throw new Error(`Where ${path} has data cannot be asked here`);
    const parts: Range[] = [];
    for (let part = holes.dataAfter(0); part !== undefined; part = holes.dataAfter(part.end)) {
      parts.push(part);
    }
    holes.close();
    files.push({ path, parts });
  }
  writeFileSync(list, JSON.stringify(files));
}

await inFolder(async (dir) => {
  const store = join(dir, 'store');
  await makePoints(dir, store);
  const [vm = ''] = readdirSync(store).filter((name) => statSync(join(store, name)).isDirectory());
  const list = join(dir, 'stored.json');
  listStored(join(store, vm), list);
  reportAlternating(`verify of ${POINTS} points`, [
    ...LIBRARY.map(({ name, env }) => ({
      name,
      limit: 1.2,
      run: () => measured(['verify', '--store', store], env),
    })),
    { name: 'reading and hashing alone', run: () => timed(process.execPath, ['-e', HASH, list]) },
  ]);
  for (let i = 1; i < VMS; i++) cloneVm(join(store, vm), store, vm as Guid, newGuid());
  for (const { name, env } of LIBRARY) {
    const { wall, peak } = measured(['verify', '--quick', '--store', store], env);
    const what = `verify --quick, ${VMS} VMs of ${POINTS} points, ${name}`;
    line(what, seconds(wall), wall <= 10, '10 s');
    line('  peak', formatBytes(peak), peak <= 250 * MIB, '250 MiB');
  }
});

/** A full of 96 MiB, and increments with some MiB of changes each. */
async function makePoints(dir: string, store: string): Promise<void> {
  const lab = await startLabProcess(join(dir, 'lab'), ['--job-delay', '0']);
  try {
    const vm = ['--dir', lab.dir, '--vm', 'bench', '--disk', '0'];
    await refpointJson(['lab', 'add-vm', '--dir', lab.dir, '--name', 'bench', '--size', '100G']);
    for (let point = 0; point < POINTS; point++) {
      const count = point === 0 ? sized(1500, 200) : 78;
      await refpointJson([
        ...['lab', 'write', ...vm, '--random', String(count), '--length', '64K'],
        ...['--seed', String(point)],
      ]);
      await refpointJson(
        [
          ...['backup', 'bench', '--store', store, '--method', 'file', '--max-chain', '100'],
          ...['--check-tracker', 'off', ...lab.hostOptions, ...lab.pathMapOptions],
        ],
        { env: lab.env },
      );
    }
  } finally {
    await lab.stop();
  }
}

/** The same points as another VM's; images and hash files are linked, not copied. */
function cloneVm(from: string, store: string, vm: Guid, id: Guid): void {
  const to = join(store, id);
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'jobs') continue;
    mkdirSync(join(to, entry.name));
    for (const name of readdirSync(join(from, entry.name))) {
      const [source, target] = [join(from, entry.name, name), join(to, entry.name, name)];
      if (name === MANIFEST) {
        const manifest = parseManifest(readFileSync(source), entry.name);
        const other = { ...manifest, vm: { ...manifest.vm, id } };
        writeFileSync(target, formatManifest(other));
      } else if (statSync(source).isDirectory()) cpSync(source, target, { recursive: true });
      else if (name !== 'verified.json') linkSync(source, target);
    }
  }
  const record = join(from, 'vm.json');
  writeFileSync(join(to, 'vm.json'), readFileSync(record, 'utf8').replaceAll(vm, id));
}
