import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { mapError } from '../../changemap/map-errors.ts';
import { packRanges, unpackRanges } from '../../changemap/packed-ranges.ts';
import type { Segments } from '../../changemap/segments.ts';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { ensureFolder } from '../../source/folders/folder.ts';
import type { MapWarning } from './map-contents.ts';

/*
 * Keeps the ranges of a query, so that its map can be shown again without the host. `<id>.ranges`
 * holds a line of JSON and the packed ranges. The ID is the start of the file's own SHA-256: equal
 * results are kept once, and damage is detected.
 */
const MAX_KEPT = 50;
const MAX_BYTES = 256 * 2 ** 20;
const MAX_HEADER = 64 * 1024;
const MAX_WARNINGS = 20;
const NAME = /^([0-9a-f]{32})\.ranges$/;

export interface KeptRanges {
  readonly title: string;
  readonly segments: Segments;
  readonly warnings: readonly MapWarning[];
}

interface Header {
  readonly version: 1;
  readonly title: string;
  readonly virtualSize: number;
  readonly unit: number;
  readonly count: number;
  readonly warnings: readonly MapWarning[];
}

/** Writes the ranges, removes all but the newest 50, and returns the ID. */
export async function keepRanges(
  folder: string,
  { title, segments, warnings }: KeptRanges,
  signal: AbortSignal,
): Promise<string> {
  const { unit, count, bytes } = packRanges(segments);
  const header: Header = {
    version: 1,
    title,
    virtualSize: segments.size,
    unit,
    count,
    warnings: warnings.slice(0, MAX_WARNINGS),
  };
  const file = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]);
  const id = idOf(file);
  await ensureFolder(folder);
  await replaceFile(path.join(folder, `${id}.ranges`), file, signal);
  await removeOldest(folder);
  return id;
}

/** Reads kept ranges. Throws `map.kept.missing`, `map.kept.damaged`. */
export async function readKept(
  folder: string,
  id: string,
  signal: AbortSignal,
): Promise<KeptRanges> {
  if (!NAME.test(`${id}.ranges`)) throw missing(id);
  const file = await readFile(path.join(folder, `${id}.ranges`), id, signal);
  if (idOf(file) !== id) throw damaged(id, 'its contents do not match its name');
  const line = file.indexOf(10);
  if (line < 0 || line > MAX_HEADER) throw damaged(id, 'it has no header');
  const header = parseHeader(file.toString('utf8', 0, line));
  if (header === undefined) throw damaged(id, 'its header has an unknown version');
  const { title, virtualSize, unit, count, warnings } = header;
  const segments = unpackRanges({ unit, count, bytes: file.subarray(line + 1) }, virtualSize);
  return { title, segments, warnings };
}

async function readFile(file: string, id: string, signal: AbortSignal): Promise<Buffer> {
  const source = await FileSource.open(file, signal).catch(() => undefined);
  if (source === undefined) throw missing(id);
  try {
    if (source.size > MAX_BYTES) throw damaged(id, `it has ${source.size} bytes`);
    const bytes = Buffer.alloc(source.size);
    await source.read(0, bytes, signal);
    return bytes;
  } finally {
    await source.close();
  }
}

/**
 * Parses the header. The hash shows that the file is intact, but not which version of the program
 * wrote it.
 */
function parseHeader(text: string): Header | undefined {
  try {
    const header = JSON.parse(text) as Partial<Header>;
    const numbers = [header.virtualSize, header.unit, header.count];
    const valid =
      header.version === 1 &&
      typeof header.title === 'string' &&
      Array.isArray(header.warnings) &&
      numbers.every((each) => Number.isSafeInteger(each) && (each as number) >= 0);
    return valid ? (header as Header) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the oldest files. Failures are ignored: a leftover file does not affect the map. */
async function removeOldest(folder: string): Promise<void> {
  const names = (await fs.readdir(folder).catch(() => [])).filter((name) => NAME.test(name));
  if (names.length <= MAX_KEPT) return;
  const aged = await Promise.all(
    names.map(async (name) => {
      const stat = await fs.stat(path.join(folder, name)).catch(() => undefined);
      return { name, time: stat?.mtimeMs ?? 0 };
    }),
  );
  aged.sort((a, b) => b.time - a.time);
  for (const { name } of aged.slice(MAX_KEPT)) {
    await fs.rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }
}

const idOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 32);

const missing = (id: string): Error =>
  mapError('map.kept.missing', `The kept ranges ${id.slice(0, 40)} no longer exist`, {
    data: { found: id.slice(0, 40) },
  });

const damaged = (id: string, what: string): Error =>
  mapError('map.kept.damaged', `The kept ranges ${id} are damaged: ${what}`, {
    data: { found: id },
  });
