import { durationWords } from '../../../base/words/duration.ts';
import { isEngineError } from '../../../base/errors.ts';
import { CallInLedger } from '../../context/call-in-ledger.ts';
import { newIntent, pass } from '../../context/run-context.ts';
import type { Consistency, HostCheckpoint } from '../../host/host.ts';
import { withCheckpoint } from '../../ledger/ledger.ts';
import { destroyOwn } from '../steps/destroy-own.ts';
import type { Frozen, Reserved } from '../record/run-record.ts';

type Checkpoint = Pick<Frozen, 'checkpoint' | 'keepCheckpoint' | 'achieved'>;

/**
 * Freezes the VM's disks. Falls back to crash consistency if application consistency fails and was
 * not requested explicitly. Throws `host.*`.
 */
export async function freezeDisks(run: Reserved, signal: AbortSignal): Promise<Frozen> {
  const { deps, vmId } = run;
  // The host may take long, so the progress shows what the run is waiting for.
  deps.progress.phase('Checkpoint on the host', 0);
  const made = await makeCheckpoint(run, signal);
  const disks = await deps.host.frozenDisks(vmId, made.checkpoint.id, signal);
  return { ...run, ...made, disks };
}

async function makeCheckpoint(run: Reserved, signal: AbortSignal): Promise<Checkpoint> {
  const asked = run.options.consistency;
  const running = run.vm.state === 'running';
  const first = asked === 'default' ? (running ? 'application' : 'crash') : asked;
  try {
    return await checkpointAt(run, first, signal);
  } catch (error) {
    if (asked !== 'default' || !isEngineError(error, 'host.consistency')) throw error;
    const message = `${error.message}. The point is crash-consistent.`;
    run.notes.warnings.push({ code: 'consistency.crash', message });
    return checkpointAt(run, 'crash', signal);
  }
}

async function checkpointAt(
  run: Reserved,
  consistency: Consistency,
  signal: AbortSignal,
): Promise<Checkpoint> {
  const { deps, vmId, options, keeper, capabilities, computerName, pointId } = run;
  const { host } = deps;
  const here = { computerName, pointId };
  const existing = (await host.listCheckpoints(vmId, signal)).map((each) => each.id);
  const intent = newIntent(deps, { kind: 'checkpoint', ...here, existing, consistency });
  const onIntended = (): Promise<void> => pass(deps, vmId, 'checkpoint.intended');
  const call = new CallInLedger(keeper, intent, deps.now, signal, onIntended);
  const known = { capabilities, checkpoints: existing };
  const request = { consistency, guestBackup: options.guestBackup, known };
  let checkpoint: HostCheckpoint;
  const begun = deps.now();
  try {
    checkpoint = await host.createBackupCheckpoint(vmId, request, signal, call);
  } catch (error) {
    await call.failed(error);
    throw error;
  }
  const { id } = checkpoint;
  const keepCheckpoint = run.undo.push({
    what: `the checkpoint ${id}`,
    // Needs only the checkpoint's ID, so it is removed from the VM even if the store disappears.
    needsLease: false,
    run: (limit) => destroyOwn(host, vmId, id, limit),
  });
  const took = durationWords(deps.now() - begun);
  const words = `The host made the backup checkpoint ${id} in ${took} (${consistency}-consistent)`;
  await pass(deps, vmId, 'checkpoint.made', words);
  const own = { id, host: host.url, created: run.created, kept: false, ...here };
  await keeper.update((ledger) => withCheckpoint(ledger, own, intent.id), signal);
  await pass(deps, vmId, 'checkpoint.recorded');
  return { checkpoint, keepCheckpoint, achieved: consistency };
}
