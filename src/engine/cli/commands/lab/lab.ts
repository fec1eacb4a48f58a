import { LAB_LOGIN_OPTIONS, labLogin } from './lab-login.ts';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isEngineError } from '../../../base/errors.ts';
import { shellExecutable } from '../../../powershell/shell/executable.ts';
import { askLab } from '../../../lab/control/lab-client.ts';
import type {
  LabOperations,
  NewDisk,
  OperationName,
  VmSummary,
} from '../../../lab/control/operations.ts';
import { LAB_DRIVES } from '../../../lab/files/host-paths.ts';
import type { HostVersion } from '../../../lab/state/state.ts';
import { LAB_LANGUAGES } from '../../../lab/texts/languages.ts';
import { fileError } from '../../../source/platform/file-errors.ts';
import { ensureFolder } from '../../../source/folders/folder.ts';
import { usage } from '../../contract/cli-errors.ts';
import { makeDemoDisk } from '../../demo/demo-disk.ts';
import type { Command, Context } from '../../contract/command.ts';
import {
  byteCount,
  bytesOf,
  choice,
  localPath,
  required,
  wholeNumber,
} from '../../options/option-values.ts';
import { columns, inLine } from '../../terminal/text.ts';
import { LAB_DISK_COMMANDS } from './lab-disks.ts';
import { LAB_GROUP_COMMAND } from './lab-group.ts';
import { LAB_SHADOW_COMMAND } from './lab-shadow.ts';
import { LAB_SHARED_DISK_COMMAND } from './lab-shared-disk.ts';
import { LAB_SHARE_COMMAND } from './lab-share.ts';
import { ask, describeVm, DIR, VM } from './lab-options.ts';

