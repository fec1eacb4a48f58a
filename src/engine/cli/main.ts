import type { Io } from './contract/command.ts';
import { flushed } from './terminal/flushed.ts';
import { outputError } from './contract/output-error.ts';
import { errorText, EXIT, runCommandLine } from './run-command.ts';
import { limitYoungGeneration } from './young-generation.ts';

/** The process as a command's surroundings. */
const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  outBytes: (bytes) =>
    new Promise((resolve) => {
      // A failure ends the process, below.
      process.stdout.write(bytes, (error) => (error ? undefined : resolve()));
    }),
  outIsTerminal: process.stdout.isTTY,
  errIsTerminal: process.stderr.isTTY,
  columns: process.stderr.columns || process.stdout.columns || 80,
  readStdin: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  },
};

/** Exit status of the command, once it has ended. */
let ended: number | undefined;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (head, less) is not a failure of ours; what the command found still counts.
  if (error.code === 'EPIPE') {
    void flushed(process.stderr).then(() => process.exit(ended ?? EXIT.done));
    return;
  }
  // With --json too: the document has no place to go.
  process.stderr.write(errorText(outputError(error)), () => process.exit(EXIT.failed));
});
// Whoever started a job reads what it says at first, and then no more.
process.stderr.on('error', () => undefined);

const interrupted = new AbortController();
const interrupt = (): void => {
  // The second one ends the process where it stands; what it left is recovered later. So does one that comes while only the
  // reader of the output is waited for.
  if (interrupted.signal.aborted || ended !== undefined) process.exit(EXIT.interrupted);
  interrupted.abort();
};
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);

/** Ends the process with a status, after everything that was printed has been read, however slowly. */
async function end(status: number): Promise<void> {
  ended = status;
  process.exitCode = status;
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Kept-alive sockets must not hold the process.
  setTimeout(() => process.exit(), 200).unref();
}

limitYoungGeneration();
void runCommandLine(process.argv.slice(2), io, interrupted.signal).then(end, (error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  return end(EXIT.failed);
});
