import readline from 'node:readline';
import type { Io } from './contract/command.ts';
import { flushed } from './terminal/flushed.ts';
import { outputError } from './contract/output-error.ts';
import { EXIT } from './contract/exit.ts';
import { errorText, runCommandLine } from './run-command.ts';
import { limitYoungGeneration } from './young-generation.ts';

/** Connects a command to the streams and the environment of this process. */
const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  outBytes: (bytes) =>
    new Promise((resolve) => {
      // The handler of 'error' below ends the process after a failed write.
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
  stdinLines: (signal) => readline.createInterface({ input: process.stdin, signal }),
  program: [process.execPath, ...process.argv.slice(1, 2)],
  outliveTerminal: () => {
    outlives = true;
    // On Windows a closing console ends the process some seconds later: enough time to undo what was begun.
    if (process.platform !== 'win32') process.off('SIGHUP', interrupt).on('SIGHUP', ignore);
  },
};

/** The process runs a job, which goes on when the terminal is gone. */
let outlives = false;
const ignore = (): void => undefined;
/** Codes of writing to a terminal, or to a pipe, that nobody reads any more. */
const GONE = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/** Exit status of the command after it has ended; undefined before. */
let ended: number | undefined;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (outlives && GONE.has(error.code ?? '')) return;
  // A reader that closes the pipe early (head, less) is not a failure. The command's own status
  // still counts.
  if (error.code === 'EPIPE') {
    void flushed(process.stderr).then(() => process.exit(ended ?? EXIT.done));
    return;
  }
  // With --json too, since the document cannot be written.
  process.stderr.write(errorText(outputError(error)), () => process.exit(EXIT.failed));
});
// The parent of a job reads stderr only at the start, and then closes it.
process.stderr.on('error', () => undefined);

const interrupted = new AbortController();
const interrupt = (): void => {
  // A second signal ends the process at once; recovery cleans up later. So does a signal that
  // arrives while only the reader of the output is awaited.
  if (interrupted.signal.aborted || ended !== undefined) process.exit(EXIT.interrupted);
  interrupted.abort();
};
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
// A terminal that is closed leaves no half of a file and no socket.
process.on('SIGHUP', interrupt);
// Ctrl-Break.
if (process.platform === 'win32') process.on('SIGBREAK', interrupt);

/** Ends the process with a status after all output has been read, however slowly. */
async function end(status: number): Promise<void> {
  ended = status;
  process.exitCode = status;
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Idle keep-alive sockets must not hold the process.
  setTimeout(() => process.exit(), 200).unref();
}

limitYoungGeneration();
void runCommandLine(process.argv.slice(2), io, interrupted.signal).then(end, (error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  return end(EXIT.failed);
});
