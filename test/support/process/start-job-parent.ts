/** A process that starts a job as the extension host does, says its id, and stays. The job comes on stdin. */
import { text } from 'node:stream/consumers';
import type { JobInput } from '../../../src/engine/api/jobs.ts';
import { JobStarter } from '../../../src/extension/jobs/job-starter.ts';

const { title, spec, target } = JSON.parse(await text(process.stdin)) as JobInput;
const home = process.env['REFPOINT_HOME'] ?? '';
const starter = new JobStarter(process.cwd(), { REFPOINT_HOME: home }, () => 4);
const id = await starter.start(title, spec, target);
process.stdout.write(`${id}\n`);
setInterval(() => undefined, 1000);
