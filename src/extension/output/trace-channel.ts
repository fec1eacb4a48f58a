import * as vscode from 'vscode';

const traced = (): boolean =>
  vscode.workspace.getConfiguration('refpoint').get<string>('trace.server', 'off') !== 'off';

/**
 * The channel of the trace as the language client looks at it. It traces where the channel's own level is Trace, whatever the
 * setting says; here the setting alone decides, and what is traced is seen at the level that channels have from the start.
 */
export function traceChannel(channel: vscode.LogOutputChannel): vscode.LogOutputChannel {
  const level = (): vscode.LogLevel => (traced() ? vscode.LogLevel.Trace : vscode.LogLevel.Off);
  const levelChanged: vscode.Event<vscode.LogLevel> = (listener, self, disposables) =>
    vscode.workspace.onDidChangeConfiguration(
      (event) => {
        if (event.affectsConfiguration('refpoint.trace.server')) listener.call(self, level());
      },
      undefined,
      disposables,
    );
  return new Proxy(channel, {
    get: (target, name) => {
      if (name === 'logLevel') return level();
      if (name === 'onDidChangeLogLevel') return levelChanged;
      if (name === 'trace') return (text: string) => target.info(text);
      return Reflect.get(target, name, target);
    },
  });
}
