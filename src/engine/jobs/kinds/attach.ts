import { resolveVm } from '../../backup/points/vm-names.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import { attachPoint } from '../work/attach-point.ts';
import type { JobKind, JobSurroundings, WorkOf } from './job-kind.ts';
import { openJobStore } from './open-for-job.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'attach'>;

/** Keeps a disk of a point attached to Windows until the job is cancelled. */
export const ATTACH: JobKind<Spec, never> = {
  needsHost: false,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'attach',
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    disk: f.text('disk', TEXT),
    letter: f.flag('letter'),
  }),
  words: (title, { point, disk, store }) =>
    `Attachment of disk ${disk} of ${title}, point ${point}, from ${store}`,
  perform,
};

async function perform(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<never> {
  const { spec } = work;
  const store = await openJobStore(work, around, 'existing', signal);
  const vm = await resolveVm(store, spec.vm, signal);
  around.identified(vm);
  return attachPoint(
    store,
    { ...spec, vmId: vm.id },
    ({ physicalPath, file }) => {
      const message = `${file} is attached read-only as ${physicalPath}`;
      around.tell({ level: 'info', area: 'attach', message });
      around.progress.phase(`Attached as ${physicalPath}`, 0);
    },
    signal,
  );
}
