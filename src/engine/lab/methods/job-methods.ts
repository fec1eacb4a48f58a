import { cimInstance, type CimEmbedded } from '../../cim/model.ts';
import { isTerminal, type LabJob } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import type { MethodCall, MethodResult } from '../wmi/repository.ts';
import { numberOf, RETURN } from './contract/arguments.ts';

const TERMINATE = 4;

export async function jobMethods(lab: Lab, call: MethodCall): Promise<MethodResult> {
  const job = lab.jobs.find(call.target.keys['InstanceID'] ?? '');
  if (job === undefined) return { returnValue: RETURN.invalidParameter };
  switch (call.method) {
    case 'RequestStateChange':
      if (numberOf(call.args['RequestedState']) !== TERMINATE)
        return { returnValue: RETURN.notSupported };
      if (isTerminal(job.state)) return { returnValue: RETURN.invalidState };
      job.abort.abort();
      return { returnValue: RETURN.done };
    case 'GetError': {
      const [first] = job.messages;
      const out = first === undefined ? {} : { Error: errorOf(job, first) };
      return { returnValue: RETURN.done, out };
    }
    case 'GetErrorEx':
      return {
        returnValue: RETURN.done,
        out: { Errors: job.messages.map((message) => errorOf(job, message)) },
      };
    default:
      return { returnValue: RETURN.notSupported };
  }
}

function errorOf(job: LabJob, message: string): CimEmbedded {
  return {
    embedded: cimInstance('Msvm_Error', {
      CIMStatusCode: job.errorCode,
      ErrorSource: 'Refpoint lab',
      ErrorType: 4,
      InstanceID: job.id,
      Message: message,
      MessageID: String(job.errorCode),
      PerceivedSeverity: 5,
      ProbableCause: 0,
    }),
  };
}
