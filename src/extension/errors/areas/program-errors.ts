import * as vscode from 'vscode';
import { STEPS } from './next-step.ts';
import { means, type ErrorMeaning } from './error-meaning.ts';

const { t } = vscode.l10n;

/** Meanings of the codes about jobs, the lab and Refpoint itself. */
export const PROGRAM_ERRORS = {
  'job.input': means(() => t('The job could not be started.')),
  'job.leftovers': means(
    () =>
      t('The job was cancelled, and something of it is left: the next run or Clean Up removes it.'),
    STEPS.cleanUp,
  ),
  'job.start': means(() => t('The job could not be started.'), STEPS.showEnvironment),
  'job.silent': means(() => t('The job ended before it said anything.')),
  job: means(
    () => t('The job is not there any more, or cannot be changed from here.'),
    STEPS.showJobs,
  ),

  'lab.locked': means(() => t('The lab host is in use by another process.'), STEPS.startLab),
  'lab.notFound': means(() => t('The lab host does not run.'), STEPS.startLab),
  'lab.notRunning': means(() => t('The lab host does not run.'), STEPS.startLab),
  'lab.control': means(() => t('The lab host does not answer.'), STEPS.startLab),
  'lab.port': means(() => t('Another program has the port of the lab host.'), STEPS.startLab),
  'lab.vm.exists': means(() => t('The lab has a VM of this name.'), STEPS.addLabVm),
  lab: means(() => t('The lab host refused.'), STEPS.refresh),

  'view.unknownStore': means(
    () => t('The page is about a store that is not in your list.'),
    STEPS.addStore,
  ),
  'view.caFile': means(
    () => t('The file of the certificate authority cannot be read.'),
    STEPS.editHost,
  ),
  'view.notFile': means(() => t('The file is not on a file system of this computer.')),

  'engine.start': means(() => t('The engine did not start.'), STEPS.refresh, STEPS.showEnvironment),
  'engine.crashing': means(
    () => t('The engine ended several times in a row. It can be started again in a minute.'),
    STEPS.showEnvironment,
  ),
  'engine.stopped': means(() => t('The editor is closing.')),
  engine: means(() => t('The engine ended while it worked on this.'), STEPS.refresh),
  usage: means(() => t('The command was not understood. This is a fault of Refpoint.')),
  'credential.file': means(() => t('The file with the password cannot be used.')),
  interrupted: means(() => t('The engine ended while it worked on this.'), STEPS.refresh),
  output: means(() => t('A file cannot be read or written.')),
  'not-yet': means(() => t('Refpoint cannot do this yet.')),
  demo: means(() => t('The demonstration did not prove what it should.')),
  internal: means(() => t('Something went wrong in Refpoint itself.')),
} satisfies Readonly<Record<string, ErrorMeaning>>;
