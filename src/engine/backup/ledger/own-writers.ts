import type { JsonFields } from '../../base/json-fields.ts';
import type { OnHost } from './on-host.ts';
import { readHost } from './read-imports.ts';

/**
 * A restore of this VM in its place by the Hyper-V writer, from before its first byte until nothing of
 * it is left. `staging`: its files are written beside those of the VM. `asked`: the writer was asked to
 * delete the VM. `registered`: the writer has registered the restored VM.
 */
export interface OwnWriterRestore extends OnHost {
  readonly id: string;
  readonly time: string;
  readonly pointId: string;
  readonly phase: 'staging' | 'asked' | 'registered';
  /** Time at which the writer was asked; null before. */
  readonly asked: string | null;
  /** Files of the host that become those of the point. */
  readonly disks: readonly string[];
  /** The same of the configuration. */
  readonly config: readonly string[];
}

interface HasWriters {
  readonly writers?: readonly OwnWriterRestore[];
}

const MAX_ITEMS = 10_000;
const MAX_DISKS = 512;
const MAX_TEXT = 4096;
const PHASES = ['staging', 'asked', 'registered'] as const;

/** Records a restore instead of its earlier state. */
export function withWriter<Of extends HasWriters>(ledger: Of, own: OwnWriterRestore): Of {
  const others = (ledger.writers ?? []).filter(({ id }) => id !== own.id);
  return { ...ledger, writers: [...others, own] };
}

/** Removes a restore of which nothing is left. */
export function withoutWriter<Of extends HasWriters>(
  ledger: Of,
  id: string,
): Omit<Of, 'writers'> & HasWriters {
  const { writers = [], ...rest } = ledger;
  const others = writers.filter((each) => each.id !== id);
  return others.length === 0 ? rest : { ...rest, writers: others };
}

/** Absent in ledgers without such restores, and in those of earlier programs. */
export function readWriterRestores(f: JsonFields, version: number): HasWriters {
  if (version === 1) return {};
  const read = (each: JsonFields): OwnWriterRestore => ({
    id: each.text('id', 200),
    time: each.time('time'),
    ...readHost(each, 2),
    pointId: each.text('pointId', 64),
    phase: each.oneOf('phase', PHASES),
    asked: each.nullable('asked', () => each.time('asked')),
    disks: each.texts('disks', MAX_DISKS, MAX_TEXT),
    config: each.texts('config', MAX_DISKS, MAX_TEXT),
  });
  const writers = f.optional('writers', () => f.objects('writers', MAX_ITEMS, read));
  return writers === null || writers.length === 0 ? {} : { writers };
}
