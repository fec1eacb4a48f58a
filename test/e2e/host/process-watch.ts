import { ChildProcess } from 'node:child_process';

interface Started {
  readonly args: readonly string[];
}

/** Notes every process that this extension host starts: each way of starting one comes to this method. */
export class ProcessWatch {
  readonly started: Started[] = [];

  constructor() {
    const prototype = ChildProcess.prototype as unknown as {
      spawn: (this: ChildProcess, options: Started) => unknown;
    };
    const real = prototype.spawn;
    const { started } = this;
    prototype.spawn = function spawn(options): unknown {
      started.push({ args: options.args });
      return real.call(this, options);
    };
  }

  /** How many engines were started so far. */
  get engines(): number {
    return this.started.filter(({ args }) => args.some((arg) => arg.endsWith('engine.cjs'))).length;
  }
}
