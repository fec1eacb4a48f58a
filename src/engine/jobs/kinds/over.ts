import type { JsonFields } from '../../base/json-fields.ts';
import type { JobKind } from './job-kind.ts';
import { TEXT, type SpecOf } from './spec-of.ts';

type Spec = SpecOf<'over'>;

/** Maximum number of mapped folders and of disks. */
const MAX_ITEMS = 1024;

export const OVER: JobKind<Spec> = {
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
};
