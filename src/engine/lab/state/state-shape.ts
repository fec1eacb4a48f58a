import type { JsonShape } from './json-file.ts';

/** Shape of `LabState` in `lab-state.json`, once its version is known. */
const frozen: JsonShape = {
  fields: { slot: 'number', path: 'text', generation: 'number', trackingId: 'text' },
};
const exported: JsonShape = { fields: { slot: 'number', path: 'text', dataWriteGuid: 'text' } };
const disk: JsonShape = {
  fields: {
    slot: 'number',
    kind: { oneOf: ['vhdx', 'vhd', 'shared', 'passthrough'] },
    files: { listOf: 'text' },
    virtualSize: 'number',
    virtualDiskId: 'text',
    merges: { listOf: 'text' },
    trackingId: 'text',
  },
};
const checkpoint: JsonShape = {
  fields: {
    id: 'text',
    name: 'text',
    type: { oneOf: ['user', 'recovery'] },
    created: 'text',
    consistency: 'number',
    parent: 'text or null',
    disks: { listOf: frozen },
    exports: { listOf: exported },
  },
};
const referencePoint: JsonShape = {
  fields: {
    instanceId: 'text',
    consistency: 'number',
    created: 'text',
    disks: { listOf: { fields: { slot: 'number', trackingId: 'text', generation: 'number' } } },
    exports: { listOf: exported },
  },
};
const vm: JsonShape = {
  fields: {
    id: 'text',
    name: 'text',
    enabledState: 'number',
    configurationVersion: 'text',
    generation: 'number',
    created: 'text',
    controllerId: 'text',
    mergeEnabled: 'flag',
    disks: { listOf: disk },
    checkpoints: { listOf: checkpoint },
    referencePoints: { listOf: referencePoint },
  },
};

const positions: JsonShape = { listOf: { fields: { file: 'text', snapshotId: 'text' } } };

/** Shape of the collections of VMs in it, which a lab may lack. */
export const GROUPS_SHAPE: JsonShape = {
  listOf: {
    fields: {
      id: 'text',
      name: 'text',
      members: { listOf: 'text' },
      snapshots: {
        listOf: {
          fields: {
            id: 'text',
            name: 'text',
            type: { oneOf: ['user', 'recovery'] },
            consistency: 'number',
            members: { listOf: { fields: { vm: 'text', checkpoint: 'text' } } },
            shared: positions,
          },
        },
      },
      referencePoints: {
        listOf: {
          fields: {
            id: 'text',
            consistency: 'number',
            members: { listOf: { fields: { vm: 'text', point: 'text' } } },
            shared: positions,
          },
        },
      },
    },
  },
};

/** Shape of the file server in it, which a lab may lack. */
export const SMB_SHAPE: JsonShape = {
  fields: {
    port: 'number',
    guid: 'text',
    shares: {
      listOf: {
        fields: {
          name: 'text',
          hostPath: 'text',
          encrypt: 'flag',
          scaleOut: 'flag',
          continuous: 'flag',
        },
      },
    },
  },
};

/** Shape of the shadow copies in it, which a lab may lack. */
export const SHADOWS_SHAPE: JsonShape = {
  listOf: {
    fields: {
      id: 'text',
      set: 'text',
      number: 'number',
      created: 'text',
      clientAccessible: 'flag',
      noWriters: 'flag',
    },
  },
};

export const STATE_SHAPE: JsonShape = {
  fields: {
    machineName: 'text',
    hostVersion: { oneOf: ['2012r2', '2016', '2019', '2022', '2025'] },
    user: 'text',
    httpPort: 'number',
    httpsPort: 'number',
    rctGranularity: 'number',
    vms: { listOf: vm },
  },
};
