import fs from 'node:fs/promises';
import path from 'node:path';
import { never } from '../../base/abort.ts';
import { machine } from '../../source/platform/file-environment.ts';
import { systemCode } from '../../source/platform/file-errors.ts';
import { placeExclusive, placeReplacing } from '../../source/folders/place-file.ts';
import { exists } from './restore-target.ts';

/** A proven file and the name that it gets. */
export interface Placement {
  readonly from: string;
  readonly to: string;
}

/**
 * Gives all proven files their names, replacing files if `force` is set. If one cannot be placed, those before it are taken
 * back: files that were replaced return, as far as the file system has hard links, which keep them until the end. Throws
 * `restore.exists`, `source.*`.
 */
export async function placeAll(
  files: readonly Placement[],
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const undo: (() => Promise<void>)[] = [];
  try {
    // From here on nothing is cancelled: it takes a moment.
    for (const { from, to } of files) {
      const before = force ? await keep(from, to) : 'absent';
      if (force) await placeReplacing(from, to, machine, never);
      else if (!(await placeExclusive(from, to, machine, never))) throw exists(to);
      if (before === 'absent') undo.push(() => fs.unlink(to));
      else if (before !== 'unknown') undo.push(() => fs.rename(before.kept, to));
    }
  } catch (error) {
    // Without a second name of the old file, the proven new one stays: it is better than none.
    for (const step of undo.reverse()) await step().catch(() => undefined);
    throw error;
  }
}

/** What had the name before; `unknown`: a file that could not be given a second name. */
type Before = 'absent' | 'unknown' | { readonly kept: string };

/** Gives the file that is replaced a second name beside the new one, which is removed with its folder. */
async function keep(from: string, to: string): Promise<Before> {
  const kept = path.join(path.dirname(from), `${path.basename(to)}.replaced`);
  try {
    await fs.link(to, kept);
    return { kept };
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? 'absent' : 'unknown';
  }
}
