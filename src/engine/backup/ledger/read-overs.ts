import type { JsonFields } from '../../base/json-fields.ts';
import type { OverDisk, OwnOver, StaleReferencePoint } from './own-overs.ts';
import { readHost } from './read-imports.ts';

const MAX_ITEMS = 10_000;
const MAX_DISKS = 512;
const MAX_TEXT = 4096;
const PHASES = ['writing', 'attached', 'undoing', 'accepting'] as const;

/** Parts of a ledger about restores over the VM. */
export interface OverParts {
  readonly overs?: readonly OwnOver[];
  readonly stale?: readonly StaleReferencePoint[];
}

/** Absent in ledgers without restores over the VM, and in those of earlier programs. */
export function readOvers(f: JsonFields, version: number): OverParts {
  if (version === 1) return {};
  const overs = f.optional('overs', () =>
    f.objects('overs', MAX_ITEMS, (each): OwnOver => ({
      id: each.text('id', 200),
      time: each.time('time'),
      ...readHost(each, 2),
      vmId: each.guid('vmId'),
      pointId: each.text('pointId', 64),
      phase: each.oneOf('phase', PHASES),
      asked: each.nullable('asked', () => each.time('asked')),
      job: each.nullable('job', () => each.text('job', MAX_TEXT)),
      disks: each.objects('disks', MAX_DISKS, readDisk),
    })),
  );
  const stale = f.optional('stale', () =>
    f.objects('stale', MAX_ITEMS, (each): StaleReferencePoint => ({
      id: each.text('id', MAX_TEXT),
      pointId: each.text('pointId', 64),
      time: each.time('time'),
      locations: each.texts('locations', MAX_DISKS, MAX_TEXT),
    })),
  );
  return {
    ...(overs === null || overs.length === 0 ? {} : { overs }),
    ...(stale === null || stale.length === 0 ? {} : { stale }),
  };
}

const readDisk = (f: JsonFields): OverDisk => ({
  slot: f.text('slot', 64),
  locationId: f.text('locationId', MAX_TEXT),
  old: f.text('old', MAX_TEXT),
  identity: f.nullable('identity', () => f.text('identity', 256)),
  new: f.text('new', MAX_TEXT),
  differing: f.flag('differing'),
});
