import { cimInstance, type CimInstance } from '../../cim/model.ts';
import { isTerminal, type LabJob } from '../model/jobs.ts';
import type { Lab } from '../model/lab.ts';
import { caption } from '../texts/captions.ts';
import { NEVER } from './shared/ids.ts';

export function jobs(lab: Lab, className: string): CimInstance[] {
  return Array.from(lab.jobs.all())
    .filter((job) => job.className === className)
    .map((job) => jobRow(lab, job));
}

function jobRow(lab: Lab, job: LabJob): CimInstance {
  const { language } = lab.state;
  const done = isTerminal(job.state);
  const failed = done && job.state !== 7 && job.state !== 32768;
  const end = done ? job.changed.getTime() : Date.now();
  const seconds = Math.max(0, end - job.started.getTime()) / 1000;
  return cimInstance(job.className, {
    Cancellable: !done,
    Caption: caption(language, job.caption),
    DeleteOnCompletion: false,
    Description: caption(language, job.caption),
    ElapsedTime: `P0DT0H0M${seconds.toFixed(3)}S`,
    ElementName: caption(language, job.caption),
    ErrorCode: job.errorCode,
    ErrorDescription: job.errorText,
    ErrorSummaryDescription: job.errorText,
    ...(job.className === 'Msvm_StorageJob' ? { JobCompletionStatusCode: job.errorCode } : {}),
    HealthState: 5,
    InstallDate: NEVER,
    InstanceID: job.id,
    JobRunTimes: 1,
    JobState: job.state,
    JobStatus: caption(language, failed ? 'Error' : done ? 'Completed' : 'Running'),
    JobType: job.type,
    LocalOrUtcTime: 2,
    Name: caption(language, job.caption),
    Notify: '',
    OperationalStatus: done ? (failed ? [6] : [17, 2]) : [2],
    OtherRecoveryAction: '',
    Owner: job.owner,
    PercentComplete: job.percent,
    Priority: 0,
    RecoveryAction: 2,
    StartTime: job.started.toISOString(),
    Status: failed ? 'Error' : 'OK',
    TimeBeforeRemoval: 'P0DT0H5M0S',
    TimeOfLastStateChange: job.changed.toISOString(),
    TimeSubmitted: job.started.toISOString(),
  });
}
