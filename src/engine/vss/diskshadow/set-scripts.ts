import type { Guid } from '../../base/guid.ts';
import { HYPERV_WRITER } from '../model.ts';
import { vssError } from '../vss-errors.ts';

const VOLUME = /^\\\\\?\\Volume\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}\\$/i;

/** Alias of a volume: no name of an environment variable that is in use. */
export const aliasOf = (at: number): string => `RPV${at + 1}`;

/** Folder below the job's, in which the copy of a volume is mounted. */
export const mountOf = (at: number): string => `v${at + 1}`;

/** File in the job's folder that gets the documents of the backup: components, and metadata of all writers. */
export const ARCHIVE = 'meta.cab';

/**
 * Returns the script that makes a set. It contains nothing that a user or a host named: volumes by
 * their GUIDs, aliases and folders by numbers, and no drive letter, no share, no `exec`. `end backup`
 * comes before the copying. Throws `vss.volume` for a name that is not one of a volume.
 *
 * UNCONFIRMED: a real diskshadow may want an absolute folder for `expose`. The copies are then not
 * mounted, which is reported, and the set is removed.
 */
export function makeScript(volumes: readonly string[]): readonly string[] {
  const wrong = volumes.find((each) => !VOLUME.test(each));
  if (wrong !== undefined || volumes.length === 0) {
    throw vssError('vss.volume', `${wrong ?? 'Nothing'} is not the name of a volume`, {
      data: { found: wrong?.slice(0, 100) ?? '', expected: '\\\\?\\Volume{GUID}\\' },
    });
  }
  return [
    'set verbose on',
    'set context persistent',
    `set metadata ${ARCHIVE}`,
    `writer verify {${HYPERV_WRITER}}`,
    'begin backup',
    ...volumes.map((volume, at) => `add volume ${volume} alias ${aliasOf(at)}`),
    'create',
    'list writers status',
    ...volumes.map((_, at) => `expose %${aliasOf(at)}% ${mountOf(at)}`),
    'end backup',
    'exit',
  ];
}

/** Returns the script that removes exactly one set. Its mounts vanish with it. */
export const removeScript = (set: Guid): readonly string[] => [
  `delete shadows set {${set}}`,
  'exit',
];
