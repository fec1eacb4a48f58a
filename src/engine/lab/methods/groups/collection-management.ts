import { tryParseGuid } from '../../../base/guid.ts';
import {
  addMember,
  defineGroup,
  destroyGroup,
  removeMember,
  renameGroup,
} from '../../groups/groups.ts';
import type { Lab } from '../../model/lab.ts';
import { groupReference } from '../../rows/groups/group-ids.ts';
import type { MethodCall, MethodResult } from '../../wmi/repository.ts';
import { numberOf, RETURN, textOf, vmArgument } from '../contract/arguments.ts';
import { startJob } from '../contract/start-job.ts';
import { groupArgument } from './group-arguments.ts';

/** Type of DefineCollection: 0 is a collection of VMs; the lab has no collections of collections. */
const OF_VMS = 0;
/** JobTypes 190 to 198 are those of collections; which is which is UNCONFIRMED below 198. */
const JOB = { define: 190, destroy: 191, rename: 192, add: 193, remove: 194 } as const;

export async function collectionManagement(lab: Lab, call: MethodCall): Promise<MethodResult> {
  switch (call.method) {
    case 'DefineCollection':
      return define(lab, call);
    case 'DestroyCollection':
      return change(lab, call, JOB.destroy, (group) => destroyGroup(lab, group));
    case 'RenameCollection':
      return change(lab, call, JOB.rename, (group) =>
        renameGroup(lab, group, textOf(call.args['NewName'])),
      );
    case 'AddMember':
      return changeMember(lab, call, JOB.add, addMember);
    case 'RemoveMember':
      return changeMember(lab, call, JOB.remove, removeMember);
    default:
      return { returnValue: RETURN.notSupported };
  }
}

function define(lab: Lab, call: MethodCall): MethodResult | Promise<MethodResult> {
  const name = textOf(call.args['Name']).trim();
  const text = textOf(call.args['Id']);
  const id = text === '' ? undefined : tryParseGuid(text);
  const isValid = name !== '' && numberOf(call.args['Type']) === OF_VMS;
  if (!isValid || (text !== '' && id === undefined)) {
    return { returnValue: RETURN.invalidParameter };
  }
  const kind = { type: JOB.define, caption: 'Defining Collection', result: 'DefinedCollection' };
  return startJob(lab, call, kind, async () => [
    { reference: groupReference(await defineGroup(lab, name, id)), effect: 5 },
  ]);
}

function change(
  lab: Lab,
  call: MethodCall,
  type: number,
  work: (group: NonNullable<ReturnType<typeof groupArgument>>) => Promise<void>,
): MethodResult | Promise<MethodResult> {
  const group = groupArgument(lab, call.args['Collection']);
  if (group === undefined) return { returnValue: RETURN.invalidParameter };
  return startJob(lab, call, { type, caption: 'Changing Collection' }, async () => {
    await work(group);
    return [{ reference: groupReference(group), effect: 0 }];
  });
}

function changeMember(
  lab: Lab,
  call: MethodCall,
  type: number,
  work: typeof addMember,
): MethodResult | Promise<MethodResult> {
  const vm = vmArgument(lab, call.args['Member']);
  if (vm === undefined) return { returnValue: RETURN.invalidParameter };
  return change(lab, call, type, (group) => work(lab, group, vm));
}
