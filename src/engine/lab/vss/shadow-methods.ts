import { tryParseGuid } from '../../base/guid.ts';
import type { CimInstance } from '../../cim/model.ts';
import { declareMethod } from '../classes/declare.ts';
import type { Lab } from '../model/lab.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { CimMethodDeclaration, MethodCall, MethodResult } from '../wmi/repository.ts';
import { BackupSet } from './backup-set.ts';
import { removeShadow } from './shadow-copies.ts';
import { VSS, VssCallError } from './vss-fault.ts';

const SHADOW_COPY = 'Win32_ShadowCopy';

/** Methods of the classes of VSS that the lab emulates. Windows has Revert beside it. */
export const SHADOW_METHODS: Readonly<Record<string, readonly CimMethodDeclaration[]>> = {
  [SHADOW_COPY]: [
    {
      ...declareMethod('Create', 'in Volume:string | in Context:string | out ShadowID:string'),
      static: true,
    },
  ],
};

/** Return values of Win32_ShadowCopy.Create, as Microsoft documents them. */
const RETURN = {
  success: 0,
  accessDenied: 1,
  invalidArgument: 2,
  volumeNotFound: 3,
  volumeNotSupported: 4,
  unsupportedContext: 5,
  insufficientStorage: 6,
  volumeInUse: 7,
  tooMany: 8,
  inProgress: 9,
  providerVeto: 10,
  providerNotRegistered: 11,
  providerFailure: 12,
  unknown: 13,
} as const;

/** Return values of the HRESULTs of VSS. */
const RETURN_OF: ReadonlyMap<number, number> = new Map([
  [0x80070005, RETURN.accessDenied],
  [0x80070057, RETURN.invalidArgument],
  [VSS.notFound, RETURN.volumeNotFound],
  [VSS.notSupported, RETURN.volumeNotSupported],
  [0x8004230e, RETURN.volumeNotSupported],
  [0x8004231b, RETURN.unsupportedContext],
  [VSS.storage, RETURN.insufficientStorage],
  [0x8004231d, RETURN.volumeInUse],
  [0x80042317, RETURN.tooMany],
  [VSS.inProgress, RETURN.inProgress],
  [0x80042306, RETURN.providerVeto],
  [0x80042304, RETURN.providerNotRegistered],
  [0x8004230f, RETURN.providerFailure],
]);

/** A drive, a mounted folder or the name of a volume. VSS wants the backslash at its end. */
const VOLUME = /^(?:[a-z]:\\(?:[^\\/:*?"<>|]+\\)*|\\\\\?\\Volume\{[0-9a-f-]{36}\}\\)$/i;
const CONTEXT = 'ClientAccessible';

/**
 * Calls a method of the classes of VSS. Create makes a shadow copy of one volume without writers, as any
 * program with this right can.
 *
 * UNCONFIRMED: the order in which Windows checks the arguments, the spelling of a drive without a backslash,
 * and contexts other than ClientAccessible, which the lab refuses.
 */
export async function callShadowMethod(lab: Lab, call: MethodCall): Promise<MethodResult> {
  const { target, method, args } = call;
  if (target.className !== SHADOW_COPY || method !== 'Create') {
    throw new CimFault(
      'actionNotSupported',
      `The lab does not emulate ${target.className}.${method}`,
    );
  }
  const { Volume: volume, Context: context = CONTEXT } = args;
  if (typeof volume !== 'string' || !VOLUME.test(volume)) {
    return { returnValue: RETURN.invalidArgument };
  }
  if (typeof context !== 'string' || context.toLowerCase() !== CONTEXT.toLowerCase()) {
    return { returnValue: RETURN.unsupportedContext };
  }
  try {
    const id = await copyOf(lab, volume);
    return { returnValue: RETURN.success, out: { ShadowID: `{${id.toUpperCase()}}` } };
  } catch (error) {
    if (!(error instanceof VssCallError)) throw error;
    return { returnValue: RETURN_OF.get(error.hresult) ?? RETURN.unknown };
  }
}

async function copyOf(lab: Lab, volume: string): Promise<string> {
  const { stopping } = lab;
  const mode = { persistent: true, noWriters: true, clientAccessible: true };
  const set = await BackupSet.open(lab, mode, stopping);
  try {
    await set.identify(stopping);
    await set.start(stopping);
    const id = await set.addVolume(volume, stopping);
    await set.prepare(stopping);
    await set.create(stopping);
    return id;
  } finally {
    await set.release();
  }
}

/** Deletes the shadow copy of an instance, whichever program made it. Throws {@link CimFault} for other classes. */
export async function deleteShadowCopy(lab: Lab, instance: CimInstance): Promise<void> {
  const { className, properties } = instance;
  const key = properties.get('ID');
  const id = typeof key === 'string' ? tryParseGuid(key) : undefined;
  if (className !== SHADOW_COPY || id === undefined) {
    throw new CimFault('actionNotSupported', `${className} does not support Delete`);
  }
  await removeShadow(lab, id);
}
