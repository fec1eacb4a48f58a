import { resolveVm } from '../../backup/points/vm-names.ts';
import type { ImportedVm } from '../../backup/restore/import/import-options.ts';
import { importVm } from '../../backup/restore/import/import-vm.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import {
  nothing,
  type JobEnd,
  type JobKind,
  type JobSurroundings,
  type WorkOf,
} from './job-kind.ts';
import { openJobStore, withJobHost } from './open-for-job.ts';
import { noteOf, TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'import'>;

/** Maximum number of mapped folders and of mapped switches. */
const MAX_MAPPED = 256;

export const IMPORT: JobKind<Spec, ImportedVm> = {
  needsHost: true,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'import',
    host: f.text('host', TEXT),
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    as: f.nullable('as', () => f.text('as', 100)),
    hostFolder: f.text('hostFolder', TEXT),
    pathMap: f.objects('pathMap', MAX_MAPPED, (each) => ({
      host: each.text('host', TEXT),
      local: each.text('local', TEXT),
    })),
    connect: f.flag('connect'),
    switches: f.objects('switches', MAX_MAPPED, (each) => ({
      from: each.text('from', TEXT),
      to: each.nullable('to', () => each.text('to', TEXT)),
    })),
    start: f.flag('start'),
    keep: f.flag('keep'),
  }),
  words: (title, { point, store, host, hostFolder }) =>
    `Restore of ${title}, point ${point} of ${store}, as a VM on ${host} in ${hostFolder}`,
  perform,
};

async function perform(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<ImportedVm>> {
  const { spec, target } = work;
  const { progress, log, onImportEdge } = around;
  const store = await openJobStore(work, around, 'existing', signal);
  const vm = await resolveVm(store, spec.vm, signal);
  around.identified(vm);
  const found = await withJobHost(target, around, (host) => {
    const deps = { host, store, progress, log, onEdge: onImportEdge, now: Date.now };
    return importVm(deps, { ...spec, vmId: vm.id }, signal);
  });
  const { name, point, disks, warnings } = found;
  const result = {
    ...nothing,
    summary: `${point} restored as the VM “${name}” (${found.id}); every disk was read back and matches its record`,
    point,
    files: disks.map(({ path }) => path),
    vm: { id: found.id, name },
    warnings: warnings.map(noteOf),
  };
  return { found, result };
}
