import { FAULTS, type FaultName } from '../../../src/engine/lab/faults.ts';
import type { SceneName } from './fault-scene.ts';

/** One way of switching a fault on, tried at each exchange of a backup. */
export interface Variant {
  /** Name of the row in the table. */
  readonly title: string;
  readonly faults: readonly {
    readonly name: FaultName;
    readonly value?: number | string;
    /** null: from its exchange to the end of the run. */
    readonly times: number | null;
  }[];
  readonly of: SceneName;
  readonly checkTracker: 'off' | 'full';
  /** The fault occurs at any exchange, and not only at those of certain calls. */
  readonly everywhere: boolean;
}

/** Values that last long enough to be noticed and short enough for thousands of runs. */
const VALUES: Partial<Record<FaultName, number | string>> = {
  'job.slow': 100,
  'answer.slow': 100,
  'answer.hold': 5000,
  'merge.queued': 200,
  'host.rebooting': 400,
  'merge.slow': 200,
  'tracker.limit': 2 ** 20,
  'smb.pending': 300,
  'rsvd.lba': 'hidden',
  'rsvd.pending': 100,
};

/** Faults that count each look of a waiting job or merge: one occurrence would be over at once. */
const OCCURRENCES: Partial<Record<FaultName, number | null>> = {
  'job.hold': 10,
  'merge.stuck': 10,
  'tracker.stall': null,
  'rct.lost': null,
  'rct.permuted': null,
  'rct.missing': null,
  'rights.missing': null,
  'smb.credits': null,
  // Readings of the protocol, which a server does not change between two requests.
  'rsvd.target': null,
  'rsvd.filetime': null,
  'rsvd.noReference': null,
  'rsvd.longReply': null,
  'rsvd.unit': null,
  'rsvd.wide': null,
  'rsvd.unaligned': null,
};

/** Faults that a host keeps until somebody repairs it. */
const LASTING: readonly FaultName[] = [
  'connection.before',
  'access.denied',
  'answer.fault',
  'vmms.stopped',
  'answer.unavailable',
  'state.invalid',
  'job.fail',
  'destroy.ignored',
  'merge.stuck',
  'merge.left',
  'smb.drop',
];

const EVERYWHERE =
  /^(access|account|answer|connection|host.reb|ntlm|request|rights|sealed|smb|unauth|vm.moved)/;
/** These occur only at calls that change something. */
const ON_CHANGES: readonly FaultName[] = ['answer.hold', 'connection.after'];

/** Refused logins are noticed only when a connection logs in again. */
const LOGINS: readonly FaultName[] = ['account.locked', 'ntlm.disabled'];

/** All faults that the lab knows, each once, some of them also lasting: for a VM, then for a group with a shared disk. */
export function variants(): readonly Variant[] {
  const names = Object.keys(FAULTS) as FaultName[];
  return [
    ...names.map((name) => variant(name, name, OCCURRENCES[name] ?? 1)),
    ...LASTING.map((name) => variant(`${name}, lasting`, name, null)),
    ...names
      .filter((name) => !OF_VMS.test(name))
      .map((name) => ofGroup(variant(name, name, OCCURRENCES[name] ?? 1))),
    ...LASTING.map((name) => ofGroup(variant(`${name}, lasting`, name, null))),
  ].map((each) => ({ ...each, faults: [...before(each), ...each.faults] }));
}

/** Returns the fault that makes a connection log in again, if the variant strikes logins. */
function before({ faults: [first] }: Variant): Variant['faults'] {
  if (first === undefined) return [];
  if (first.name === 'smb.guest') return [{ name: 'smb.drop', times: 1 }];
  return LOGINS.includes(first.name) ? [{ name: 'unauthorized', times: 1 }] : [];
}

function variant(title: string, name: FaultName, times: number | null): Variant {
  const value = VALUES[name];
  const lasting = Object.hasOwn(OCCURRENCES, name) ? (OCCURRENCES[name] ?? null) : times;
  return {
    title,
    faults: [
      {
        name,
        times: title === name ? lasting : times,
        ...(value === undefined ? {} : { value }),
      },
    ],
    of: name.startsWith('smb.') ? 'smb' : name.startsWith('export.') ? 'export' : 'file',
    checkTracker: name === 'tracker.drop' ? 'full' : 'off',
    everywhere: EVERYWHERE.test(name) && !ON_CHANGES.includes(name),
  };
}

/** A group is neither exported, nor read by Windows' virtual disk API or in shadow copies. */
const OF_VMS = /^(export|virtdisk|vss)\./;

const ofGroup = (each: Variant): Variant => ({
  ...each,
  title: `group: ${each.title}`,
  of: 'group',
});
