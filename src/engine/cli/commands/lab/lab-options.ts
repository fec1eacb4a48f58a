import { askLab } from '../../../lab/control/lab-client.ts';
import type {
  LabOperations,
  NewDisk,
  OperationName,
  VmSummary,
} from '../../../lab/control/operations.ts';
import { formatBytes } from '../../../base/format-bytes.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Context, OptionSpec } from '../../contract/command.ts';
import { byteCount, localPath, required, wholeNumber } from '../../options/option-values.ts';
import { inLine } from '../../terminal/text.ts';

export const DIR: Readonly<Record<string, OptionSpec>> = {
  dir: { type: 'value', value: 'DIR', help: 'The folder of the lab.' },
};
export const VM: OptionSpec = {
  type: 'value',
  value: 'VM',
  help: 'A VM of the lab: name or GUID.',
};
export const DISK: OptionSpec = {
  type: 'value',
  value: 'N',
  help: 'Number of the disk; default 0.',
};

/** Sends a request to the lab in --dir. */
export function ask<Name extends OperationName>(
  context: Context,
  name: Name,
  params: LabOperations[Name]['params'],
): Promise<LabOperations[Name]['result']> {
  const dir = localPath(context, required(context, 'dir'));
  return askLab(dir, name, params, context.progress, context.signal);
}

/** Returns the disk that `--image FILE` or `--size N` requests. */
export function newDisk(context: Context): NewDisk {
  const image = context.options.text('image');
  const size = byteCount(context, 'size');
  if ((image === undefined) === (size === undefined)) {
    throw usage('Give either --image FILE or --size N');
  }
  return image === undefined ? { size: size ?? 0 } : { image: localPath(context, image) };
}

export const diskNumber = (context: Context): number => wholeNumber(context, 'disk', 0, 63) ?? 0;

export function describeVm(vm: VmSummary): string {
  return [
    `${inLine(vm.name)} (${vm.id})`,
    ...vm.disks.map((disk) => `  ${disk.number}  ${formatBytes(disk.virtualSize)}  ${disk.path}`),
  ].join('\n');
}
