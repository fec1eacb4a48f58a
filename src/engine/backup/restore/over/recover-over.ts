import type { Guid } from '../../../base/guid.ts';
import { mergeInPlace, type ElsewhereFiles } from '../../../disk/rewrite/merge-in-place.ts';
import type { Progress } from '../../../base/progress.ts';
import { reportedParents } from '../../read/source/reported-parents.ts';
import type { BackupHost } from '../../host/host.ts';
import type { OverDisk, OwnOver } from '../../ledger/own-overs.ts';
import { STORE_MARKER } from '../../store/contract/layout.ts';
import { overFile, reachesAll, removeHostFiles, type OverAccess } from './over-files.ts';
import { attach, attachedNow, type OverHost } from './settle-over.ts';

/** Outcome of a restore over a VM that was interrupted. */
export type OverOutcome =
  /** The VM has its old disks; nothing else is left. */
  | 'removed'
  /** The VM has the new disks, and can have the old ones back. */
  | 'complete'
  /** The undo is not possible any more: its files are merged or removed. */
  | 'accepted'
  /** The host is still working on it. */
  | 'running'
  /** The VM has other files than those that were recorded. */
  | 'unclear'
  /** The VM is not off, or has checkpoints. */
  | 'used'
  /** This machine does not reach the files. */
  | 'unreachable';

interface Deps {
  readonly host: OverHost & Pick<BackupHost, 'parentOfImage'>;
  /** VM whose disks are replaced. */
  readonly vmId: Guid;
  readonly files: OverAccess;
  readonly progress: Progress;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Age in milliseconds below which a call without an answer may still be in progress on the host. */
const YOUNG_MS = 60_000;

/**
 * Finishes or removes what an interrupted restore over a VM, its undo or its acceptance left. Before the
 * host was asked for the new files they are removed; afterwards the VM keeps the disks that it has.
 * @param write whether something may be changed; otherwise the outcome is only found out
 */
export async function recoverOver(
  deps: Deps,
  own: OwnOver,
  write: boolean,
  signal: AbortSignal,
): Promise<OverOutcome> {
  const { host, vmId, files } = deps;
  if (own.job !== null && own.phase === 'writing') {
    const { state } = await host.systems.systemOfJob(own.job, false, signal);
    if (state === 'running') return 'running';
  }
  const { state } = await host.systems.systemState(vmId, signal);
  const fresh = own.disks.map((each) => each.new);
  if (!(await reachesAll(fresh, files, signal))) return 'unreachable';
  if (state === 'gone') {
    // A VM that moved to another node may have the files.
    if (own.asked !== null || own.phase !== 'writing') return 'unclear';
    if (write) await removeHostFiles(fresh, own.id, files, signal);
    return 'removed';
  }
  const found = await attachedNow(host, vmId, own.disks, signal);
  const isOff = state === 'stopped';
  if (own.phase === 'accepting') return accept(deps, own, isOff, write, signal);
  const wasAsked = own.phase !== 'writing' || own.asked !== null;
  if (found === 'other' || (found !== 'old' && !wasAsked)) return 'unclear';
  if (own.phase === 'writing' && own.asked !== null && found === 'new') return 'complete';
  if (mayStillRun(own, deps.now())) return 'running';
  // Asked for last, the old files are those that the VM keeps, whatever became of the other call.
  const mustAttach = found !== 'old' || (own.asked !== null && isOff);
  if (mustAttach && !isOff) return 'used';
  if (!write) return 'removed';
  if (mustAttach) await attach(host, vmId, own.disks, 'old', signal);
  await removeHostFiles(fresh, own.id, files, signal);
  return 'removed';
}

/** Whether the host may be about to attach the new files: removing them would leave the VM without. */
function mayStillRun({ phase, asked, job }: OwnOver, now: number): boolean {
  if (phase !== 'writing' || asked === null || job !== null) return false;
  const age = now - Date.parse(asked);
  return age >= 0 && age < YOUNG_MS;
}

async function accept(
  deps: Deps,
  own: OwnOver,
  isOff: boolean,
  write: boolean,
  signal: AbortSignal,
): Promise<OverOutcome> {
  const { host, vmId } = deps;
  const [differing, whole] = split(own);
  const merging = await attachedNow(host, vmId, differing, signal);
  const kept = await attachedNow(host, vmId, whole, signal);
  if (merging === 'other' || (whole.length > 0 && kept !== 'new')) return 'unclear';
  if (differing.length > 0 && merging !== 'old' && !isOff) return 'used';
  if (write) await acceptOver(deps, own, signal);
  return 'accepted';
}

const changeOf =
  ({ remote }: OverAccess): ElsewhereFiles['change'] =>
  (path, signal) =>
    remote.writing.change(path, signal);

const split = ({ disks }: OwnOver): readonly [differing: OverDisk[], whole: OverDisk[]] => [
  disks.filter((each) => each.differing),
  disks.filter((each) => !each.differing),
];

/** Called between the steps of {@link acceptOver}. */
type OnStep = (step: 'merged' | 'attached') => Promise<void>;

/**
 * Makes the restore final: merges differencing files into the old ones, which the VM gets back, and removes
 * old files that were replaced as a whole. At any interruption the VM's disks read the same, and doing
 * it again completes it. Returns the files that were removed.
 */
export async function acceptOver(
  { host, vmId, files, progress }: Deps,
  own: OwnOver,
  signal: AbortSignal,
  onStep: OnStep = async () => undefined,
): Promise<readonly string[]> {
  const [differing, whole] = split(own);
  // A disk that has its old file again is merged: the VM may have written to that file since.
  const pending: OverDisk[] = [];
  for (const each of differing) {
    if ((await attachedNow(host, vmId, [each], signal)) === 'new') pending.push(each);
  }
  const parentsOf = async ({ slot, old }: OverDisk): Promise<readonly string[]> => {
    const above = await host.parentOfImage(old, signal);
    const more = await reportedParents({ slot, parentPath: above }, host, signal);
    return Promise.all([old, ...more].map((path) => files.remote.pathOf(path, signal)));
  };
  for (const each of pending) {
    const { way, place, access } = await overFile(each.new, files, signal);
    const elsewhere =
      way === 'mapped'
        ? {}
        : { elsewhere: { access, parents: await parentsOf(each), change: changeOf(files) } };
    const options = { open: {}, storeMarker: STORE_MARKER, ...elsewhere };
    await mergeInPlace(place, options, progress, signal);
  }
  await onStep('merged');
  if (pending.length > 0) await attach(host, vmId, pending, 'old', signal);
  await onStep('attached');
  const removed = [...differing.map((each) => each.new), ...whole.map((each) => each.old)];
  await removeHostFiles(removed, own.id, files, signal);
  return removed;
}
