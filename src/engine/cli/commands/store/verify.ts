import path from 'node:path';
import type { Finding } from '../../../api/host.ts';
import { isUnfinished, type PointVerdict } from '../../../backup/verify/verdict.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { VerifiedStore } from '../../../jobs/work/store/verify-store.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command } from '../../contract/command.ts';
import { storeLocation } from '../../options/open-store.ts';
import { CommandJobs } from '../../options/run-as-job.ts';
import { STORE, STORED_GROUP, STORED_VM as VM, subjectName } from '../../options/stored-vms.ts';
import { withAdvice } from '../../terminal/advice.ts';
import { damagedLedger, type VerdictOfVm } from './damaged-ledger.ts';

export const VERIFY_COMMAND: Command = {
  name: 'verify',
  summary:
    'Checks points against their records. Exit status 0 valid, 1 damaged or without a finished point.',
  args: [],
  options: {
    store: STORE,
    vm: VM,
    group: STORED_GROUP,
    point: { type: 'value', value: 'ID', help: 'One point; default all.' },
    quick: { type: 'flag', help: 'Files, sizes, heads and parents only; no contents.' },
    'repair-hashes': {
      type: 'flag',
      help: 'Rebuild damaged hash files from contents that match the manifest.',
    },
  },
  run: async (context) => {
    const point = context.options.text('point');
    const quick = context.options.flag('quick');
    const repairHashes = context.options.flag('repair-hashes');
    const vm = subjectName(context) ?? '';
    const store = storeLocation(context);
    if (quick && repairHashes) throw usage('--repair-hashes reads all contents: omit --quick');
    const points = point === undefined ? [] : [point];
    const spec = { kind: 'verify', store, vm, points, quick, repairHashes } as const;
    const title = vm === '' ? path.basename(store) : vm;
    const verify = new CommandJobs(context).run<'verify'>({ title, spec, target: null });
    const { found } = await verify.catch((error: unknown) => {
      if (point === undefined || !isEngineError(error, 'point.missing')) throw error;
      throw usage(`The store has no point ${point}`);
    });
    const verdicts = verdictsOf(found, point === undefined);
    if (point !== undefined && verdicts.length === 0) {
      throw usage(`The store has no point ${point}`);
    }
    context.print({ points: verdicts }, () => verdictText(verdicts));
    const verified = verdicts.filter((each) => !isUnfinished(each));
    return verified.length > 0 && verified.every((each) => each.ok) ? 0 : 1;
  },
};

/** Returns a finding's message, with advice for a point that was never finished. */
const adviceOf = ({ code, message }: Finding): string =>
  code === 'point.incomplete' ? withAdvice(code, message) : message;

/**
 * Returns the summary, with a line for each point. Never reports success if nothing was verified.
 */
function verdictText(points: readonly VerdictOfVm[]): string {
  const lines = points.flatMap((each) => [
    `${wordOf(each)} ${each.id}`,
    ...each.findings.map((f) => `  ${f.severity}: ${adviceOf(f)} (${f.code})`),
  ]);
  if (points.every(isUnfinished)) {
    lines.push('Nothing was verified: the store has no finished point.');
  }
  if (points.some(({ findings }) => findings.some(({ code }) => code === 'hashes.damaged'))) {
    lines.push(
      'If the contents match their record, verify --repair-hashes rebuilds the hash files.',
    );
  }
  return lines.join('\n');
}

/** Verdicts of points, and of what stands beside them: ledgers, and folders that were passed over. */
function verdictsOf(found: VerifiedStore, whole: boolean): readonly VerdictOfVm[] {
  const ofVms = found.vms.flatMap(({ id, verdicts, ledger }) => [
    ...verdicts.map((verdict) => ({ ...verdict, vm: id })),
    ...(whole && ledger !== null ? [damagedLedger(id, ledger)] : []),
  ]);
  return [...ofVms, ...found.misspelled.map(misspelled)];
}

/** Reports ignored folders: nothing in them was verified. */
function misspelled({ name, id }: VerifiedStore['misspelled'][number]): VerdictOfVm {
  const message = `The folder ${name} was skipped: expected the name ${id}`;
  return {
    id: name,
    vm: id,
    ok: false,
    findings: [{ code: 'vm.folder', severity: 'error', message }],
  };
}

/** Returns the word for a verdict. An unfinished point is neither damaged nor valid. */
function wordOf(verdict: PointVerdict): string {
  const { ok } = verdict;
  if (ok) return 'ok      ';
  return isUnfinished(verdict) ? 'partial ' : 'DAMAGED ';
}
