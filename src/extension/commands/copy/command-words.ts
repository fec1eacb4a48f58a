import type { BackupOptions } from '../../../engine/api/backup.ts';
import type { JobSpec } from '../../../engine/api/jobs.ts';
import { currentHost, type HostSetting } from '../../settings/hosts.ts';
import type { AnyNode, ReferencePointNode, VmDiskNode } from '../../nodes/nodes.ts';

/** Finds the host of an address in the settings. */
export type HostOf = (url: string) => HostSetting | undefined;

/**
 * Returns the words of the command line for a row, `refpoint` first, or undefined if there is no such command. The
 * password comes from REFPOINT_PASSWORD or stdin, never from here.
 */
export function commandWords(node: AnyNode, hostOf: HostOf): readonly string[] | undefined {
  switch (node.kind) {
    case 'host':
      return words(['vm', 'list'], ...hostWords(node.host));
    case 'vm':
      return words(['vm', 'show'], node.row.id, ...hostWords(node.host));
    case 'vmDisk':
    case 'referencePoint':
      return changesWords(node);
    case 'store':
      return words(['store', 'show'], ...option('store', node.path));
    case 'storeVm':
      return words(['store', 'show'], ...option('store', node.store), ...option('vm', node.vm.id));
    case 'point':
      return node.point.state === 'complete'
        ? words(
            ['verify'],
            ...option('store', node.store),
            ...option(node.vm.members === undefined ? 'vm' : 'group', node.vm.id),
            ...option('point', node.point.id),
          )
        : undefined;
    case 'pointDisk':
      return words(['disk', 'info'], node.disk.path);
    case 'job':
      return node.job.elsewhere ? undefined : jobWords(node.job.spec, hostOf);
    case 'group':
      return words(['group', 'show'], node.row.id, ...hostWords(node.host));
    case 'groupMember':
    case 'groupDisk':
    case 'checkpoint':
    case 'message':
      return undefined;
  }
}

/** Changes of a disk since a reference point: of a disk since the newest one, of a point for the first disk. */
function changesWords(node: VmDiskNode | ReferencePointNode): readonly string[] | undefined {
  const { host, vm } = node;
  const since = node.kind === 'vmDisk' ? vm.referencePoints.at(-1)?.id : node.point.id;
  const disk = node.kind === 'vmDisk' ? node.disk.number : vm.disks[0]?.number;
  if (since === undefined || disk === undefined) return undefined;
  const what = [...option('disk', String(disk)), ...option('since', since)];
  return words(['changes'], vm.id, ...what, ...hostWords(host));
}

function jobWords(spec: JobSpec, hostOf: HostOf): readonly string[] {
  switch (spec.kind) {
    case 'attach':
      return words(
        ['attach'],
        ...option('store', spec.store),
        ...option('vm', spec.vm),
        ...option('point', spec.point),
        ...option('disk', spec.disk),
        ...(spec.letter ? ['--letter'] : []),
      );
    case 'backup':
      return words(
        ['backup'],
        ...(spec.group === true ? option('group', spec.vm) : (spec.vms ?? [spec.vm])),
        ...option('store', spec.store),
        ...backupWords(spec.options),
        ...hostWords(hostOf(spec.host) ?? { url: spec.host }),
      );
    case 'export':
      return words(
        ['export'],
        spec.vm,
        ...option('to', spec.directory),
        ...(spec.since === null ? [] : option('since', spec.since)),
        ...(spec.checkpoint === undefined ? [] : option('checkpoint', spec.checkpoint)),
        ...hostWords(hostOf(spec.host) ?? { url: spec.host }),
      );
    case 'restore':
      return words(
        ['restore'],
        ...option('store', spec.store),
        ...option('vm', spec.vm),
        ...option('point', spec.point),
        ...spec.disks.flatMap((disk) => option('disk', disk)),
        ...option('to', spec.to),
        ...option('format', spec.format),
        ...(spec.force ? ['--force'] : []),
      );
    case 'import':
      return words(
        ['restore', '--import'],
        ...option('store', spec.store),
        ...option('vm', spec.vm),
        ...option('point', spec.point),
        ...(spec.as === null ? [] : option('as', spec.as)),
        ...option('host-folder', spec.hostFolder),
        ...spec.pathMap.flatMap(({ host, local }) => option('path-map', `${host}=${local}`)),
        ...(spec.connect ? ['--connect'] : []),
        ...spec.switches.flatMap(({ from, to }) => option('switch', `${from}=${to ?? ''}`)),
        ...(spec.start ? ['--start'] : []),
        ...(spec.keep ? ['--keep'] : []),
        ...hostWords(hostOf(spec.host) ?? { url: spec.host }),
      );
    case 'over': {
      const { action, over, confirm } = spec;
      const isRestore = action === 'restore';
      return words(
        ['restore'],
        ...option('store', spec.store),
        ...(isRestore ? [...option('vm', spec.vm), ...option('point', spec.point)] : []),
        ...(isRestore ? spec.disks.flatMap((disk) => option('disk', disk)) : []),
        ...option(isRestore ? 'over' : action, over),
        ...option('confirm', confirm),
        ...spec.pathMap.flatMap(({ host, local }) => option('path-map', `${host}=${local}`)),
        ...hostWords(hostOf(spec.host) ?? { url: spec.host }),
      );
    }
    case 'writer':
      return words(
        ['restore', '--with-writer'],
        ...option('store', spec.store),
        ...option('vm', spec.vm),
        ...option('point', spec.point),
        ...option('confirm', spec.confirm),
        ...hostWords(hostOf(spec.host) ?? { url: spec.host }),
      );
    case 'verify':
      return words(
        ['verify'],
        ...option('store', spec.store),
        ...option('vm', spec.vm),
        // The command takes one point, or every one.
        ...(spec.points.length === 1 ? option('point', spec.points[0] ?? '') : []),
        ...(spec.quick ? ['--quick'] : []),
      );
  }
}

