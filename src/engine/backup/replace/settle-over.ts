import { isEngineError } from '../../base/errors.ts';
import { openImage } from '../../disk/chain/open-as.ts';
import { refuseOtherChildren } from '../../disk/rewrite/guards.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { LedgerKeeper } from '../context/run-context.ts';
import type { OwnOver } from '../ledger/own-overs.ts';
import { withStale } from '../ledger/own-overs.ts';
import { OverRecord } from '../restore/over/over-record.ts';
import type { SettledOver, SettleOptions } from '../restore/over/over-options.ts';
import { requireAtRest, requireConfirmed } from '../restore/over/over-vm-checks.ts';
import { acceptOver } from '../restore/over/recover-over.ts';
import { overFile, removeHostFiles, type OverAccess } from '../restore/over/over-files.ts';
import { attach, attachedNow, requireOldFiles } from '../restore/over/settle-over.ts';
import { passOver, withVm, type OverDeps } from './with-vm.ts';

/**
 * Gives a VM the disks back that it had before the restore over it, and removes the restored ones with
 * all that the VM wrote to them since. The VM is off and has no checkpoints. Throws `over.*`, `path.*`,
 * `lease.held` and errors of the host.
 */
export function undoOver(
  deps: OverDeps,
  options: SettleOptions,
  signal: AbortSignal,
): Promise<SettledOver> {
  return settle(deps, options, signal, async (own, record, files, keeper, held) => {
    await requireOldFiles(own, files, held);
    await keeper.update((ledger) => withStale(ledger, own), held);
    await record.change({ phase: 'undoing' });
    await passOver(deps, 'undo.recorded');
    await attach(deps.host, options.over, own.disks, 'old', held);
    await passOver(deps, 'undo.attached');
    const removed = own.disks.map((each) => each.new);
    await removeHostFiles(removed, own.id, files, held);
    await record.remove();
    await passOver(deps, 'undo.finished');
    const disks = own.disks.map(({ slot, old }) => ({ slot, path: old }));
    return { vm: options.over, point: own.pointId, outcome: 'undone', disks, removed };
  });
}

/**
 * Keeps the restored disks for good: merges those that are differencing images into the files that the
 * VM had, and removes files that were replaced as a whole. Throws as {@link undoOver}, and
 * `disk.edit.children` if another image needs a file that would change or be removed.
 */
export function acceptRestore(
  deps: OverDeps,
  options: SettleOptions,
  signal: AbortSignal,
): Promise<SettledOver> {
  return settle(deps, options, signal, async (own, record, files, keeper, held) => {
    const { host, progress } = deps;
    for (const disk of own.disks) await refuseNeeded(disk, files, held);
    await keeper.update((ledger) => withStale(ledger, own), held);
    await record.change({ phase: 'accepting' });
    await passOver(deps, 'accept.recorded');
    const around = { host, vmId: options.over, files, progress, now: deps.now };
    const removed = await acceptOver(around, own, held, (step) => passOver(deps, `accept.${step}`));
    await record.remove();
    await passOver(deps, 'accept.finished');
    const disks = own.disks.map((each) => {
      return { slot: each.slot, path: each.differing ? each.old : each.new };
    });
    return { vm: options.over, point: own.pointId, outcome: 'accepted', disks, removed };
  });
}

type Work = (
  own: OwnOver,
  record: OverRecord,
  files: OverAccess,
  keeper: LedgerKeeper,
  signal: AbortSignal,
) => Promise<SettledOver>;

/** Runs `work` on the restore over a VM, if the VM is as that left it and can be changed. */
function settle(
  deps: OverDeps,
  { over, confirm, pathMap }: SettleOptions,
  signal: AbortSignal,
  work: Work,
): Promise<SettledOver> {
  requireConfirmed(over, confirm);
  const { host, now } = deps;
  const run = async (
    keeper: LedgerKeeper,
    files: OverAccess,
    held: AbortSignal,
  ): Promise<SettledOver> => {
    const own = keeper.ledger.overs?.find(({ phase }) => phase === 'attached');
    if (own === undefined) {
      throw backupError(
        'over.none',
        `The store knows no restore over the VM ${over} that could be undone or accepted`,
        { data: { vm: over } },
      );
    }
    requireAtRest(await host.findVm(over, held));
    const found = await attachedNow(host, over, own.disks, held);
    if (found !== 'new') {
      throw backupError(
        'over.changed',
        `The VM no longer has the disks of the restore: it has ${found === 'old' ? 'the old files' : 'other files'}`,
        { data: { vm: over, found, expected: 'new' } },
      );
    }
    const record = new OverRecord(keeper, own, now, held);
    return work(own, record, files, keeper, held);
  };
  return withVm(deps, over, pathMap, run, signal);
}

/** Throws `disk.edit.children` if another image beside it was made from the VM's old file. */
async function refuseNeeded(
  disk: OwnOver['disks'][number],
  files: OverAccess,
  signal: AbortSignal,
): Promise<void> {
  const { place, folder, access } = await overFile(disk.old, files, signal);
  const child = await overFile(disk.new, files, signal);
  if ((await access.stat(place, signal).catch(() => undefined)) === undefined) return;
  let image;
  try {
    image = await openImage(place, signal, { open: access.open.bind(access) });
  } catch (error) {
    // A file that is not an image any more cannot be a parent.
    if (!isEngineError(error)) throw error;
    return;
  }
  try {
    await refuseOtherChildren(image, [folder], [place, child.place], signal, access);
  } finally {
    await image.close();
  }
}
