import type { LatestLease, LeaseState } from './lease-file.ts';
import { storeError } from '../store/contract/store-errors.ts';

/** Creates the error `lease.held`, with the holder in its message and data. */
export function heldError(latest: LatestLease | undefined): Error {
  const state = latest?.state;
  if (state === undefined) {
    return storeError('lease.held', 'Another process is taking the lease on this VM');
  }
  return storeError('lease.held', `${state.owner} is writing this VM's points ${details(state)}`, {
    data: {
      owner: state.owner,
      machine: state.machine,
      pid: state.pid,
      job: state.job,
      since: state.since,
      heartbeat: state.heartbeat,
      token: state.token,
    },
  });
}

/** Returns the text to show during the wait for a lease: the holder and the maximum duration. */
export function waitText(latest: LatestLease, seconds: number): string {
  const { state } = latest;
  const holder =
    state === undefined
      ? `The lease file of this VM (token ${latest.token}) cannot be read`
      : `${state.owner} holds the lease on this VM ${details(state)}`;
  return `${holder}. Watching for up to ${seconds} s to see if it is renewed`;
}

function details({ since, pid, machine, job }: LeaseState): string {
  return `since ${since}: process ${pid} on ${machine}, job ${job}`;
}
