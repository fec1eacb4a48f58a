import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import type { CimInstance } from '../../../src/engine/cim/model.ts';
import type { LabOperations, OperationName } from '../../../src/engine/lab/control/operations.ts';
import { perform } from '../../../src/engine/lab/control/perform.ts';
import { LabRepository } from '../../../src/engine/lab/host/lab-repository.ts';
import { Lab } from '../../../src/engine/lab/model/lab.ts';
import {
  createState,
  loadState,
  type LabSettings,
} from '../../../src/engine/lab/state/state-file.ts';
import type { LabVm } from '../../../src/engine/lab/state/state.ts';
import type { HttpWsmanClient } from '../../../src/engine/net/wsman/wsman-client.ts';
import { afterwards } from '../checks/afterwards.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { all, smallHost, type SmallHost } from './small-host.ts';

/** A lab on the wire of this process, with a client. */
export interface ServedLab {
  readonly lab: Lab;
  readonly host: SmallHost;
  readonly client: HttpWsmanClient;
  perform<Name extends OperationName>(
    name: Name,
    params: LabOperations[Name]['params'],
  ): Promise<LabOperations[Name]['result']>;
  /** Instances that a WQL query selects. */
  query(wql: string): Promise<CimInstance[]>;
}

/** Opens a new lab, whose state has `vms`, without serving it. */
export async function openedLab(
  t: TestContext,
  settings: LabSettings = {},
  vms: readonly LabVm[] = [],
): Promise<Lab> {
  const folder = await temporaryFolder(t);
  await createState(folder, settings, never);
  const state = { ...(await loadState(folder, never)), vms };
  await writeFile(join(folder, 'lab-state.json'), JSON.stringify(state));
  const lab = await Lab.open(folder, { jobDelay: 0 }, never);
  afterwards(t, () => lab.close());
  return lab;
}

/** Serves a new lab with one VM of one small disk, `web`. */
export async function servedLab(t: TestContext, settings: LabSettings = {}): Promise<ServedLab> {
  const lab = await openedLab(t, settings);
  const served = await serve(t, lab);
  await served.perform('add-vm', { name: 'web', disks: [{ size: 8 * 2 ** 20 }] });
  return served;
}

export async function serve(t: TestContext, lab: Lab): Promise<ServedLab> {
  const host = await smallHost(t, new LabRepository(lab));
  const client = host.client();
  return {
    lab,
    host,
    client,
    perform: (name, params) => perform(lab, name, params, noProgress, never),
    query: (wql) => all(client.query(wql, never)),
  };
}
