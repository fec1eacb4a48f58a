import type { TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { askLab } from '../../../src/engine/lab/control/lab-client.ts';
import type { LabOperations, OperationName } from '../../../src/engine/lab/control/operations.ts';
import { startLab } from '../../../src/engine/lab/host/lab-host.ts';
import { afterwards } from '../checks/afterwards.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { VirtdiskCaller } from './virtdisk-caller.ts';

const MIB = 2 ** 20;

/** A lab with the virtual disk API and one VM, `web`, with a disk of 8 MiB. */
export interface VirtdiskLab {
  /** Local folder of `C:\Lab`. */
  readonly folder: string;
  /** PORT:KEY. */
  readonly place: string;
  /** Host path of the active file of `web`. */
  file(): Promise<string>;
  ask<Name extends OperationName>(
    name: Name,
    params: LabOperations[Name]['params'],
  ): Promise<LabOperations[Name]['result']>;
  write(at: number, byte: number): Promise<void>;
  fault(name: string, value?: string, times?: number): Promise<void>;
  caller(): Promise<VirtdiskCaller>;
}

export async function virtdiskLab(t: TestContext): Promise<VirtdiskLab> {
  const dir = await temporaryFolder(t);
  const lab = await startLab(
    {
      ...{ dir, httpPort: undefined, httpsPort: undefined, password: 'x', jobDelay: 0 },
      ...{ virtdiskPort: 0, settings: { rctGranularity: 65_536 }, log: noLog },
    },
    never,
  );
  afterwards(t, () => lab.close());
  const ask: VirtdiskLab['ask'] = (name, params) => askLab(dir, name, params, noProgress, never);
  await ask('add-vm', { name: 'web', disks: [{ size: 8 * MIB }] });
  const place = lab.line.virtdisk ?? '';
  return {
    folder: lab.line.pathMap['C:\\Lab'] ?? '',
    place,
    ask,
    file: async () => (await ask('list', {}))[0]?.disks[0]?.path ?? '',
    write: async (offset, byte) => {
      const base64 = Buffer.alloc(65_536, byte).toString('base64');
      await ask('write-bytes', { vm: 'web', disk: 0, offset, base64 });
    },
    fault: async (name, value, times) => {
      await ask('fault-set', { name, value: value ?? null, times: times ?? null, at: null });
    },
    caller: () => VirtdiskCaller.connect(place),
  };
}
