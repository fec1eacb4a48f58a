import { defineErrors } from '../base/errors.ts';

const wrong = { permanent: true, userFixable: true } as const;

export const labError = defineErrors({
  /** Another process serves this folder. */
  'lab.locked': wrong,
  /** The folder contains something other than a lab, or a lab of a newer version. */
  'lab.folder': wrong,
  /** A file of the lab has invalid contents. */
  'lab.damaged': { permanent: true, damage: true },
  /** The folder contains no lab, and the operation does not create one. */
  'lab.notFound': wrong,
  'lab.vm.notFound': wrong,
  'lab.vm.ambiguous': wrong,
  'lab.vm.exists': wrong,
  'lab.disk.notFound': wrong,
  'lab.argument': wrong,
  /** The VM is merging, or has a checkpoint that the operation does not allow. */
  'lab.state': { userFixable: true },
  /** Another program uses the port. */
  'lab.port': { userFixable: true },
  'lab.fault.unknown': wrong,
  /** No process serves the lab, so there is nothing to stop. */
  'lab.notRunning': wrong,
  /** The lab does not answer on its control channel. */
  'lab.control': { userFixable: true },
});
