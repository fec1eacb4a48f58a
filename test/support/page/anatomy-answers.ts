import { basename } from 'node:path';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { Anatomies } from '../../../src/engine/operations/anatomy/anatomies.ts';
import type { DiskAnatomyInit, OpenedAnatomy } from '../../../src/views/api/disk-anatomy.ts';
import { DISK_ANATOMY_STRINGS } from '../../../src/views/api/disk-anatomy-strings.ts';
import type { Answer } from './view-page.ts';

export function anatomyInit(path: string): DiskAnatomyInit {
  return { name: basename(path), strings: DISK_ANATOMY_STRINGS, language: 'en' };
}

export interface AnatomyAnswers {
  readonly answer: Answer;
  readonly asked: { readonly method: string; readonly params: unknown; readonly bytes: number }[];
  /** Ends the engine that answers; another one answers from now on, and knows nothing of what was open. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The real engine's answers about a real file. */
export function anatomyAnswers(path: string, trusted = true): AnatomyAnswers {
  let anatomies = new Anatomies();
  const asked: { method: string; params: unknown; bytes: number }[] = [];
  const ask = async (method: string, params: never, signal: AbortSignal): Promise<unknown> => {
    if (method === 'open') {
      const info = await anatomies.open({ path, followParents: trusted }, signal);
      return { info, trusted } satisfies OpenedAnatomy;
    }
    if (method === 'blocks') return anatomies.blocks(params, signal);
    if (method === 'block') return anatomies.block(params, signal);
    if (method === 'bytes') return anatomies.bytes(params, signal);
    if (method === 'survey') {
      return anatomies.survey((params as { anatomyId: string }).anatomyId, signal);
    }
    if (method === 'sectors') return anatomies.sectors(params, signal);
    if (method === 'search') return anatomies.search(params, noProgress, signal);
    return method === 'openParent' ? { opened: true } : {};
  };
  return {
    asked,
    answer: async (method, params, signal) => {
      const result = await ask(method, params, signal);
      asked.push({ method, params, bytes: JSON.stringify(result).length });
      return result;
    },
    restart: async () => {
      await anatomies.closeAll();
      anatomies = new Anatomies();
    },
    close: () => anatomies.closeAll(),
  };
}
