import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Target } from './targets.ts';
import { readTar } from './tar.ts';

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly integrity: string } | undefined>
  >;
}

/** What downloads packages into a folder. */
export type Npm = (args: readonly string[]) => void;

/** The files of koffi's own package that `require('koffi')` reads. */
const KOFFI = /^(?:package\.json|LICENSE\.txt|index\.cjs|src\/koffi\/(?:index|src\/static)\.cjs)$/;
const PLATFORM = /^(?:package\.json|index\.js|[^/]+\/koffi\.node)$/;

/**
 * koffi with its binary for a target, by path below a folder `node_modules`. Both packages are downloaded by npm into `cache` and
 * compared with the integrity that package-lock.json records, every time.
 */
export function koffiFiles(
  root: string,
  cache: string,
  target: Target,
  npm: Npm,
): ReadonlyMap<string, Buffer> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;
  const files = new Map<string, Buffer>();
  for (const [name, wanted] of [
    ['koffi', KOFFI],
    [`@koromix/koffi-${target}`, PLATFORM],
  ] as const) {
    for (const [path, contents] of readTar(gunzipSync(packed(lock, cache, name, npm)))) {
      if (wanted.test(path)) files.set(`${name}/${path}`, contents);
    }
  }
  return files;
}

function packed(lock: LockFile, cache: string, name: string, npm: Npm): Buffer {
  const entry = lock.packages[`node_modules/${name}`];
  if (entry === undefined) throw new Error(`package-lock.json has no ${name}`);
  mkdirSync(cache, { recursive: true });
  const file = join(cache, `${name.replace('@', '').replace('/', '-')}-${entry.version}.tgz`);
  if (!existsSync(file)) {
    npm(['pack', `${name}@${entry.version}`, '--pack-destination', cache, '--silent']);
  }
  const archive = readFileSync(file);
  const found = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  if (found !== entry.integrity) {
    throw new Error(`${name}: ${file} is ${found}, package-lock.json says ${entry.integrity}`);
  }
  return archive;
}
