import type { TestContext } from 'node:test';
import { Secret } from '../../../src/engine/net/auth/contract/secret.ts';
import { startLabSmb, type LabSmbStart } from '../../../src/engine/lab/host/lab-smb.ts';
import type { Lab } from '../../../src/engine/lab/model/lab.ts';
import { afterwards } from '../checks/afterwards.ts';
import { openedLab } from '../host/served-lab.ts';

/** A lab that serves files in this process. */
export interface ServedFiles {
  readonly lab: Lab;
  readonly port: number;
  /** Local folder of `C:\Lab`. */
  readonly root: string;
  readonly user: string;
  readonly password: string;
}

const PASSWORD = 'Passw0rd!';

/** Serves the files of a lab, a new one by default, on a free port. */
export async function servedFiles(
  t: TestContext,
  settings: LabSmbStart['settings'] = {},
  lab?: Lab,
): Promise<ServedFiles> {
  const opened = lab ?? (await openedLab(t));
  const { state, faults } = opened;
  const server = await startLabSmb(opened, {
    address: '127.0.0.1',
    port: 0,
    logins: {
      offers: ['negotiate'],
      machineName: state.machineName,
      user: state.user,
      password: new Secret(PASSWORD),
      unencrypted: 'off',
    },
    faults: {
      locked: () => faults.strike('account.locked') !== undefined,
      ntlmDisabled: () => faults.strike('ntlm.disabled') !== undefined,
    },
    log: () => undefined,
    settings,
  });
  if (server === undefined) throw new Error('the lab serves no files');
  afterwards(t, () => server.close());
  const { localRoot: root } = opened.paths;
  return { lab: opened, port: server.port, root, user: state.user, password: PASSWORD };
}
