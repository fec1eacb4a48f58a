import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  client(computer?: Computer, timeoutSeconds?: number): PowershellClient;
}

/** A lab that this process serves, reached through the real PowerShell and stand-ins of the CIM cmdlets. */
export async function powershellLab(
  t: TestContext,
  account?: BridgeAccount,
): Promise<PowershellLab> {
  const lab = await servedLab(t);
  const bridge = await cimBridge(t, lab.client, new LabRepository(lab.lab), account);
  process.env['REFPOINT_CIM_BRIDGE'] = bridge.url;
  process.env['PSModulePath'] = modulesFolder();
  return {
    lab,
    bridge,
    client: (computer, timeoutSeconds = 20) => {
      const client = new PowershellClient({ computer: computer ?? null, timeoutSeconds, log: noLog });
      afterwards(t, () => client.close());
      return client;
    },
  };
}

const modulesFolder = (): string => join(fileURLToPath(new URL('.', import.meta.url)), 'modules');
