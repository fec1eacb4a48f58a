import { resolveVm } from '../../backup/points/vm-names.ts';
import { RESTORE_FORMATS } from '../../backup/restore/restore-formats.ts';
import { restorePoint, type RestoreResult } from '../../backup/restore/restore.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import {
  nothing,
  type JobEnd,
  type JobKind,
  type JobSurroundings,
  type WorkOf,
} from './job-kind.ts';
import { openJobStore } from './open-for-job.ts';
import { logRestored } from './point-words.ts';
import { noteOf, TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'restore'>;

export const RESTORE: JobKind<Spec, RestoreResult> = {
  needsHost: false,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'restore',
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    disks: f.texts('disks', 1024, TEXT),
    to: f.text('to', TEXT),
    format: f.oneOf('format', RESTORE_FORMATS),
    force: f.flag('force'),
  }),
  words: (title, { disks, point, format, store, to }) => {
    const which = disks.length === 0 ? 'every disk' : `disks ${disks.join(', ')}`;
    return `Restore of ${title}, point ${point}, ${which}, as ${format} from ${store} to ${to}`;
  },
  perform,
};

async function perform(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<RestoreResult>> {
  const { spec } = work;
  const store = await openJobStore(work, around, 'existing', signal);
  const vm = await resolveVm(store, spec.vm, signal);
  around.identified(vm);
  const options = { ...spec, vmId: vm.id };
  const found = await restorePoint(store, options, around.progress, signal);
  const { point, disks, warnings } = found;
  logRestored(around.tell, point, disks);
  const result = {
    ...nothing,
    summary: `${point} restored to ${spec.to}; every disk was read back and matches its record`,
    point,
    files: disks.map(({ file }) => file),
    warnings: warnings.map(noteOf),
  };
  return { found, result };
}
