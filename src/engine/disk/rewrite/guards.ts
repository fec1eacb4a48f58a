import fs from 'node:fs/promises';
import path from 'node:path';
import { isEngineError } from '../../base/errors.ts';
import type { FileAccess } from '../../source/files/file-access.ts';
import { LOCAL_ACCESS } from '../../source/files/local-access.ts';
import { pathsOf } from '../../source/platform/path-flavour.ts';
import { fileKey } from '../chain/find-parent.ts';
import { openAs } from '../chain/open-as.ts';
import { FORMATS } from '../formats/formats.ts';
import type { ImageIdentity, ParentLink } from '../image/image.ts';
import { diskError } from '../virtual/disk-errors.ts';

/**
 * Throws `disk.edit.store` if a file lies in a folder, at any depth and by its real path, that
 * holds a file with the name of the marker: the images of a store are immutable.
 */
export async function refuseInStore(
  files: readonly string[],
  marker: string,
  access: FileAccess = LOCAL_ACCESS,
): Promise<void> {
  if (access !== LOCAL_ACCESS) return refuseInRemoteStore(files, marker, access);
  for (const file of files) {
    const real = await fs.realpath(file).catch(() => path.resolve(file));
    for (const start of new Set([path.dirname(real), path.dirname(path.resolve(file))])) {
      const store = await folderWith(start, marker);
      if (store === undefined) continue;
      throw ofStore(file, store);
    }
  }
}

async function refuseInRemoteStore(
  files: readonly string[],
  marker: string,
  access: FileAccess,
): Promise<void> {
  const paths = pathsOf(access.flavour);
  for (const file of files) {
    for (let folder = paths.dirname(file); ; folder = paths.dirname(folder)) {
      // The account may see nothing of the folders above.
      const found = await access
        .stat(`${folder.replace(/\\$/, '')}\\${marker}`, AbortSignal.timeout(LOOK_MS))
        .catch(() => undefined);
      if (found !== undefined) throw ofStore(file, folder);
      if (paths.dirname(folder) === folder) break;
    }
  }
}

/** Time for looking for a file on a file server, in milliseconds. */
const LOOK_MS = 60_000;

const ofStore = (file: string, store: string): Error =>
  diskError(
    'disk.edit.store',
    `${file} belongs to the store ${store}, whose files never change: use a new file instead`,
    { data: { path: file, store } },
  );

async function folderWith(start: string, marker: string): Promise<string | undefined> {
  for (let folder = start; ; folder = path.dirname(folder)) {
    const found = await fs.lstat(path.join(folder, marker)).then(
      () => true,
      () => false,
    );
    if (found) return folder;
    if (path.dirname(folder) === folder) return undefined;
  }
}

/**
 * Throws `disk.edit.children` if another image in one of the folders was made from `parent`.
 * Damaged images are skipped; one that is in use counts as a child, since it cannot be ruled out.
 * @param except files that do not count: the child itself, and its own parents
 */
export async function refuseOtherChildren(
  parent: ImageIdentity,
  folders: readonly string[],
  except: readonly string[],
  signal: AbortSignal,
  access: FileAccess = LOCAL_ACCESS,
): Promise<void> {
  const keyOf =
    access === LOCAL_ACCESS ? fileKey : async (file: string): Promise<string> => file.toLowerCase();
  const skipped = new Set(await Promise.all(except.map(keyOf)));
  for (const file of await imagesIn(folders, access, signal)) {
    if (skipped.has(await keyOf(file)) || !(await mayBeChild(file, parent, access, signal))) {
      continue;
    }
    throw diskError(
      'disk.edit.children',
      `${file} is another child of ${parent.name}: move it to another folder if it is not needed`,
      { data: { path: file, parent: parent.name } },
    );
  }
}

async function imagesIn(
  folders: readonly string[],
  access: FileAccess,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const paths = pathsOf(access.flavour);
  const endings = new Set(FORMATS.filter(canHaveParent).flatMap((format) => format.endings));
  const files: string[] = [];
  for (const folder of new Set(folders.map((each) => paths.resolve(each)))) {
    for (const { name } of (await access.list(folder, signal)) ?? []) {
      if (endings.has(paths.extname(name).toLowerCase())) files.push(paths.join(folder, name));
    }
  }
  return files;
}

const canHaveParent = ({ signatures }: (typeof FORMATS)[number]): boolean => signatures.length > 0;

async function mayBeChild(
  file: string,
  parent: ImageIdentity,
  access: FileAccess,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { source, format } = await openAs(file, { open: access.open.bind(access) }, signal);
    const image = await format.open(source, {}, signal);
    try {
      const { parent: link } = image;
      if (link === undefined || link.mismatch(parent) !== undefined) return false;
      // Without an identity only the name remains.
      return (
        parent.identity !== undefined || names(link).includes(path.win32.basename(parent.name))
      );
    } finally {
      await image.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isEngineError(error)) return isEngineError(error, ...IN_USE);
    throw error;
  }
}

const IN_USE = ['source.busy', 'source.denied', 'smb.busy', 'smb.denied'] as const;

const names = ({ relativePath, absolutePath, volumePath }: ParentLink): readonly string[] =>
  [relativePath, absolutePath, volumePath].flatMap((text) => text?.split(/[\\/]/).at(-1) ?? []);
