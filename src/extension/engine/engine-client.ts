import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
  type LanguageClientOptions,
  type ServerOptions,
} from 'vscode-languageclient/node';
import type { ClientHooks, EngineConnection } from './engine-connection.ts';

/**
 * The language client as the extension uses it: started on first use, restarted by {@link Engine} and not by itself, its output
 * never pops up. Lives in a bundle of its own, which is loaded with the engine.
 */
export function createConnection(hooks: ClientHooks): EngineConnection {
  const server: ServerOptions = {
    module: hooks.module,
    transport: TransportKind.ipc,
    options: { env: { ...process.env, ...hooks.environment } },
  };
  const options: LanguageClientOptions = {
    documentSelector: [],
    outputChannel: hooks.output,
    traceOutputChannel: hooks.trace,
    // Never: a person opens the output when they want it.
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    initializationFailedHandler: () => false,
  };
  const client = new LanguageClient('refpoint', 'Refpoint', server, options);
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Stopped) hooks.closed();
  });
  return {
    start: async () => {
      await client.start();
    },
    // A token that is undefined would be sent, as a second parameter.
    request: (method, params, token) =>
      token === undefined
        ? client.sendRequest(method, params)
        : client.sendRequest(method, params, token),
    onNotification: (method, handler) => client.onNotification(method, handler),
    stop: async () => {
      if (client.state === State.Stopped) return;
      await client.stop(900);
    },
  };
}
