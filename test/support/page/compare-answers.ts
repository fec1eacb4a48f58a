import { noProgress } from '../../../src/engine/base/progress.ts';
import { Anatomies } from '../../../src/engine/operations/anatomy/anatomies.ts';
import type { DiskCompareInit, OpenedImages } from '../../../src/views/api/disk-compare.ts';
import { DISK_COMPARE_STRINGS } from '../../../src/views/api/disk-compare-strings.ts';
import type { Answer } from './view-page.ts';

export function compareInit(left: string, right: string): DiskCompareInit {
  const paths = { left, right };
  return { images: paths, paths, strings: DISK_COMPARE_STRINGS, language: 'en' };
}

export interface CompareAnswers {
  readonly answer: Answer;
  readonly asked: { readonly method: string; readonly params: unknown }[];
  /** Closes what is open, as the engine does for others. */
  readonly forget: () => Promise<void>;
}

/** The real engine's answers about two real files. */
export function compareAnswers(left: string, right: string): CompareAnswers {
  const anatomies = new Anatomies();
  const asked: { method: string; params: unknown }[] = [];
  const ask = async (method: string, params: never, signal: AbortSignal): Promise<unknown> => {
    if (method === 'open') {
      const open = (path: string) => anatomies.open({ path, followParents: true }, signal);
      const images = { left: await open(left), right: await open(right) };
      return { images, trusted: true } satisfies OpenedImages;
    }
    if (method === 'survey') {
      return anatomies.survey((params as { anatomyId: string }).anatomyId, signal);
    }
    if (method === 'sectors') return anatomies.sectors(params, signal);
    if (method === 'differences') return anatomies.differences(params, noProgress, signal);
    return {};
  };
  return {
    asked,
    answer: (method, params, signal) => {
      asked.push({ method, params });
      return ask(method, params, signal);
    },
    forget: () => anatomies.closeAll(),
  };
}
