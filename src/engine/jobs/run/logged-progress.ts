import { formatBytes } from '../../base/format-bytes.ts';
import type { Log } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';
import { durationWords } from '../kinds/job-words.ts';

/** Passes progress on and writes each phase to the log, with its bytes and its duration. `end` closes the last one. */
export function loggedProgress(
  progress: Progress,
  log: Log,
  now: () => number = Date.now,
): Progress & { readonly end: () => void } {
  let current:
    { readonly name: string; readonly total: number; readonly start: number } | undefined;
  let done = 0;
  const info = (message: string): void => log({ level: 'info', area: 'progress', message });
  const end = (): void => {
    if (current === undefined) return;
    const { name, total, start } = current;
    const took = durationWords(now() - start);
    const bytes =
      total === 0 && done === 0 ? '' : `${formatBytes(done)} of ${formatBytes(total)}, `;
    info(`${name}: ${bytes}${took}`);
    current = undefined;
  };
  return {
    phase: (name, total) => {
      end();
      current = { name, total, start: now() };
      done = 0;
      progress.phase(name, total);
    },
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
