/** Views of the container, with what they say when they are empty. */
export const CONTAINER = 'refpoint';

export const VIEWS = {
  'refpoint.hosts': { name: 'Hosts' },
  'refpoint.stores': { name: 'Stores' },
  'refpoint.jobs': { name: 'Jobs' },
} as const;

export type ViewId = keyof typeof VIEWS;

export interface WelcomeSpec {
  readonly view: ViewId;
  readonly when: string;
  readonly contents: string;
}

export const WELCOMES: readonly WelcomeSpec[] = [
  {
    view: 'refpoint.hosts',
    when: '!refpoint.hasHosts && refpoint.hyperVHere',
    contents:
      'Refpoint backs up Hyper-V virtual machines through their hosts. This computer is one.\n[Add This Computer](command:refpoint.addThisComputer)\nIts VMs show to members of Hyper-V Administrators. Reading disks by the virtual disk API needs an editor that was started as administrator.\n[Add Another Host](command:refpoint.addHost)\nThe lab host is an emulated one on this machine, with a sample VM.\n[Start Lab Host](command:refpoint.startLab)',
  },
  {
    view: 'refpoint.hosts',
    when: '!refpoint.hasHosts && !refpoint.hyperVHere',
    contents:
      'Refpoint backs up Hyper-V virtual machines through their hosts.\n[Add Host](command:refpoint.addHost)\nNo host at hand? The lab host is an emulated one on this machine, with a sample VM.\n[Start Lab Host](command:refpoint.startLab)',
  },
  {
    view: 'refpoint.stores',
    when: '!refpoint.hasStores',
    contents:
      'A store is a folder that keeps backup points as plain VHDX files.\n[Add Store](command:refpoint.addStore)',
  },
  {
    view: 'refpoint.jobs',
    when: '!refpoint.hasJobs && refpoint.hasHosts',
    contents: 'No job has run yet.\n[Back Up a VM](command:refpoint.backup)',
  },
  {
    view: 'refpoint.jobs',
    when: '!refpoint.hasJobs && !refpoint.hasHosts',
    contents: 'Backups, exports, restores and verifications show here. Add a host to begin.',
  },
];

/** Context keys that the extension sets. */
export const CONTEXT_KEYS = [
  'refpoint.hasHosts',
  'refpoint.hyperVHere',
  'refpoint.onWindows',
  'refpoint.connected',
  'refpoint.hasDisconnectedHosts',
  'refpoint.hasStores',
  'refpoint.hasLab',
  'refpoint.labRunning',
  'refpoint.hasJobs',
  'refpoint.hasRunningJobs',
  'refpoint.hasQueuedJobs',
  'refpoint.hasEndedJobs',
  'refpoint.backedUp',
  'refpoint.backedUpChanges',
  'refpoint.mapSeen',
  'refpoint.restored',
] as const;

export type ContextKey = (typeof CONTEXT_KEYS)[number];
