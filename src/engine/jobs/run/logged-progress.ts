import { formatBytes } from '../../base/format-bytes.ts';
import type { Log } from '../../base/log.ts';
import { regroup, type Progress } from '../../base/progress.ts';
import { durationWords } from '../../base/words/duration.ts';

/**
 * Forwards progress and logs each phase with its bytes and its duration. `end` closes the last
 * phase.
 */
export function loggedProgress(
  progress: Progress,
  log: Log,
  now: () => number = Date.now,
): Progress & { readonly end: () => void } {
  let current: { readonly names: Set<string>; total: number; readonly start: number } | undefined;
  let done = 0;
  const info = (message: string): void => log({ level: 'info', area: 'progress', message });
  const end = (): void => {
    if (current === undefined) return;
    const { names, total, start } = current;
    const milliseconds = now() - start;
    const took = durationWords(milliseconds);
    const rate = milliseconds > 0 ? ` (${formatBytes((done / milliseconds) * 1000)}/s)` : '';
    const bytes =
      total === 0 && done === 0 ? '' : `${formatBytes(done)} of ${formatBytes(total)}, `;
    info(`${listOf(names)}: ${bytes}${took}${bytes === '' ? '' : rate}`);
    current = undefined;
  };
  return {
    phase: (name, total, share) => {
      end();
      current = { names: new Set([name]), total, start: now() };
      done = 0;
      progress.phase(name, total, share);
    },
    regroup: (names, total, share, bytes) => {
      for (const name of names) current?.names.add(name);
      if (current !== undefined) current.total = total;
      done = bytes;
      regroup(progress, names, total, share, bytes);
    },
    whole: (bytes) => progress.whole?.(bytes),
    advance: (bytes) => {
      done += bytes;
      progress.advance(bytes);
    },
    note: (text) => {
      info(text);
      progress.note(text);
    },
    end,
  };
}

/** Maximum number of names of a phase that are logged. */
const MAX_NAMES = 8;

function listOf(names: ReadonlySet<string>): string {
  const all = [...names];
  const more = all.length - MAX_NAMES;
  return all.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
