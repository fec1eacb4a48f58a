import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Engine } from '../../../src/extension/engine/engine.ts';
import { fromRejection } from '../../../src/extension/engine/engine-error.ts';
import { afterwards } from '../checks/afterwards.ts';
import { runCliJson } from './cli-io.ts';
import { startEngine, type EngineProcess } from './engine-process.ts';
import { openWindow, type ExtensionWindow } from '../extension/extension-window.ts';

export interface RealWindow extends ExtensionWindow {
  readonly process: EngineProcess;
}

/**
 * A window over the real thing: the engine and jobs are the processes that ship, the lab is the one that the commands start. All of
 * them lie in the test's folder. `before`: a window that was open there, whose settings and secrets are still there.
 */
export async function realWindow(t: TestContext, before?: ExtensionWindow): Promise<RealWindow> {
  const process = { started: undefined as EngineProcess | undefined };
  const engine = {
    request: async (request: never, params: never, token?: never) => {
      try {
        return await process.started?.request(request, params, token);
      } catch (error) {
        throw fromRejection(error, 'The engine is lost');
      }
    },
    requestWithProgress: (request: never, params: object, _report: unknown, token?: never) =>
      engine.request(request, { ...params, progressToken: 'p' } as never, token),
    requestWithParts: (request: never, params: object, _onRows: unknown, token?: never) =>
      engine.request(request, params as never, token),
    onRestarted: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  };
  const window = await openWindow(t, {
    engine: engine as unknown as Engine,
    realJobs: true,
    ...(before === undefined ? {} : { before }),
  });
  const home = join(window.folder, 'home');
  await mkdir(home, { recursive: true });
  const started = await startEngine(t, { home });
  process.started = started;
  if (before === undefined) {
    const lab = join(window.services.context.globalStorageUri.fsPath, 'lab');
    afterwards(t, async () => {
      if (!existsSync(join(lab, 'lab.lock'))) return;
      await runCliJson(['lab', 'stop', '--dir', lab]).catch(() => undefined);
    });
  }
  return { ...window, process: started };
}

/** A window that stays: waits until `seen` answers something. */
export async function until<T>(seen: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await seen();
    if (found !== undefined) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
