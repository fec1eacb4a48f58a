import * as vscode from 'vscode';
import type { ImportChoices, JobInfo, JobSpec } from '../../../engine/api/jobs.ts';
import { requests } from '../../../engine/api/methods.ts';
import { showError } from '../../errors/present-error.ts';
import { pickHost } from '../../hosts/pick-host.ts';
import { mustHaveTarget } from '../../hosts/targets.ts';
import { runJobs } from '../../jobs/run-jobs.ts';
import type { Services } from '../../services/services.ts';
import { currentHost, pathMapOf } from '../../settings/hosts.ts';
import type { PointOfStore } from '../../stores/pick-store.ts';
import { pickRestorePlan } from './pick-restore-plan.ts';
import type { RestoreDraft } from './restore-draft.ts';
import { askHostFolder, folderSuggestion } from './restore-folder.ts';

/** Asks for host and folder, shows the plan, starts the job. Returns `files` if the person wants files instead. */
export async function restoreAsVm(
  services: Services,
  of: PointOfStore,
): Promise<'files' | undefined> {
  const node = await pickHost(services, undefined, 'reachable');
  if (node === undefined) return undefined;
  const { host } = node;
  const hostFolder = await askHostFolder(host, folderSuggestion(host, of.vm));
  if (hostFolder === undefined) return undefined;
  const draft = { host, name: null, hostFolder, networks: new Map(), start: false, found: [] };
  return planAndStart(services, of, draft);
}

/** Shows the plan of a restore that failed, with its choices and what the host found. */
export async function changeRestore(
  services: Services,
  of: PointOfStore,
  { error }: Pick<JobInfo, 'error'>,
  spec: Extract<JobSpec, { kind: 'import' }>,
): Promise<'files' | undefined> {
  const host = services.hosts.at(spec.host)?.host;
  if (host === undefined) return restoreAsVm(services, of);
  const networks = new Map(spec.connect ? spec.switches.map(({ from, to }) => [from, to]) : []);
  const { as: name, hostFolder, start } = spec;
  const found = error?.findings ?? [];
  return planAndStart(services, of, { host, name, hostFolder, networks, start, found });
}

/** Shows the plan, lets the person fix problems and change choices, until it is accepted or cancelled. */
async function planAndStart(
  services: Services,
  of: PointOfStore,
  first: RestoreDraft,
): Promise<'files' | undefined> {
  let draft = first;
  for (;;) {
    const now = draft;
    // Anew for each plan: a fix may map a folder.
    const target = await mustHaveTarget(services, now.host);
    const { store, vm, point } = of;
    const choices = choicesOf(now, point.id);
    const ask = (token: vscode.CancellationToken) =>
      services.engine.request(requests.planImport, { target, store, vm: vm.id, choices }, token);
    const answer = await pickRestorePlan(of, now, ask).catch((error: unknown) => {
      void showError(services.output, error, services.hosts.hostOf(now.host));
      return undefined;
    });
    if (answer === undefined || answer.do === 'files') return answer?.do;
    if (answer.do === 'change') {
      draft = (await answer.change(services)) ?? now;
      continue;
    }
    const { name } = answer.plan;
    const spec = {
      kind: 'import',
      host: currentHost(now.host).url,
      store,
      vm: vm.id,
      ...choices,
      as: name,
    } as const;
    await runJobs(services, [{ title: vm.name === '' ? vm.id : vm.name, spec, target }]);
    return undefined;
  }
}

function choicesOf(
  { host, name, hostFolder, networks, start }: RestoreDraft,
  point: string,
): ImportChoices {
  return {
    point,
    as: name,
    hostFolder,
    pathMap: pathMapOf(currentHost(host)),
    connect: [...networks.values()].some((to) => to !== null),
    switches: [...networks].map(([from, to]) => ({ from, to })),
    start,
    keep: false,
  };
}
