import fs from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../../base/errors.ts';
import type { Guid } from '../../base/guid.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { foldedName } from '../../source/files/folder-entries.ts';
import { readHead } from '../vhdx/read/read-structures.ts';
import type { DiskAnatomy } from './blocks/disk-anatomy.ts';
import type { Findings } from '../inspect/findings.ts';
import type { ParentPath } from '../inspect/model.ts';
import { namesOf, placeOfPath } from './parent-place.ts';

const KEYS = ['relative_path', 'absolute_win32_path', 'volume_path'] as const;
/** Maximum length of a Windows path, in characters. */
const MAX_PATH = 32_767;

/**
 * Finds the parent of an image by the layout of the store that contains the image. Returns
 * undefined if the image is not in a store or `text` leads elsewhere, null if the store lacks the
 * parent.
 */
export type FindInStore = (
  file: string,
  text: string,
  signal: AbortSignal,
) => Promise<string | null | undefined>;

/**
 * Returns the paths that a locator names. Looks up only a path that stays inside the file's own
 * folder, or inside the store of a point's image, and only if `follow`. Does not follow symbolic
 * links on the way, since they may lead anywhere.
 */
export async function parentPaths(
  file: string,
  anatomy: DiskAnatomy,
  follow: boolean,
  findings: Findings,
  inStore: FindInStore,
  signal: AbortSignal,
): Promise<readonly ParentPath[]> {
  const { locator, locatorAt } = anatomy;
  if (locator === undefined) return [];
  const paths: ParentPath[] = [];
  for (const key of KEYS) {
    const text = locator.get(key)?.slice(0, MAX_PATH);
    if (text === undefined) continue;
    const place = key === 'relative_path' ? placeOfPath(text) : outside(text);
    if (follow && key === 'relative_path' && place === 'elsewhere') {
      const stored = await inStore(file, text, signal);
      if (stored !== undefined) {
        paths.push({ key, text, place: 'store', found: stored });
        continue;
      }
    }
    const found = place === 'beside' && follow ? await findBeside(file, text) : undefined;
    paths.push({ key, text, place, found: found ?? null });
  }
  if (paths.length === 0) {
    const message = 'the parent locator holds no path to the parent';
    findings.add('anatomy.parent.path', 'error', message, locatorAt);
  }
  if (follow) await checkFound(paths, anatomy, findings, signal);
  return paths;
}

/** Absolute-path keys never name a file beside the image, whatever they hold. */
function outside(text: string): 'elsewhere' | 'remote' {
  const place = placeOfPath(text);
  return place === 'beside' ? 'elsewhere' : place;
}

async function findBeside(file: string, text: string): Promise<string | undefined> {
  const names = namesOf(text);
  let folder = path.dirname(file);
  for (const [i, wanted] of names.entries()) {
    const last = i === names.length - 1;
    const name = await entryOf(folder, wanted, last);
    if (name === undefined) return undefined;
    folder = path.join(folder, name);
  }
  return folder === file ? undefined : folder;
}

/** Returns the entry in its own spelling; only plain folders and files count. */
async function entryOf(
  folder: string,
  wanted: string,
  isFile: boolean,
): Promise<string | undefined> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    const fit = entries.filter((entry) => (isFile ? entry.isFile() : entry.isDirectory()));
    const exact = fit.find(({ name }) => name === wanted);
    const folded = foldedName(wanted);
    return (exact ?? fit.find(({ name }) => foldedName(name) === folded))?.name;
  } catch {
    return undefined;
  }
}

async function checkFound(
  paths: readonly ParentPath[],
  { format, linkage, locatorAt }: DiskAnatomy,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const near = paths.find(({ place }) => place === 'beside' || place === 'store');
  if (near === undefined) {
    const message = 'the parent is outside the folder of this file and was not searched';
    findings.add('anatomy.parent.elsewhere', 'info', message, locatorAt);
    return;
  }
  if (near.found === null && format === 'vhds') {
    // Nothing of the disk is in the set itself.
    const message = `the backing file ${near.text} was not found in the folder of this file`;
    findings.add('vhds.backing.missing', 'error', message, locatorAt);
    return;
  }
  if (near.found === null) {
    const where = near.place === 'store' ? 'in this store' : 'in the folder of this file';
    const message = `the parent ${near.text} was not found ${where}`;
    findings.add('disk.parent.missing', 'warning', message, locatorAt);
    return;
  }
  if (linkage === undefined) return;
  try {
    const dataWriteGuid = await dataWriteGuidOf(near.found, signal);
    if (dataWriteGuid !== linkage.linkage && dataWriteGuid !== linkage.linkage2) {
      const message =
        `${near.found} has the DataWriteGuid ${dataWriteGuid}; this file was made from ${linkage.linkage}: ` +
        'it is a different disk, or has changed since';
      findings.add('disk.parent.mismatch', 'error', message, locatorAt);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EngineError)) throw error;
    const message = `the parent ${near.found} cannot be read: ${error.message}`;
    findings.add(error.code, 'error', message, locatorAt);
  }
}

async function dataWriteGuidOf(file: string, signal: AbortSignal): Promise<Guid> {
  const source = await FileSource.open(file, signal);
  try {
    const { current } = await readHead(source, signal);
    return current.header.dataWriteGuid;
  } finally {
    await source.close();
  }
}
