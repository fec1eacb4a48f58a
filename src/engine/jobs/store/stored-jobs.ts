import type { Guid } from '../../base/guid.ts';
import type { StoredState } from './stored-state.ts';
import type { Store } from '../../backup/store/contract/store.ts';

const LIMIT = 2 ** 20;

/** Lists the jobs that a store records for a VM in any state; skips those that cannot be read. */
export async function storedJobs(
  store: Store,
  vmId: Guid,
  signal: AbortSignal,
): Promise<readonly StoredState[]> {
  const root = `${vmId}/jobs`;
  const out: StoredState[] = [];
  for (const name of await store.list(root, signal)) {
    const id = name.replace(/\/$/, '');
    const bytes = await store
      .readFile(`${root}/${id}/state.json`, LIMIT, signal)
      .catch(() => undefined);
    const state = bytes === undefined ? undefined : parseState(bytes);
    if (state !== undefined && state.job.id === id) out.push(state);
  }
  return out;
}

/**
 * Parses a state that another program may have written: checks the fields that are used and ignores
 * the rest.
 */
function parseState(bytes: Uint8Array): StoredState | undefined {
  try {
    const state = JSON.parse(new TextDecoder().decode(bytes)) as StoredState;
    const texts = [state.job.id, state.job.vm, state.state, state.started, state.heartbeat];
    return texts.every((text) => typeof text === 'string') ? state : undefined;
  } catch {
    return undefined;
  }
}
