import { defineErrors } from '../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

export const labError = defineErrors({
  /** Another process serves this folder. */
  'lab.locked': wrong,
  /** The folder holds something that is no lab, or one of a newer version. */
  'lab.folder': wrong,
  /** A file of the lab is not what the lab writes. */
  'lab.damaged': { permanent: true, damage: true },
  /** The folder, which is only to be read or changed, holds none. */
  'lab.notFound': wrong,
  'lab.vm.notFound': wrong,
  'lab.vm.ambiguous': wrong,
  'lab.vm.exists': wrong,
  'lab.disk.notFound': wrong,
  'lab.argument': wrong,
  /** The VM is merging, or has a checkpoint that the operation does not allow. */
  'lab.state': { userFixable: true },
  /** Another program has the port. */
  'lab.port': { userFixable: true },
  'lab.fault.unknown': wrong,
  /** No process serves it, so none can be stopped. */
  'lab.notRunning': wrong,
  /** The lab does not answer on its control channel. */
  'lab.control': { userFixable: true },
});
