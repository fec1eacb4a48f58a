import type { TestContext } from 'node:test';
import type { BackupOptions } from '../../../src/engine/api/backup.ts';
import type { Edge } from '../../../src/engine/backup/context/edges.ts';
import { runSet, type SetResult } from '../../../src/engine/backup/vss/run-set.ts';
import type { Store } from '../../../src/engine/backup/store/contract/store.ts';
import { never } from '../../../src/engine/base/abort.ts';
import type { Log } from '../../../src/engine/base/log.ts';
import { noLog } from '../../../src/engine/base/log.ts';
import { noProgress } from '../../../src/engine/base/progress.ts';
import { connectTarget } from '../../../src/engine/hosts/connect-target.ts';
import type { HypervBackupHost } from '../../../src/engine/hosts/hyperv-backup-host.ts';
import type { HostVersion } from '../../../src/engine/lab/state/state.ts';
import type { LabLanguage } from '../../../src/engine/lab/texts/languages.ts';
import { afterwards } from '../checks/afterwards.ts';
import { startBackupLab, type BackupLab } from '../backup/backup-lab.ts';
import { absent } from '../process/peers.ts';

/** 8 MiB: the smallest disks that still have several blocks of a cell. */
export const SMALL = 8 * 2 ** 20;

/** A lab with remote shells, a host with shadow copies, and VMs on both drives. */
export interface VssLab extends BackupLab {
  readonly shadowed: HypervBackupHost;
  /** IDs and names of the VMs. */
  readonly vms: readonly { readonly id: never; readonly name: string }[];
}

/** PowerShell for tests; undefined, with the test skipped, if there is none or this is Windows. */
export function powershellOr(t: TestContext): string | undefined {
  const powershell = process.env['REFPOINT_PWSH'] ?? '';
  if (process.platform === 'win32') t.skip('the lab emulates diskshadow elsewhere');
  else if (powershell === '') absent(t, 'needs PowerShell, which REFPOINT_PWSH names');
  else return powershell;
  return undefined;
}

/** Starts a lab with VMs that have a disk on each of two drives. */
export async function startVssLab(
  t: TestContext,
  powershell: string,
  names: readonly string[],
  settings: { readonly hostVersion?: HostVersion; readonly language?: LabLanguage } = {},
  smb = false,
): Promise<VssLab> {
  const lab = await startBackupLab(t, { powershell, settings, smb });
  const vms = [];
  for (const name of names) {
    const disks = [{ size: SMALL }, { size: SMALL }];
    const { id } = await lab.ask('add-vm', { name, disks, drives: ['C', 'D'] });
    vms.push({ id: id as never, name });
  }
  const shadowed = connectTarget(lab.target, noLog);
  afterwards(t, () => shadowed.close());
  return { ...lab, shadowed, vms };
}

export interface SetChanges extends Partial<BackupOptions> {
  readonly onEdge?: (edge: Edge) => Promise<void>;
  readonly signal?: AbortSignal;
  readonly log?: Log;
}

/** Backs up VMs of a lab in one set. */
export function backUpSet(
  { shadowed, pathMap }: VssLab,
  store: Store,
  vms: VssLab['vms'],
  { onEdge = async () => undefined, signal = never, log = noLog, ...change }: SetChanges = {},
): Promise<SetResult> {
  const options: BackupOptions = {
    kind: 'auto',
    method: 'vss',
    consistency: 'default',
    guestBackup: 'copy',
    checkTracker: 'off',
    maxChain: 30,
    pathMap: pathMap.filter(({ host }) => host.includes('ProgramData')),
    exportDirectory: null,
    excludeDisks: [],
    vssWaitSeconds: 0,
    ...change,
  };
  const deps = { host: shadowed, store, progress: noProgress, log, onEdge, now: Date.now };
  return runSet(deps, vms, options, 'test', signal);
}
