import { PowerShell } from 'node-powershell';

/**
 * The shell of node-powershell with what it needs to be relied upon:
 *
 * - Marks end in a line feed on every platform: after CR LF their reader can miss one, and the call
 *   never ends.
 * - Text on the error stream is not an error: errors travel in the answer.
 * - Commands and results are not kept, since they may be large.
 * - A shell that cannot start, or ends, does not end this process.
 */
export class HardenedShell extends PowerShell {
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;

  constructor(executable: string, env: NodeJS.ProcessEnv) {
    // The package prefers this variable to the executable that is named.
    delete process.env['NODE_POWERSHELL'];
    super({
      executable,
      executableOptions: {
        '-NoProfile': true,
        '-NonInteractive': true,
        '-ExecutionPolicy': 'Bypass',
      },
      spawnOptions: { windowsHide: true, env },
      throwOnInvocationError: false,
    });
    // Private in the package's types; its own answers to a call wait for it too.
    this.ended = this['exitPromise'].then(
      () => undefined,
      () => undefined,
    );
    // `ended` reports a shell that ends while it is written to.
    this.streams.stdin.on('error', () => undefined);
  }

  /**
   * Runs one line and returns its output without the marks; undefined if the shell ended
   * meanwhile.
   */
  async run(line: string): Promise<string | undefined> {
    try {
      return (await this.invoke(line)).stdout?.toString();
    } catch {
      return undefined;
    } finally {
      this.history.length = 0;
    }
  }

  kill(): void {
    this.dispose('SIGKILL').catch(() => undefined);
  }

  protected override writeToOutput(mark: string): string {
    return `[Console]::Out.Write("${mark}\`n")`;
  }

  protected override writeToError(mark: string): string {
    return `[Console]::Error.Write("${mark}\`n")`;
  }
}