export const LAB_COMMANDS: readonly Command[] = [
  ...LAB_DISK_COMMANDS,
  LAB_SHARE_COMMAND,
  LAB_GROUP_COMMAND,
  LAB_SHADOW_COMMAND,
  LAB_SHARED_DISK_COMMAND,
  {
    name: 'lab start',
    summary: 'Serves an emulated Hyper-V host until Ctrl-C. The first line on stdout is JSON.',
    args: [],
    options: {
      ...DIR,
      'http-port': {
        type: 'value',
        value: 'N',
        help: 'HTTP port; default that of the last start, or a free one.',
      },
      'https-port': {
        type: 'value',
        value: 'N',
        help: 'Also serve HTTPS on this port (0: a free port), with a self-signed certificate.',
      },
      'smb-port': {
        type: 'value',
        value: 'N',
        help: 'Also serve files over SMB on this port (0: a free port); kept for later starts.',
      },
      user: {
        type: 'value',
        value: 'NAME',
        help: 'Account of the lab; default Administrator. Fixed when the lab is created.',
      },
      'host-version': {
        type: 'value',
        value: 'V',
        help: '2016, 2019, 2022 or 2025. Fixed when the lab is created.',
      },
      granularity: {
        type: 'value',
        value: 'N',
        help: 'Unit of change tracking in bytes; default 64K. Fixed when the lab is created.',
      },
      language: {
        type: 'value',
        value: 'TAG',
        help: 'Language of captions and faults: en-US, de-DE or ja-JP; default that of the last start.',
      },
      cluster: {
        type: 'value',
        value: 'NAME',
        help: 'The host is a node of this failover cluster, from now on.',
      },
      shell: {
        type: 'flag',
        help: 'Allow remote shells (WinRS), whose commands run on this computer as this user.',
      },
      'job-delay': {
        type: 'value',
        value: 'MS',
        help: 'Time between the states of a job; default 40.',
      },
      ...LAB_LOGIN_OPTIONS,
    },
    details: 'The password comes from REFPOINT_PASSWORD, or is generated and printed in that line.',
    run: serve,
  },
  {
    name: 'lab add-vm',
    summary: 'Adds a VM with copies of images or empty disks.',
    args: [],
    options: {
      ...DIR,
      name: { type: 'value', value: 'NAME', help: 'Name of the VM.' },
      image: {
        type: 'values',
        value: 'FILE',
        help: 'A copy of this image (any format that is read): a VHD for a VHD, else a VHDX.',
      },
      size: { type: 'values', value: 'N', help: 'An empty disk of this size.' },
      sample: { type: 'flag', help: 'A disk of 512 MiB with a partition and data in it.' },
      generation: { type: 'value', value: 'N', help: '1 or 2; default 2.' },
      drives: {
        type: 'values',
        value: 'LETTER',
        help: 'Drives of the disks in turn, C or D; default C.',
      },
      passthrough: { type: 'flag', help: 'A pass-through disk, which checkpoints do not include.' },
      count: {
        type: 'value',
        value: 'N',
        help: 'Add N VMs with disks of --size, which are made when they are first opened.',
      },
    },
    run: async (context) => {
      const count = wholeNumber(context, 'count', 1, 100_000);
      if (count !== undefined) return addVms(context, count);
      const disks: NewDisk[] = [
        ...context.options.texts('image').map((text) => ({ image: localPath(context, text) })),
        ...context.options.texts('size').map((text) => ({ size: bytesOf('size', text) })),
        ...(context.options.flag('passthrough') ? [{ passthrough: true as const }] : []),
      ];
      const name = required(context, 'name');
      const generation = choice(context, 'generation', ['1', '2'], '2') === '1' ? 1 : 2;
      const given = context.options.texts('drives').map((letter) => letter.toUpperCase());
      const drives = LAB_DRIVES.filter((each) => given.includes(each));
      if (drives.length !== new Set(given).size) throw usage('--drives is C or D');
      const at = { name, generation, ...(drives.length === 0 ? {} : { drives }) } as const;
      const vm = context.options.flag('sample')
        ? await withSampleDisk(localPath(context, required(context, 'dir')), context, (image) =>
            ask(context, 'add-vm', { ...at, disks: [{ image }, ...disks] }),
          )
        : await addVm(context, { ...at, disks });
      context.print(vm, () => describeVm(vm));
    },
  },
  {
    name: 'lab move-vm',
    summary: 'Moves a VM to another node of the cluster and back, or into another lab.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      to: { type: 'value', value: 'NODE', help: 'Name of the other node; its files stay.' },
      into: {
        type: 'value',
        value: 'DIR',
        help: 'Folder of the lab that takes it, with its files.',
      },
      back: { type: 'flag', help: 'Move the VM back to this host.' },
    },
    run: moveVm,
  },
  {
    name: 'lab stop',
    summary: 'Stops the process that serves a lab.',
    args: [],
    options: DIR,
    run: async (context) => {
      const stopped = await ask(context, 'stop', {});
      context.print(stopped, () => `Stopped (process ${stopped.pid}).`);
    },
  },
  {
    name: 'lab list',
    summary: 'Lists the VMs of a lab.',
    args: [],
    options: DIR,
    run: async (context) => {
      const vms = await ask(context, 'list', {});
      context.print(vms, () => vms.map(describeVm).join('\n'));
    },
  },
  {
    name: 'lab fault',
    summary: 'Switches faults on and off.',
    args: [],
    options: {
      ...DIR,
      set: { type: 'value', value: 'NAME[=VALUE]', help: 'Switch a fault on.' },
      times: {
        type: 'value',
        value: 'N',
        help: 'With --set: number of times until it switches itself off.',
      },
      at: {
        type: 'value',
        value: 'N',
        help: 'With --set: begin with the Nth request from now; default at once.',
      },
      list: { type: 'flag', help: 'List the faults and their state.' },
      clear: { type: 'flag', help: 'Switch all faults off.' },
    },
    run: fault,
  },
  {
    name: 'lab checkpoint',
    summary: 'Creates or removes a user checkpoint, or reverts the VM to one.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      remove: { type: 'value', value: 'ID', help: 'Remove this checkpoint.' },
      apply: {
        type: 'value',
        value: 'ID',
        help: 'Revert to this checkpoint, the newest one; the VM must be off.',
      },
    },
    run: async (context) => {
      const vm = required(context, 'vm');
      const id = context.options.text('remove');
      const applied = context.options.text('apply');
      if (applied !== undefined) {
        const reverted = await ask(context, 'checkpoint-apply', { vm, id: applied });
        context.print(reverted, () => describeVm(reverted));
      } else if (id === undefined) {
        const made = await ask(context, 'checkpoint-create', { vm });
        context.print(made, () => `${inLine(made.name)} (${made.id})`);
      } else {
        const gone = await ask(context, 'checkpoint-remove', { vm, id });
        context.print(gone, () => `Removed ${gone.id}; its disks are being merged.`);
      }
    },
  },
  {
    name: 'lab reference-point',
    summary: 'Creates a reference point like another product, or removes one with --remove.',
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

function addVm(context: Context, vm: LabOperations['add-vm']['params']): Promise<VmSummary> {
  if (vm.disks.length === 0) throw usage('Give --image FILE, --size N or --sample');
  return ask(context, 'add-vm', vm);
}

async function moveVm(context: Context): Promise<void> {
  const { options } = context;
  const vm = required(context, 'vm');
  const into = options.text('into');
  const to = options.text('to');
  if (into === undefined) {
    if ((to === undefined) === !options.flag('back'))
      throw usage('Give --to NODE, --into DIR or --back');
    const moved = await ask(context, 'move-vm', { vm, to: to ?? null });
    context.print(moved, () => `${moved.id} is on ${inLine(moved.node)}.`);
    return;
  }
  const other = <Name extends OperationName>(
    name: Name,
    params: LabOperations[Name]['params'],
  ): Promise<LabOperations[Name]['result']> =>
    askLab(localPath(context, into), name, params, context.progress, context.signal);
  const { machineName } = await other('name', {});
  const given = await ask(context, 'give-vm', { vm, node: machineName });
  try {
    const taken = await other('take-vm', given);
    context.print(taken, () => describeVm(taken));
  } catch (error) {
    // The files of a VM that could not be taken are still here.
    await ask(context, 'take-vm', given);
    throw error;
  }
}

async function addVms(context: Context, count: number): Promise<void> {
  const { options } = context;
  const sizes = options.texts('size').map((text) => bytesOf('size', text));
  const other = options.texts('image').length > 0;
  if (sizes.length === 0 || other || options.flag('sample') || options.flag('passthrough')) {
    throw usage('Give --count with --size only, once for each disk');
  }
  const name = required(context, 'name');
  const made = await ask(context, 'add-vms', { name, count, sizes });
  context.print(made, () => `${made.count} VMs: ${inLine(made.first)} to ${inLine(made.last)}`);
}

/** Writes the raw sample image beside the lab's folder, runs `work`, and removes the image. */
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
  const language = options.text('language');
  const cluster = options.text('cluster');
  const versions: readonly HostVersion[] = ['2012r2', '2016', '2019', '2022', '2025'];
  const { startLab } = await import('../../../lab/host/lab-host.ts');
  const lab = await startLab(
    {
      dir: localPath(context, required(context, 'dir')),
      httpPort: wholeNumber(context, 'http-port', 0, 65_535),
      httpsPort: wholeNumber(context, 'https-port', 0, 65_535),
      smbPort: wholeNumber(context, 'smb-port', 0, 65_535),
      // Tests of Windows only; see native/doubles.
      virtdiskPort: io.env['REFPOINT_LAB_VIRTDISK'] === '1' ? 0 : undefined,
      noHttps: options.flag('windows-defaults'),
      ...(await labLogin(context)),
      password: io.env['REFPOINT_PASSWORD'],
      shell: options.flag('shell') ? { powershell: powershellHere(io.env) } : undefined,
      jobDelay: wholeNumber(context, 'job-delay', 0, 600_000) ?? 40,
      settings: {
        ...(language === undefined
          ? {}
          : { language: choice(context, 'language', LAB_LANGUAGES, 'en-US') }),
        ...(cluster === undefined ? {} : { cluster }),
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
      // A parent process that dies closes our stdin, which ends the lab. Signals are not portable.
      if (io.env['REFPOINT_PARENT_STDIN'] === '1') void io.readStdin().then(() => resolve());
    });
  } finally {
    await lab.close();
  }
}

