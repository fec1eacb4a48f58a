import * as vscode from 'vscode';
import { requests } from '../../../engine/api/methods.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Output } from '../../output/output.ts';
import { RECORD_EXCHANGES, recordExchanges } from '../../settings/record-exchanges.ts';

/** Switches the recording of this window's engine as the setting says, also after the engine was restarted. */
export class SessionRecording implements vscode.Disposable {
  readonly #engine: Engine;
  readonly #output: Output;
  readonly #parts: vscode.Disposable;
  #path: string | null = null;

  constructor(engine: Engine, output: Output) {
    this.#engine = engine;
    this.#output = output;
    this.#parts = vscode.Disposable.from(
      engine.onRestarted(() => {
        this.#path = null;
        if (recordExchanges()) void this.#switch(true);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(RECORD_EXCHANGES)) void this.#switch(recordExchanges());
      }),
    );
    // Without the setting the engine is not started for it.
    if (recordExchanges()) void this.#switch(true);
  }

  /** File that is written now, or null. */
  get path(): string | null {
    return this.#path;
  }

  dispose(): void {
    this.#parts.dispose();
  }

  async #switch(on: boolean): Promise<void> {
    try {
      const { path } = await this.#engine.request(requests.recordTrace, { on });
      this.#path = path;
      if (path !== null) this.#output.engine.info(`trace: exchanges are recorded in ${path}`);
    } catch (error) {
      // A recording that cannot be made must not stop what it would have recorded.
      this.#output.engine.warn(`trace: exchanges are not recorded: ${String(error)}`);
    }
  }
}
