import fs from 'node:fs/promises';
import path from 'node:path';
import { never } from '../../base/abort.ts';
import { machine } from '../../source/platform/file-environment.ts';
import { systemCode } from '../../source/platform/file-errors.ts';
import { placeExclusive, placeReplacing } from '../../source/folders/place-file.ts';
import { exists } from './restore-target.ts';

/** A verified file and its final path. */
export interface Placement {
  readonly from: string;
  readonly to: string;
}

/**
 * Gives all verified files their names; replaces existing files if `force` is set. If one cannot be
 * placed, the earlier ones are undone: replaced files are restored if the file system supports hard
 * links, which keep them until the end. Throws `restore.exists`, `source.*`.
 */
export async function placeAll(
  files: readonly Placement[],
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const undo: (() => Promise<void>)[] = [];
  try {
    // No cancellation from here on: it only takes a moment.
    for (const { from, to } of files) {
      const before = force ? await keep(from, to) : 'absent';
      if (force) await placeReplacing(from, to, machine, never);
      else if (!(await placeExclusive(from, to, machine, never))) throw exists(to);
      if (before === 'absent') undo.push(() => fs.unlink(to));
      else if (before !== 'unknown') undo.push(() => fs.rename(before.kept, to));
    }
  } catch (error) {
    // If the old file has no second name, the verified new one stays, since removing it would leave
    // neither.
    for (const step of undo.reverse()) await step().catch(() => undefined);
    throw error;
  }
}

/** The earlier file at the path; `unknown`: a file that could not get a second name. */
type Before = 'absent' | 'unknown' | { readonly kept: string };

/**
 * Keeps the replaced file under a second name beside the new one; it is removed with its folder.
 */
async function keep(from: string, to: string): Promise<Before> {
  const kept = path.join(path.dirname(from), `${path.basename(to)}.replaced`);
  try {
    await fs.link(to, kept);
    return { kept };
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? 'absent' : 'unknown';
  }
}
