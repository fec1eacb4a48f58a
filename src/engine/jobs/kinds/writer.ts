import { resolveVm } from '../../backup/points/vm-names.ts';
import {
  restoreWithWriter,
  type WriterRestored,
} from '../../backup/vss/restore/restore-with-writer.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import {
  nothing,
  type JobEnd,
  type JobKind,
  type JobSurroundings,
  type WorkOf,
} from './job-kind.ts';
import { openJobStore, withJobHost } from './open-for-job.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'writer'>;

export const WRITER: JobKind<Spec, WriterRestored> = {
  needsHost: true,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'writer',
    host: f.text('host', TEXT),
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    confirm: f.text('confirm', TEXT),
  }),
  words: (title, { point, store, host }) =>
    `Restore of ${title} on ${host} by its Hyper-V writer, which deletes the VM, from point ${point} of ${store}`,
  perform,
};

async function perform(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<WriterRestored>> {
  const { spec, target } = work;
  const { progress, log, onWriterEdge: onEdge } = around;
  const store = await openJobStore(work, around, 'existing', signal);
  const vm = await resolveVm(store, spec.vm, signal);
  around.identified(vm);
  const found = await withJobHost(target, around, (host) => {
    const deps = { host, store, progress, log, onEdge, now: Date.now };
    return restoreWithWriter(deps, { ...spec, vmId: vm.id }, signal);
  });
  const { point, files } = found;
  const summary = `The Hyper-V writer registered “${found.vm.name}” from ${point}; every disk was read back and matches its record`;
  return { found, result: { ...nothing, summary, point, files } };
}
