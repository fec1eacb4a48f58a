import fs from 'node:fs/promises';
import path from 'node:path';
import { askLab } from '../../lab/control/lab-client.ts';
import type {
  LabOperations,
  NewDisk,
  OperationName,
  VmSummary,
} from '../../lab/control/operations.ts';
import { startLab } from '../../lab/lab-host.ts';
import type { HostVersion } from '../../lab/model/state.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { fileError } from '../../source/file-errors.ts';
import { ensureFolder } from '../../source/folder.ts';
import { usage } from '../cli-errors.ts';
import { makeDemoDisk } from '../demo/demo-disk.ts';
import type { Command, Context, OptionSpec } from '../command.ts';
import { byteCount, bytesOf, choice, localPath, required, wholeNumber } from '../option-values.ts';
import { columns, inLine } from '../terminal/text.ts';

const DIR: Readonly<Record<string, OptionSpec>> = {
  dir: { type: 'value', value: 'DIR', help: 'The folder of the lab.' },
};
const VM: OptionSpec = { type: 'value', value: 'VM', help: 'A VM of the lab: name or GUID.' };
const DISK: OptionSpec = {
  type: 'value',
  value: 'N',
  help: 'Number of the disk; 0 where not given.',
};

export const LAB_COMMANDS: readonly Command[] = [
  {
    name: 'lab start',
    summary: 'Serves an emulated Hyper-V host until Ctrl-C. The first line on stdout is JSON.',
    args: [],
    options: {
      ...DIR,
      'http-port': {
        type: 'value',
        value: 'N',
        help: 'As at the last start; at first a free one.',
      },
      'https-port': {
        type: 'value',
        value: 'N',
        help: 'Serve HTTPS too (0: a free port), with a certificate of its own.',
      },
      user: {
        type: 'value',
        value: 'NAME',
        help: 'Who may log in; Administrator where not given. Set when the lab is made.',
      },
      'host-version': {
        type: 'value',
        value: 'V',
        help: '2016, 2019, 2022 or 2025. Set when the lab is made.',
      },
      granularity: {
        type: 'value',
        value: 'N',
        help: 'Bytes of a unit of change tracking; 64K. Set when the lab is made.',
      },
      'job-delay': {
        type: 'value',
        value: 'MS',
        help: 'Between the states of a job; 40 where not given.',
      },
    },
    details: 'The password comes from REFPOINT_PASSWORD, or is made and printed in the line.',
    run: serve,
  },
  {
    name: 'lab add-vm',
    summary: 'A new VM whose disks are copies of images, or empty.',
    args: [],
    options: {
      ...DIR,
      name: { type: 'value', value: 'NAME', help: 'Of the VM.' },
      image: { type: 'values', value: 'FILE', help: 'A disk like this image (raw or VHDX).' },
      size: { type: 'values', value: 'N', help: 'An empty disk of this size.' },
      shared: { type: 'values', value: 'N', help: 'A shared disk, which backups must refuse.' },
      sample: { type: 'flag', help: 'A disk of 512 MiB with a partition and data in it.' },
      passthrough: { type: 'flag', help: 'A pass-through disk, which no checkpoint holds.' },
    },
    run: async (context) => {
      const disks: NewDisk[] = [
        ...context.options.texts('image').map((text) => ({ image: localPath(context, text) })),
        ...context.options.texts('size').map((text) => ({ size: bytesOf('size', text) })),
        ...context.options.texts('shared').map((text) => ({ shared: bytesOf('shared', text) })),
        ...(context.options.flag('passthrough') ? [{ passthrough: true as const }] : []),
      ];
      const name = required(context, 'name');
      const vm = context.options.flag('sample')
        ? await withSampleDisk(localPath(context, required(context, 'dir')), context, (image) =>
            ask(context, 'add-vm', { name, disks: [{ image }, ...disks] }),
          )
        : await addVm(context, name, disks);
      context.print(vm, () => describeVm(vm));
    },
  },
  {
    name: 'lab stop',
    summary: 'Ends the process that serves a lab, in order.',
    args: [],
    options: DIR,
    run: async (context) => {
      const stopped = await ask(context, 'stop', {});
      context.print(stopped, () => `Stopped (process ${stopped.pid}).`);
    },
  },
  {
    name: 'lab list',
    summary: 'The VMs of a lab.',
    args: [],
    options: DIR,
    run: async (context) => {
      const vms = await ask(context, 'list', {});
      context.print(vms, () => vms.map(describeVm).join('\n'));
    },
  },
  {
    name: 'lab write',
    summary: 'What the guest does: writes bytes, becomes equal to an image, or a random load.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      disk: DISK,
      offset: { type: 'value', value: 'N', help: 'With --file: where to write it.' },
      file: { type: 'value', value: 'FILE', help: 'Bytes to write.' },
      'from-raw': {
        type: 'value',
        value: 'IMAGE',
        help: 'Become equal to this image by writing what differs.',
      },
      random: { type: 'value', value: 'COUNT', help: 'So many writes of 4 to 256 KiB.' },
      seed: { type: 'value', value: 'S', help: 'Makes --random reproducible; 1 where not given.' },
    },
    run: write,
  },
  {
    name: 'lab hash',
    summary:
      'SHA-256 of a disk as its guest sees it now. The file of a running VM cannot be opened.',
    args: [],
    options: { ...DIR, vm: VM, disk: DISK },
    run: async (context) => {
      const params = { vm: required(context, 'vm'), disk: diskNumber(context) };
      const hash = await ask(context, 'hash', params);
      context.print(hash, () => hash.hash);
    },
  },
  {
    name: 'lab fault',
    summary: 'Switches faults on and off.',
    args: [],
    options: {
      ...DIR,
      set: { type: 'value', value: 'NAME[=VALUE]', help: 'Switch a fault on.' },
      times: { type: 'value', value: 'N', help: 'With --set: strike so often, then be off.' },
      list: { type: 'flag', help: 'What there is, and what is on.' },
      clear: { type: 'flag', help: 'Switch everything off.' },
    },
    run: fault,
  },
  {
    name: 'lab checkpoint',
    summary: 'A user checkpoint: makes one, or removes one with --remove.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      remove: { type: 'value', value: 'ID', help: 'Remove this checkpoint.' },
    },
    run: async (context) => {
      const vm = required(context, 'vm');
      const id = context.options.text('remove');
      if (id === undefined) {
        const made = await ask(context, 'checkpoint-create', { vm });
        context.print(made, () => `${inLine(made.name)} (${made.id})`);
      } else {
        const gone = await ask(context, 'checkpoint-remove', { vm, id });
        context.print(gone, () => `Removed ${gone.id}; its disks are being merged.`);
      }
    },
  },
  {
    name: 'lab resize',
    summary: 'Changes the size of a disk, which ends its change tracking.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      disk: DISK,
      size: { type: 'value', value: 'N', help: 'The new size.' },
    },
    run: async (context) => {
      const size = byteCount(context, 'size');
      if (size === undefined) throw usage('--size is needed');
      const vm = await ask(context, 'resize', {
        vm: required(context, 'vm'),
        disk: diskNumber(context),
        size,
      });
      context.print(vm, () => describeVm(vm));
    },
  },
  {
    name: 'lab replace',
    summary: 'Puts another disk in the place of one.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      disk: DISK,
      image: { type: 'value', value: 'FILE', help: 'A disk like this image.' },
      size: { type: 'value', value: 'N', help: 'An empty disk.' },
    },
    run: async (context) => {
      const params = {
        vm: required(context, 'vm'),
        disk: diskNumber(context),
        with: newDisk(context),
      };
      const vm = await ask(context, 'replace', params);
      context.print(vm, () => describeVm(vm));
    },
  },
  {
    name: 'lab attach',
    summary: 'Adds a disk to a VM.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      image: { type: 'value', value: 'FILE', help: 'A disk like this image.' },
      size: { type: 'value', value: 'N', help: 'An empty disk.' },
      slot: { type: 'value', value: 'N', help: 'The slot; the first free one if not given.' },
    },
    run: async (context) => {
      const slot = wholeNumber(context, 'slot', 0, 63) ?? null;
      const params = { vm: required(context, 'vm'), disk: newDisk(context), slot };
      const vm = await ask(context, 'attach', params);
      context.print(vm, () => describeVm(vm));
    },
  },
  {
    name: 'lab detach',
    summary: 'Takes a disk off a VM; its files stay.',
    args: [],
    options: { ...DIR, vm: VM, disk: DISK },
    run: async (context) => {
      const params = { vm: required(context, 'vm'), disk: diskNumber(context) };
      const vm = await ask(context, 'detach', params);
      context.print(vm, () => describeVm(vm));
    },
  },
  {
    name: 'lab reference-point',
    summary: 'What another product does: makes a reference point, or removes one with --remove.',
    args: [],
    options: { ...DIR, vm: VM, remove: { type: 'value', value: 'ID', help: 'Remove this one.' } },
    run: async (context) => {
      const vm = required(context, 'vm');
      const id = context.options.text('remove');
      const result =
        id === undefined
          ? await ask(context, 'reference-point-create', { vm, consistency: 'crash' })
          : await ask(context, 'reference-point-remove', { vm, id });
      context.print(result, () => result.id);
    },
  },
  {
    name: 'lab state',
    summary: 'Sets the state of a VM.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      to: { type: 'value', value: 'STATE', help: 'running, off, saved or paused.' },
    },
    run: async (context) => {
      const state = choice(
        context,
        'to',
        ['running', 'off', 'saved', 'paused'] as const,
        'running',
      );
      const vm = await ask(context, 'set-state', { vm: required(context, 'vm'), state });
      context.print(vm, () => describeVm(vm));
    },
  },
];

