import type { ImportPlan } from '../../../api/backup.ts';
import { lostText } from '../../../backup/restore/import/source/lost-parts.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { facts, inLine } from '../../terminal/text.ts';

/** Formats the plan of a restore as a new VM, with every problem at its end. */
export function describeImportPlan(plan: ImportPlan): string {
  const { vm, point, name, from, folder, neededBytes, freeBytes, findings, networks } = plan;
  const source = from === null ? 'nothing: only its disks can be restored' : `its ${SOURCES[from]}`;
  const space = `${formatBytes(neededBytes)} at most; ${freeBytes === null ? 'the free space is not known' : `${formatBytes(freeBytes)} free`}`;
  return [
    `Restoring ${point} of “${inLine(vm.name)}” as a new VM would do this:`,
    facts([
      ['VM', name],
      ['host', plan.computerName ?? 'unnamed'],
      ['made of', source],
      ['folder', plan.hostFolder],
      ['written to', folder ?? 'not known'],
      ['space', space],
    ]),
    ...plan.disks.map((disk) => `  ${inLine(disk.path)}  ${formatBytes(disk.virtualSize)}`),
    ...(networks ?? []).map(
      (each) =>
        `  switch “${inLine(each.switch)}”: ${each.to === null ? 'disconnected' : `“${inLine(each.to)}”`}`,
    ),
    ...plan.lost.map((each) => `note: ${inLine(lostText(each))}`),
    ...findings.map(({ code, message }) => `problem: ${inLine(message)} (${code})`),
  ].join('\n');
}

const SOURCES = {
  configuration: 'configuration files',
  settings: 'settings, as read over WMI',
} as const;
