import { restoreOver } from '../../backup/replace/restore-over.ts';
import { acceptRestore, undoOver } from '../../backup/replace/settle-over.ts';
import { resolveVm } from '../../backup/points/vm-names.ts';
import type { OverDocument, SettledOver } from '../../backup/restore/over/over-options.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import { parseGuid } from '../../base/guid.ts';
import {
  nothing,
  type JobEnd,
  type JobKind,
  type JobSurroundings,
  type WorkOf,
} from './job-kind.ts';
import { openJobStore, withJobHost } from './open-for-job.ts';
import { noteOf, TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'over'>;

/** Document of a restore over a VM, or of its undo or acceptance: the other one is null. */
export interface OverFound {
  readonly restored: OverDocument | null;
  readonly settled: SettledOver | null;
}

/** Maximum number of mapped folders and of disks. */
const MAX_ITEMS = 1024;

export const OVER: JobKind<Spec, OverFound> = {
  needsHost: true,
  waits: false,
  parse: (f: JsonFields) => ({
    kind: 'over',
    action: f.oneOf('action', ['restore', 'undo', 'accept'] as const),
    host: f.text('host', TEXT),
    store: f.text('store', TEXT),
    vm: f.text('vm', TEXT),
    point: f.text('point', TEXT),
    disks: f.texts('disks', MAX_ITEMS, TEXT),
    over: f.guid('over'),
    confirm: f.text('confirm', TEXT),
    pathMap: f.objects('pathMap', MAX_ITEMS, (each) => ({
      host: each.text('host', TEXT),
      local: each.text('local', TEXT),
    })),
  }),
  words: (title, { action, point, store, host, over }) =>
    ({
      restore: `Restore of ${title}, point ${point} of ${store}, over the disks of the VM ${over} on ${host}`,
      undo: `Undo of the restore over the disks of the VM ${over} on ${host}`,
      accept: `Acceptance of the restore over the disks of the VM ${over} on ${host}`,
    })[action],
  perform,
};

async function perform(
  work: WorkOf<Spec>,
  around: JobSurroundings,
  signal: AbortSignal,
): Promise<JobEnd<OverFound>> {
  const { spec, target } = work;
  const { progress, log, onOverEdge: onEdge } = around;
  const over = parseGuid(spec.over);
  const store = await openJobStore(work, around, 'existing', signal);
  return withJobHost(target, around, async (host) => {
    const deps = { host, store, progress, log, onEdge, now: Date.now };
    if (spec.action !== 'restore') {
      around.identified(await host.identifyVm(over, signal));
      const settle = spec.action === 'undo' ? undoOver : acceptRestore;
      return settledEnd(await settle(deps, { ...spec, over }, signal));
    }
    const vm = await resolveVm(store, spec.vm, signal);
    around.identified(vm);
    return restoredEnd(await restoreOver(deps, { ...spec, over, vmId: vm.id }, signal));
  });
}

function restoredEnd(found: OverDocument): JobEnd<OverFound> {
  const { vm, point, disks, warnings } = found;
  const result = {
    ...nothing,
    summary: `${point} restored over the disks of “${vm.name}”; every disk was read back and matches its record. The old disks are kept`,
    point,
    files: disks.filter(({ way }) => way !== 'same').map(({ path }) => path),
    warnings: warnings.map(noteOf),
  };
  return { found: { restored: found, settled: null }, result };
}

function settledEnd(found: SettledOver): JobEnd<OverFound> {
  const { point, outcome, disks } = found;
  const summary =
    outcome === 'undone'
      ? `The restore of ${point} was undone: the VM has its old disks`
      : `The restore of ${point} was accepted: it cannot be undone any more`;
  const result = { ...nothing, summary, point, files: disks.map(({ path }) => path) };
  return { found: { restored: null, settled: found }, result };
}
