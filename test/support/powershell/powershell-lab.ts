import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { noLog } from '../../../src/engine/base/log.ts';
import { PowershellClient } from '../../../src/engine/powershell/client/powershell-client.ts';
import type { Computer } from '../../../src/engine/powershell/client/prepare-shell.ts';
import { LabRepository } from '../../../src/engine/lab/host/lab-repository.ts';
import { afterwards } from '../checks/afterwards.ts';
import { servedLab, type ServedLab } from '../host/served-lab.ts';
import { cimBridge, type BridgeAccount, type CimBridge } from './cim-bridge.ts';

export interface PowershellLab {
  readonly lab: ServedLab;
  readonly bridge: CimBridge;
  readonly client: (computer?: Computer, timeoutSeconds?: number) => PowershellClient;
}

/** A lab that this process serves, reached through the real PowerShell and stand-ins of the CIM cmdlets. */
export async function powershellLab(
  t: TestContext,
  account?: BridgeAccount,
): Promise<PowershellLab> {
  const lab = await servedLab(t);
  const bridge = await useBridge(t, lab.client, new LabRepository(lab.lab), account);
  return { lab, bridge, client: (computer, seconds) => shellClient(t, computer, seconds) };
}

/** Starts a bridge that the shells of this process ask from now on. */
export async function useBridge(...given: Parameters<typeof cimBridge>): Promise<CimBridge> {
  const bridge = await cimBridge(...given);
  process.env['REFPOINT_CIM_BRIDGE'] = bridge.url;
  process.env['PSModulePath'] = join(import.meta.dirname, 'modules');
  return bridge;
}

/** A client of the host that the bridge answers for; it ends with the test. */
export function shellClient(
  t: TestContext,
  computer: Computer | null = null,
  timeoutSeconds = 20,
): PowershellClient {
  const client = new PowershellClient({ computer, timeoutSeconds, log: noLog });
  afterwards(t, () => client.close());
  return client;
}
