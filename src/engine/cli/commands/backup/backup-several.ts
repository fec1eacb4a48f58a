import type { BackupPlan } from '../../../api/backup.ts';
import type { BackupResult } from '../../../backup/run/run-backup.ts';
import { EngineError } from '../../../base/errors.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import type { HypervBackupHost } from '../../../hosts/hyperv-backup-host.ts';
import { planDocument } from '../../../operations/vm/plan-backup.ts';
import { EXIT } from '../../contract/exit.ts';
import type { Context } from '../../contract/command.ts';
import { backupOptions, parallelOf } from '../../options/backup-options.ts';
import { targetOf, withHost } from '../../options/host-options.ts';
import { openStore, storeForPlan, storeLocation } from '../../options/open-store.ts';
import { CommandJobs } from '../../options/run-as-job.ts';
import { errorFields } from '../../terminal/error-text.ts';
import { inLine, wrap } from '../../terminal/text.ts';
import { describePlan, toDocument } from './backup-text.ts';
import { SeveralProgress } from './several-progress.ts';

/** A VM that was named or listed; the id is null if the host does not know the name. */
interface Named {
  readonly id: string | null;
  readonly name: string;
}

export interface Failed {
  readonly vm: Named;
  readonly error: unknown;
}

/** One job for each VM; what is wrong with one stops no other. Prints a line for each as it ends, and a summary. */
export async function backupSeveral(context: Context): Promise<number> {
  const target = await targetOf(context);
  const options = backupOptions(context);
  const store = storeLocation(context);
  const { found, failed } = await withHost(context, (host) => namedVms(context, host));
  // Once, before any job: jobs never make a store, and several at once would make it several times.
  const presence = context.options.flag('existing-store') ? 'required' : 'unknown';
  if (found.length > 0) await openStore(context, presence);
  const lines = new Lines(context);
  for (const each of failed) lines.failed(each);
  const jobs = new CommandJobs(context, parallelOf(context));
  const progress = new SeveralProgress(context.progress, found.length);
  const points: BackupResult[] = [];
  await Promise.all(
    found.map(async (vm) => {
      const spec = { kind: 'backup', host: target.url, vm: vm.id, store, options } as const;
      try {
        const job = { title: vm.name, spec, target };
        const { found: result } = await jobs.run<'backup'>(job, progress.ofOne());
        points.push(result);
        lines.done(vm, result);
      } catch (error) {
        if (context.signal.aborted) return;
        failed.push({ vm, error });
        lines.failed({ vm, error });
      } finally {
        progress.ended();
      }
    }),
  );
  context.signal.throwIfAborted();
  const document = { points: points.map(toDocument), failed: failed.map(failedDocument) };
  context.print(document, () => summary(points.length, failed, 'backed up', context.io.columns));
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

/** The plan of each VM; changes nothing. */
export async function planSeveral(context: Context): Promise<number> {
  const options = backupOptions(context);
  const presence = context.options.flag('existing-store') ? 'required' : 'unknown';
  return withHost(context, async (host) => {
    const store = await storeForPlan(context, presence);
    const { found, failed } = await namedVms(context, host);
    const plans: BackupPlan[] = [];
    for (const vm of found) {
      try {
        plans.push(await planDocument(host, vm.id, store, options, context.signal));
      } catch (error) {
        context.signal.throwIfAborted();
        failed.push({ vm, error });
      }
    }
    context.print({ plans, failed: failed.map(failedDocument) }, () =>
      [
        ...plans.map(describePlan),
        summary(plans.length, failed, 'planned', context.io.columns),
      ].join('\n'),
    );
    return failed.length === 0 ? EXIT.done : EXIT.failed;
  });
}

/** The VMs of the command line, or all of the host. A name that the host does not know is a failure of its own. */
export async function namedVms(
  context: Context,
  host: HypervBackupHost,
): Promise<{ found: readonly { id: string; name: string }[]; failed: Failed[] }> {
  if (context.options.flag('all')) {
    return { found: await host.listVms(context.signal), failed: [] };
  }
  const found = new Map<string, { id: string; name: string }>();
  const failed: Failed[] = [];
  for (const name of new Set(context.args)) {
    try {
      const vm = await host.identifyVm(name, context.signal);
      found.set(vm.id, vm);
    } catch (error) {
      // Whatever else it is, such as a host that cannot be reached, is not about this VM.
      if (!(error instanceof EngineError) || !error.code.startsWith('host.vm.')) throw error;
      failed.push({ vm: { id: null, name }, error });
    }
  }
  return { found: [...found.values()], failed };
}

export const failedDocument = ({ vm, error }: Failed): object => ({
  vm: { id: vm.id, name: vm.name },
  error: errorFields(error),
});

/** Lines for people, as VMs end. */
export class Lines {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  done({ name }: Named, { manifest, seconds }: BackupResult): void {
    const kind = manifest.kind === 'full' ? 'full' : 'incremental';
    const read = manifest.disks.reduce((sum, disk) => sum + disk.readBytes, 0);
    this.#say(name, `${kind}, ${formatBytes(read)} read, ${seconds.toFixed(1)} s`);
  }

  failed({ vm, error }: Failed): void {
    this.#say(vm.name, `FAILED (${errorFields(error).code})`);
  }

  #say(name: string, text: string): void {
    if (this.#context.json) return;
    const room = Math.max(8, this.#context.io.columns - text.length - 3);
    const shown = Array.from(inLine(name));
    const cut = shown.length > room ? `${shown.slice(0, room - 1).join('')}…` : shown.join('');
    this.#context.print(undefined, () => `${cut}  ${text}`);
  }
}

/** Returns the summary: how many backups succeeded, and why each of the others failed. */
export function summary(
  good: number,
  failed: readonly Failed[],
  done: string,
  columns: number,
): string {
  const all = good + failed.length;
  const vms = all === 1 ? '1 VM' : `${all} VMs`;
  if (failed.length === 0) return `${vms} ${done}.`;
  const width = Math.max(20, columns - 5);
  return [
    `${good} of ${vms} ${done}, ${failed.length} failed:`,
    ...failed.flatMap(({ vm, error }) => {
      const { code, message } = errorFields(error);
      const [first = '', ...rest] = wrap(`${inLine(vm.name)}: ${message} (${code})`, width);
      return [`  ${first}`, ...rest.map((line) => `    ${line}`)];
    }),
  ].join('\n');
}