function addVm(context: Context, name: string, disks: readonly NewDisk[]): Promise<VmSummary> {
  if (disks.length === 0) throw usage('Give --image FILE, --size N or --sample');
  return ask(context, 'add-vm', { name, disks });
}

/** The raw image lies beside the lab's folder for as long as it is copied. */
async function withSampleDisk<T>(
  dir: string,
  context: Context,
  work: (image: string) => Promise<T>,
): Promise<T> {
  await ensureFolder(path.dirname(dir));
  const folder = await fs.mkdtemp(`${dir}-sample-`).catch((error: unknown) => {
    throw fileError(error, 'make a folder beside', dir);
  });
  try {
    const image = path.join(folder, 'disk0.raw');
    await makeDemoDisk(image, context.signal);
    return await work(image);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

async function serve(context: Context): Promise<void> {
  const { options, io } = context;
  const granularity = byteCount(context, 'granularity');
  const user = options.text('user');
  const hostVersion = options.text('host-version');
  const versions: readonly HostVersion[] = ['2016', '2019', '2022', '2025'];
  const lab = await startLab(
    {
      dir: localPath(context, required(context, 'dir')),
      httpPort: wholeNumber(context, 'http-port', 0, 65_535),
      httpsPort: wholeNumber(context, 'https-port', 0, 65_535),
      password: io.env['REFPOINT_PASSWORD'],
      jobDelay: wholeNumber(context, 'job-delay', 0, 600_000) ?? 40,
      settings: {
        ...(granularity === undefined ? {} : { rctGranularity: granularity }),
        ...(user === undefined ? {} : { user }),
        ...(hostVersion === undefined
          ? {}
          : { hostVersion: choice(context, 'host-version', versions, '2019') }),
      },
      log: context.log,
    },
    context.signal,
  );
  try {
    io.out(`${JSON.stringify(lab.line)}\n`);
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve();
      void lab.stopAsked.then(resolve);
      context.signal.addEventListener('abort', () => resolve(), { once: true });
      // Started by a program that may die: its end closes our stdin. Signals are not portable.
      if (io.env['REFPOINT_PARENT_STDIN'] === '1') void io.readStdin().then(() => resolve());
    });
  } finally {
    await lab.close();
  }
}

