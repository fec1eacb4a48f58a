import { EXIT } from '../../contract/exit.ts';
import type { Context } from '../../contract/command.ts';
import { backupOptions, parallelOf } from '../../options/backup-options.ts';
import { targetOf, withHost } from '../../options/host-options.ts';
import { storeLocation } from '../../options/open-store.ts';
import { CommandJobs } from '../../options/run-as-job.ts';
import type { SetPlanDocument } from '../../../api/vss.ts';
import { planSetDocument } from '../../../operations/vm/plan-set.ts';
import { inLine } from '../../terminal/text.ts';
import { failedDocument, Lines, namedVms, summary, type Failed } from './backup-several.ts';
import { toDocument } from './backup-text.ts';

/** One job for all VMs: a point of each out of one shadow copy set. */
export async function backupOfSet(context: Context): Promise<number> {
  const target = await targetOf(context);
  const options = backupOptions(context);
  const store = storeLocation(context);
  const { found, failed } = await withHost(context, (host) => namedVms(context, host));
  const lines = new Lines(context);
  for (const each of failed) lines.failed(each);
  const [first, ...more] = found;
  if (first === undefined) return print(context, [], failed, null);
  const title = more.length === 0 ? first.name : `${first.name} and ${more.length} more`;
  const vms = found.map(({ id }) => id);
  const spec = { kind: 'backup', host: target.url, vm: first.id, vms, store, options } as const;
  const mayMakeStore = !context.options.flag('existing-store');
  const jobs = new CommandJobs(context, parallelOf(context));
  const { found: result } = await jobs.run<'backup'>({ title, spec, target, mayMakeStore });
  const points = result.set?.points ?? [result];
  for (const point of points) lines.done(point.manifest.vm, point);
  for (const each of result.set?.failed ?? []) {
    failed.push(each);
    lines.failed(each);
  }
  return print(context, points.map(toDocument), failed, result.set?.set ?? null);
}

function print(
  context: Context,
  points: readonly object[],
  failed: readonly Failed[],
  set: string | null,
): number {
  context.print({ set, points, failed: failed.map(failedDocument) }, () =>
    summary(points.length, failed, 'backed up', context.io.columns),
  );
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

/** The plan of a set, with everything that it disturbs; changes nothing. Exit status 1: the set would not be made. */
export async function planOfSet(context: Context): Promise<number> {
  const options = backupOptions(context);
  return withHost(context, async (host) => {
    const { found, failed } = await namedVms(context, host);
    const plan = await planSetDocument(
      host,
      found.map(({ id }) => id),
      options,
      context.signal,
    );
    const document = { ...plan, failed: [...plan.failed, ...failed.map(failedDocument)] };
    context.print(document, () => planText(plan));
    if (document.failed.length > 0) return EXIT.failed;
    return plan.problems.length === 0 ? EXIT.done : EXIT.no;
  });
}

function planText(plan: SetPlanDocument): string {
  const names = (vms: readonly { readonly name: string }[]): string =>
    vms.length === 0 ? 'none' : vms.map(({ name }) => inLine(name)).join(', ');
  return [
    `One shadow copy set of ${plan.vms.length === 1 ? '1 VM' : `${plan.vms.length} VMs`}: ${names(plan.vms)}`,
    ...plan.volumes.flatMap(({ volume, name, paths }) => [
      `  ${name ?? volume}`,
      ...paths.map((path) => `    ${inLine(path)}`),
    ]),
    `Frozen although not named: ${names(plan.others)}`,
    `Saved and resumed: ${names(plan.saved)}`,
    ...plan.problems.map(({ code, message }) => `problem: ${message} (${code})`),
    ...plan.failed.map(({ vm, error }) => `${inLine(vm.name)}: ${error.message} (${error.code})`),
    ...plan.warnings.map(({ code, message }) => `warning: ${message} (${code})`),
  ].join('\n');
}