/** Options that differ from the command's defaults. */
function backupWords(options: BackupOptions): readonly string[] {
  const { kind, method, consistency, guestBackup, checkTracker, maxChain } = options;
  const { mergeWaitSeconds, parallelDisks = 2 } = options;
  const unless = (usual: string, name: string, value: string): readonly string[] =>
    value === usual ? [] : option(name, value);
  return [
    ...unless('auto', 'kind', kind),
    ...unless('auto', 'method', method),
    ...unless('default', 'consistency', consistency),
    ...unless('copy', 'guest-backup', guestBackup),
    ...unless('sample', 'check-tracker', checkTracker),
    ...unless('60', 'max-chain', String(maxChain)),
    ...unless('2', 'parallel-disks', String(parallelDisks)),
    ...(mergeWaitSeconds === undefined ? [] : option('merge-wait', String(mergeWaitSeconds))),
    ...options.pathMap.flatMap(({ host, local }) => option('path-map', `${host}=${local}`)),
    ...(options.exportDirectory === null ? [] : option('export-dir', options.exportDirectory)),
    ...options.excludeDisks.flatMap((disk) => option('exclude-disk', disk)),
    ...(options.withoutMembers ?? []).flatMap((vm) => option('without-member', vm)),
    ...(options.allowOthers === true ? ['--allow-others'] : []),
    ...(options.vssWaitSeconds === undefined
      ? []
      : option('vss-wait', String(options.vssWaitSeconds))),
  ];
}

function hostWords(host: HostSetting): readonly string[] {
  const { url, user, authentication, fingerprint, caFile, certificateFile, keyFile, ...rest } =
    currentHost(host);
  const { smbPort, smbEncryption, fileServers = [] } = rest;
  return [
    ...option('host', url),
    ...(user === undefined ? [] : option('user', user)),
    ...(authentication === undefined || authentication === 'auto'
      ? []
      : option('auth', authentication)),
    ...(fingerprint === undefined ? [] : option('tls-fingerprint', fingerprint)),
    ...(caFile === undefined ? [] : option('ca', caFile)),
    ...(certificateFile === undefined ? [] : option('cert', certificateFile)),
    ...(keyFile === undefined ? [] : option('key', keyFile)),
    ...(smbPort === undefined ? [] : option('smb-port', String(smbPort))),
    ...(smbEncryption === undefined ? [] : option('smb-encryption', smbEncryption)),
    ...fileServers.flatMap((server) => option('smb-server', server)),
  ];
}

/** A value that begins with a dash would be taken for an option: it is joined to its own. */
const option = (name: string, value: string): readonly string[] =>
  value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value];

const words = (command: readonly string[], ...rest: readonly string[]): readonly string[] => [
  'refpoint',
  ...command,
  ...rest,
];
