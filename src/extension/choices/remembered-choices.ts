import * as vscode from 'vscode';
import type { BackupOptions } from '../../engine/api/backup.ts';

/** Options that the user chose for the backups of a VM, if they differ from the defaults. */
export interface BackupChoices {
  /** Slots of the disks that are left out. */
  readonly leftOut?: readonly string[];
  /** IDs of former members of a group without which its next backup goes on. */
  readonly withoutMembers?: readonly string[];
  readonly consistency?: BackupOptions['consistency'];
  readonly guestBackup?: BackupOptions['guestBackup'];
  readonly method?: BackupOptions['method'];
  readonly checkTracker?: BackupOptions['checkTracker'];
  /** Seconds that a backup waits for the host to merge. */
  readonly mergeWaitSeconds?: number;
}

const KEY = 'refpoint.backupChoices';
/** Maximum number of VMs that are remembered; the one chosen for longest ago is dropped. */
const MOST = 2000;

const CONSISTENCIES: readonly BackupOptions['consistency'][] = ['application', 'crash', 'default'];
const GUEST_BACKUPS: readonly BackupOptions['guestBackup'][] = ['copy', 'full'];
const METHODS: readonly BackupOptions['method'][] = ['auto', 'file', 'export'];
const CHECKS: readonly BackupOptions['checkTracker'][] = ['off', 'sample', 'full'];

/** Times that a backup may wait for merges, in seconds; the engine's own is not among them. */
export const MERGE_WAITS: readonly number[] = [0, 60, 1800, 7200];

/** The last choice per VM, kept over windows and restarts. */
export class RememberedChoices implements vscode.Disposable {
  readonly #memento: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<string>();

  /** The id of a VM whose choices changed. */
  readonly onChanged = this.#changed.event;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  of(vmId: string): BackupChoices {
    return toChoices(this.#all()[vmId]);
  }

  async set(vmId: string, choices: BackupChoices): Promise<void> {
    const { [vmId]: _, ...others } = this.#all();
    const entries = Object.entries({ ...others, [vmId]: toChoices(choices) });
    const kept = entries.filter(([, each]) => Object.keys(toChoices(each)).length > 0);
    await this.#memento.update(KEY, Object.fromEntries(kept.slice(-MOST)));
    this.#changed.fire(vmId);
  }

  /** Leaves disks out of the backups of a VM, or takes them in again. */
  async setLeftOut(vmId: string, slots: readonly string[], leftOut: boolean): Promise<void> {
    const { leftOut: before = [], ...rest } = this.of(vmId);
    const others = before.filter((slot) => !slots.includes(slot));
    await this.set(vmId, { ...rest, leftOut: leftOut ? [...others, ...slots] : others });
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #all(): Readonly<Record<string, unknown>> {
    const found = this.#memento.get<unknown>(KEY, {});
    return typeof found === 'object' && found !== null && !Array.isArray(found)
      ? (found as Readonly<Record<string, unknown>>)
      : {};
  }
}

/** Reads what was kept, which an older version may have written; defaults are left out. */
function toChoices(value: unknown): BackupChoices {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  const one = <T extends string>(name: string, values: readonly T[], usual?: T): T | undefined =>
    values.find((each) => each === fields[name] && each !== usual);
  const choices = {
    leftOut: textsOf(fields['leftOut']),
    withoutMembers: textsOf(fields['withoutMembers']),
    consistency: one('consistency', CONSISTENCIES, 'default'),
    guestBackup: one('guestBackup', GUEST_BACKUPS, 'copy'),
    method: one('method', METHODS, 'auto'),
    checkTracker: one('checkTracker', CHECKS),
    mergeWaitSeconds: MERGE_WAITS.find((each) => each === fields['mergeWaitSeconds']),
  };
  return Object.fromEntries(
    Object.entries(choices).filter(([, each]) => each !== undefined),
  ) as BackupChoices;
}

/** Returns texts sorted, each once; undefined for an empty list. */
function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((each): each is string => typeof each === 'string');
  return texts.length === 0 ? undefined : [...new Set(texts)].sort();
}