/** Returns the executable of PowerShell; undefined if it is unknown on this computer. */
function powershellHere(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    return shellExecutable({ platform: process.platform, env });
  } catch (error) {
    if (isEngineError(error, 'powershell.missing')) return undefined;
    throw error;
  }
}

async function fault(context: Context): Promise<void> {
  const text = context.options.text('set');
  if (text !== undefined) {
    const [name = '', ...rest] = text.split('=');
    const value = rest.length === 0 ? null : rest.join('=');
    const times = wholeNumber(context, 'times', 1, 1_000_000) ?? null;
    const at = wholeNumber(context, 'at', 1, 1_000_000) ?? null;
    const active = await ask(context, 'fault-set', { name, value, times, at });
    const when = at === null ? '.' : `, beginning with request ${at} from now.`;
    context.print(active, () => `${name} is on${when}`);
  } else if (context.options.flag('clear')) {
    context.print(await ask(context, 'fault-clear', {}), () => 'All faults are off.');
  } else {
    const list = await ask(context, 'fault-list', {});
    const { known, active } = list;
    context.print(list, () =>
      [
        ...columns(Object.entries(known), Math.min(context.io.columns, 80)),
        '',
        active.length === 0
          ? 'No fault is on.'
          : `On: ${active.map((each) => each.name).join(', ')}`,
      ].join('\n'),
    );
  }
}
