import { runBackup } from '../../backup/run/run-backup.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import { parseBackupOptions } from './backup-options.ts';
import {
  nothing,
  type JobEnd,
  type JobKind,
  type JobSurroundings,
  type WorkOf,
} from './job-kind.ts';
import { openJobStore, withJobHost } from './open-for-job.ts';
import { performSet, type BackupFound } from './backup-set.ts';
import { logBackup } from './point-words.ts';
import { noteOf, TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'backup'>;

/** Maximum number of VMs of one set. */
const MAX_VMS = 1024;

export const BACKUP: JobKind<Spec, BackupFound> = {
  needsHost: true,
  waits: true,
  parse: (f: JsonFields) => ({
    kind: 'backup',
    host: f.text('host', TEXT),
    vm: f.text('vm', TEXT),
    ...(f.optional('group', () => f.flag('group')) === true ? { group: true } : {}),
    ...vmsOf(f),
    store: f.text('store', TEXT),
    options: f.object('options', parseBackupOptions),
  }),
  words: (title, { options, host, store }) =>
    `Backup (${options.kind}, method ${options.method}) of ${title} from ${host} into ${store}`,
  perform,
};

/** Absent in a job of one VM. */
function vmsOf(f: JsonFields): { readonly vms?: readonly string[] } {
  const vms = f.optional('vms', () => f.texts('vms', MAX_VMS, TEXT));
  return vms === null ? {} : { vms };
}

async function perform(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<BackupFound>> {
  if (work.spec.options.method === 'vss') return performSet(work, around, signal);
  const { progress, log, onEdge, mayMakeStore } = around;
  const { id, spec, target } = work;
  const found = await withJobHost(target, around, async (connected) => {
    const isGroup = spec.group === true;
    const host = isGroup ? await connected.groups.hostOf(spec.vm, signal) : connected;
    const vm = await host.identifyVm(spec.vm, signal);
    around.identified(vm);
    const store = await openJobStore(work, around, mayMakeStore ? 'unknown' : 'required', signal);
    await around.mirrorIn(store, vm.id, signal);
    const deps = { host, store, progress, log, onEdge, now: Date.now };
    return runBackup(deps, vm.id, spec.options, id, signal);
  });
  const { manifest, unfinished, protection } = found;
  logBackup(around.tell, manifest);
  const read = manifest.disks.reduce((sum, disk) => sum + disk.readBytes, 0);
  const kind = manifest.kind === 'full' ? 'full' : 'incremental';
  const result = {
    ...nothing,
    summary: `${kind} backup ${manifest.id}, ${formatBytes(read)} read`,
    kind: manifest.kind,
    readBytes: read,
    point: manifest.id,
    warnings: [...manifest.warnings, ...unfinished].map(noteOf),
    ...(protection.length === 0 ? {} : { protection }),
  };
  return { found, result };
}