async function write(context: Context): Promise<void> {
  const { options } = context;
  const target = { vm: required(context, 'vm'), disk: diskNumber(context) };
  const file = options.text('file');
  const image = options.text('from-raw');
  const count = wholeNumber(context, 'random', 1, 1_000_000);
  if ([file, image, count].filter((each) => each !== undefined).length !== 1) {
    throw usage('Give one of --file FILE with --offset N, --from-raw IMAGE, --random COUNT');
  }
  const result =
    file !== undefined
      ? await ask(context, 'write-file', {
          ...target,
          offset: byteCount(context, 'offset') ?? 0,
          file: localPath(context, file),
        })
      : image !== undefined
        ? await ask(context, 'write-raw', { ...target, image: localPath(context, image) })
        : await ask(context, 'write-random', {
            ...target,
            count: count ?? 1,
            seed: options.text('seed') ?? '1',
          });
  context.print(result, () => `${result.writes} writes, ${formatBytes(result.bytes)}.`);
}

async function fault(context: Context): Promise<void> {
  const text = context.options.text('set');
  if (text !== undefined) {
    const [name = '', ...rest] = text.split('=');
    const value = rest.length === 0 ? null : rest.join('=');
    const times = wholeNumber(context, 'times', 1, 1_000_000) ?? null;
    const active = await ask(context, 'fault-set', { name, value, times });
    context.print(active, () => `${name} is on.`);
  } else if (context.options.flag('clear')) {
    context.print(await ask(context, 'fault-clear', {}), () => 'All faults are off.');
  } else {
    const { known, active } = await ask(context, 'fault-list', {});
    context.print({ known, active }, () =>
      [
        ...columns(Object.entries(known), Math.min(context.io.columns, 80)),
        '',
        active.length === 0 ? 'None is on.' : `On: ${active.map((each) => each.name).join(', ')}`,
      ].join('\n'),
    );
  }
}

function ask<Name extends OperationName>(
  context: Context,
  name: Name,
  params: LabOperations[Name]['params'],
): Promise<LabOperations[Name]['result']> {
  const dir = localPath(context, required(context, 'dir'));
  return askLab(dir, name, params, context.progress, context.signal);
}

/** The disk that `--image FILE` or `--size N` asks for. */
function newDisk(context: Context): NewDisk {
  const image = context.options.text('image');
  const size = byteCount(context, 'size');
  if ((image === undefined) === (size === undefined)) {
    throw usage('Give either --image FILE or --size N');
  }
  return image === undefined ? { size: size ?? 0 } : { image: localPath(context, image) };
}

const diskNumber = (context: Context): number => wholeNumber(context, 'disk', 0, 63) ?? 0;

function describeVm(vm: VmSummary): string {
  return [
    `${inLine(vm.name)} (${vm.id})`,
    ...vm.disks.map((disk) => `  ${disk.number}  ${formatBytes(disk.virtualSize)}  ${disk.path}`),
  ].join('\n');
}
