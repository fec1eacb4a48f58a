import type { Guid } from '../../base/guid.ts';
import type { JsonFields } from '../../base/json-fields.ts';
import type { OnHost } from './on-host.ts';
import { readHost } from './read-imports.ts';

/** A shadow copy set that is being made, or was made and not removed yet. */
export interface OwnSet extends OnHost {
  readonly id: string;
  readonly time: string;
  /** Name of the job's folder on the host. */
  readonly folder: string;
  /** `\\?\Volume{GUID}\` of each volume in it. */
  readonly volumes: readonly string[];
  /** IDs of the host's shadow copies before it. */
  readonly existing: readonly string[];
  /** The set; null if it is not known. */
  readonly set: Guid | null;
  /** Windows removes the set when the process that made it ends: it has no folder on the host. */
  readonly volatile?: true;
}

interface HasSets {
  readonly sets?: readonly OwnSet[];
}

const MAX_ITEMS = 10_000;
const MAX_TEXT = 4096;

/** Records a set instead of its earlier state. */
export function withSet<Of extends HasSets>(ledger: Of, own: OwnSet): Of {
  const others = (ledger.sets ?? []).filter(({ id }) => id !== own.id);
  return { ...ledger, sets: [...others, own] };
}

/** Removes a set that is gone from the host, or was never made. */
export function withoutSet<Of extends HasSets>(ledger: Of, id: string): Omit<Of, 'sets'> & HasSets {
  const { sets = [], ...rest } = ledger;
  const others = sets.filter((each) => each.id !== id);
  return others.length === 0 ? rest : { ...rest, sets: others };
}

/** Absent in ledgers without sets, and in those of earlier programs. */
export function readSets(f: JsonFields, version: number): HasSets {
  if (version === 1) return {};
  const read = (each: JsonFields): OwnSet => ({
    id: each.text('id', 200),
    time: each.time('time'),
    ...readHost(each, 2),
    folder: each.text('folder', 64),
    volumes: each.texts('volumes', MAX_ITEMS, MAX_TEXT),
    existing: each.texts('existing', MAX_ITEMS, MAX_TEXT),
    set: each.nullable('set', () => each.guid('set')),
    ...(each.optional('volatile', () => each.flag('volatile')) === true ? { volatile: true } : {}),
  });
  const sets = f.optional('sets', () => f.objects('sets', MAX_ITEMS, read));
  return sets === null || sets.length === 0 ? {} : { sets };
}
