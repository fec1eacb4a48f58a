import { AUTHENTICATION_CHOICES, SMB_ENCRYPTIONS } from '../../engine/api/host.ts';

/** Settings. No secret is ever one. `refpoint.hosts` is of the application: no workspace can redirect a host. */
export const SETTINGS = {
  'refpoint.hosts': {
    scope: 'application',
    type: 'array',
    default: [],
    description: 'Hyper-V hosts. Passwords are kept in the secret storage, never here.',
    items: {
      type: 'object',
      required: ['url'],
      additionalProperties: false,
      properties: {
        name: {
          type: 'string',
          description: 'Name in the tree; the address if not given.',
        },
        url: {
          type: 'string',
          pattern: '^(https?://)?[^/?#@\\s]+(/wsman|/)?$',
          patternErrorMessage:
            'A name, an address, or one that begins with http:// or https:// is needed.',
          description:
            'Name or address of the host. hv01 means http://hv01:5985, where messages are sealed; with a fingerprint or an authority it means https://hv01:5986.',
        },
        user: {
          type: 'string',
          description:
            'DOMAIN\\user, user@domain or user. Not given: the user who is logged on, or the ticket of this machine.',
        },
        authentication: {
          type: 'string',
          enum: AUTHENTICATION_CHOICES,
          enumDescriptions: [
            'The strongest way that the host offers: Kerberos, then NTLM; Basic over HTTPS or to this machine only.',
            'User and password in each request: over HTTPS, or to this machine only.',
            'NTLM with sealed messages.',
            'Kerberos with sealed messages, with a password or the ticket of this machine; never NTLM.',
            'A client certificate over HTTPS, which the host maps to a local user.',
            'On Windows: the user who is logged on, without a password.',
          ],
          default: 'auto',
          description: 'How to log in.',
        },
        certificateFile: {
          type: 'string',
          description: 'PEM file of the client certificate, for “certificate”.',
        },
        keyFile: {
          type: 'string',
          description: 'PEM file of its private key. A passphrase is kept in the secret storage.',
        },
        caFile: {
          type: 'string',
          description: 'PEM file of a certificate authority to trust for this host.',
        },
        fingerprint: {
          type: 'string',
          description: 'SHA-256 of the certificate that was trusted; another one is refused.',
        },
        pathMap: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description:
            'Where folders of the host lie on this machine, or on a file server, which is approved by that: "C:\\\\VMs": "/mnt/vms".',
        },
        exportDirectory: {
          type: 'string',
          description:
            'Folder on the host for backups by export, where its files cannot be opened.',
        },
        smbPort: {
          type: 'integer',
          minimum: 1,
          maximum: 65_535,
          default: 445,
          description: 'Port of SMB, by which files of the host are read.',
        },
        smbEncryption: {
          type: 'string',
          enum: SMB_ENCRYPTIONS,
          enumDescriptions: [
            'Messages are encrypted if the file server can; a warning says so if it cannot.',
            'A file server that cannot encrypt is not used.',
            'Messages are signed, but readable on the network.',
          ],
          default: 'wanted',
          description: 'Encryption of messages that carry files of the host.',
        },
        fileServers: {
          type: 'array',
          items: { type: 'string' },
          description:
            'File servers besides the host that may be contacted for its disks: each receives a proof of the password.',
        },
        lab: { type: 'string', description: 'The folder of the lab host that this is.' },
      },
    },
  },
  'refpoint.stores': {
    scope: 'machine',
    type: 'array',
    default: [],
    items: { type: 'string' },
    description: 'Folders that keep backup points.',
  },
  'refpoint.requestTimeout': {
    scope: 'application',
    type: 'number',
    default: 60,
    minimum: 5,
    maximum: 3600,
    description: 'Time limit for a request to a host, in seconds.',
  },
  'refpoint.ntlmFallback': {
    // A folder that is opened must not weaken logins.
    scope: 'application',
    type: 'boolean',
    default: true,
    description:
      'Log in with NTLM if Kerberos fails, with a warning that says why. NTLM sends a proof of the password even to a host that is not verified. Off: such a login fails instead.',
  },
  'refpoint.maxChain': {
    // A folder that is opened must not weaken backups.
    scope: 'machine',
    type: 'number',
    default: 60,
    minimum: 1,
    maximum: 256,
    description: 'Images in one chain at most; the next backup is a full one.',
  },
  'refpoint.parallelDisks': {
    scope: 'machine',
    type: 'number',
    default: 2,
    minimum: 1,
    maximum: 64,
    description: 'Disks of one VM that a backup copies at the same time.',
  },
  'refpoint.parallelJobs': {
    scope: 'machine',
    type: 'number',
    default: 4,
    minimum: 1,
    maximum: 64,
    description:
      'Jobs of this user that run at the same time, in all windows and terminals; at most 2 with one host. The others wait.',
  },
  'refpoint.checkTracker': {
    // A folder that is opened must not weaken backups.
    scope: 'machine',
    type: 'string',
    enum: ['off', 'sample', 'full'],
    enumDescriptions: [
      'The tracker is believed.',
      'Some of what it calls unchanged is read again and compared.',
      'All of it is read again and compared; this takes as long as a full backup.',
    ],
    default: 'sample',
    description:
      'Read unchanged parts again to check the change tracker: a sample by default. Without it, a range that the tracker leaves out goes unseen.',
  },
  'refpoint.refreshSeconds': {
    scope: 'application',
    type: 'number',
    default: 5,
    minimum: 0,
    maximum: 3600,
    description:
      'Seconds between two looks at a connected host while its view is visible and the window has the focus. If nothing changes, or the host is slow or does not answer, the pause grows up to a minute. 0: never.',
  },
  'refpoint.trace.exchanges': {
    // A folder that is opened must not begin recordings.
    scope: 'application',
    type: 'boolean',
    default: false,
    description:
      'Record the exchanges with hosts, without secrets: of this window, and of each job that it starts. Open Trace… shows a recording.',
  },
  'refpoint.trace.server': {
    scope: 'application',
    type: 'string',
    enum: ['off', 'messages', 'verbose'],
    enumDescriptions: ['Nothing.', 'Names of the messages.', 'Messages with what they carry.'],
    default: 'off',
    description:
      'Messages between the editor and the engine in the output. Passwords are left out.',
  },
} as const;
