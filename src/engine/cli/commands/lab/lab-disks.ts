import fs from 'node:fs/promises';
import { formatBytes } from '../../../base/format-bytes.ts';
import { fileError } from '../../../source/platform/file-errors.ts';
import { usage } from '../../contract/cli-errors.ts';
import type { Command, Context } from '../../contract/command.ts';
import { byteCount, localPath, required, wholeNumber } from '../../options/option-values.ts';
import { ask, describeVm, DIR, DISK, diskNumber, newDisk, VM } from './lab-options.ts';

/** Maximum size of a file for an offline write, which travels in one request. */
const MAX_OFFLINE = 32 * 2 ** 20;

/**
 * Commands that change the disks of a lab's VMs as the guest, an administrator or another program
 * would.
 */
export const LAB_DISK_COMMANDS: readonly Command[] = [
  {
    name: 'lab write',
    summary: 'Writes to a disk as the guest: bytes, the contents of an image, or a random load.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      disk: DISK,
      offset: { type: 'value', value: 'N', help: 'With --file: offset on the disk.' },
      file: { type: 'value', value: 'FILE', help: 'Bytes to write.' },
      'from-raw': {
        type: 'value',
        value: 'IMAGE',
        help: 'Make the disk equal to this image by writing the differences.',
      },
      random: { type: 'value', value: 'COUNT', help: 'Number of random writes of 4 to 256 KiB.' },
      offline: {
        type: 'flag',
        help: 'With --file: write while the VM is off, bypassing change tracking.',
      },
      length: {
        type: 'value',
        value: 'N',
        help: 'Size of each random write, from 4 KiB to 1 MiB in steps of 4 KiB.',
      },
      seed: { type: 'value', value: 'S', help: 'Seed of --random; default 1.' },
    },
    run: write,
  },
  {
    name: 'lab hash',
    summary:
      'Prints the SHA-256 of a disk as its guest sees it now. The file of a running VM cannot be opened.',
    args: [],
    options: { ...DIR, vm: VM, disk: DISK },
    run: async (context) => {
      const params = { vm: required(context, 'vm'), disk: diskNumber(context) };
      const hash = await ask(context, 'hash', params);
      context.print(hash, () => hash.hash);
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
    summary: 'Replaces a disk by another one.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      disk: DISK,
      image: { type: 'value', value: 'FILE', help: 'A copy of this image.' },
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
      image: { type: 'value', value: 'FILE', help: 'A copy of this image.' },
      size: { type: 'value', value: 'N', help: 'An empty disk.' },
      slot: { type: 'value', value: 'N', help: 'The slot; default the first free one.' },
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
    summary: 'Detaches a disk from a VM; its files stay.',
    args: [],
    options: { ...DIR, vm: VM, disk: DISK },
    run: async (context) => {
      const params = { vm: required(context, 'vm'), disk: diskNumber(context) };
      const vm = await ask(context, 'detach', params);
      context.print(vm, () => describeVm(vm));
    },
  },
  {
    name: 'lab overwrite',
    summary:
      'Overwrites a disk of a VM that is off with a VHDX file, like a file restore, bypassing change tracking.',
    args: [],
    options: {
      ...DIR,
      vm: VM,
      disk: DISK,
      file: { type: 'value', value: 'FILE', help: 'The VHDX file to copy.' },
    },
    run: async (context) => {
      const params = {
        vm: required(context, 'vm'),
        disk: diskNumber(context),
        file: localPath(context, required(context, 'file')),
      };
      const vm = await ask(context, 'overwrite', params);
      context.print(vm, () => describeVm(vm));
    },
  },
];

async function write(context: Context): Promise<void> {
  const { options } = context;
  if (options.flag('offline')) return writeOffline(context);
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
            length: randomLength(context),
          });
  context.print(result, () => `${result.writes} writes, ${formatBytes(result.bytes)}.`);
}

async function writeOffline(context: Context): Promise<void> {
  const file = localPath(context, required(context, 'file'));
  const bytes = await fs.readFile(file).catch((error: unknown) => {
    throw fileError(error, 'read', file);
  });
  if (bytes.length > MAX_OFFLINE) {
    throw usage(`--offline writes up to ${MAX_OFFLINE} bytes at once; ${file} has ${bytes.length}`);
  }
  const result = await ask(context, 'write-offline', {
    vm: required(context, 'vm'),
    disk: diskNumber(context),
    offset: byteCount(context, 'offset') ?? 0,
    base64: bytes.toString('base64'),
  });
  context.print(result, () => `${formatBytes(result.bytes)} written without change tracking.`);
}

function randomLength(context: Context): number | null {
  const length = byteCount(context, 'length');
  if (length === undefined) return null;
  if (length >= 4096 && length <= 2 ** 20 && length % 4096 === 0) return length;
  throw usage(`--length is ${length}; it takes 4K to 1M in steps of 4K`);
}
