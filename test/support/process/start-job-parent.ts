/** A process that starts a job as the extension host does, says its id, and stays. The job comes on stdin. */
import { text } from 'node:stream/consumers';
import type { JobInput } from '../../../src/engine/api/jobs.ts';
import { startJob } from '../../../src/extension/jobs/start-job.ts';

const { title, spec, target } = JSON.parse(await text(process.stdin)) as JobInput;
const home = process.env['REFPOINT_HOME'] ?? '';
const id = await startJob(process.cwd(), { REFPOINT_HOME: home }, title, spec, target);
process.stdout.write(`${id}\n`);
setInterval(() => undefined, 1000);
