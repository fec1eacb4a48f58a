import * as vscode from 'vscode';
import { ANATOMY_EDITOR, ANATOMY_OPTION } from '../../contributions/view-types.ts';
import { AnatomyPanel, type AnatomyServices } from './anatomy-panel.ts';
import { registerQuickFixes } from './fixes/quick-fixes.ts';
import { ImageProblems } from './fixes/image-problems.ts';

/**
 * The editor of disk images: read-only. VS Code opens it for .vhdx and .avhdx; for .vhd, .vhds and .qcow2 on request only, which takes an id
 * of its own.
 */
export function registerAnatomyEditor(services: AnatomyServices): vscode.Disposable {
  const problems = new ImageProblems(services.context.extensionUri);
  const provider: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: ({ uri }, panel) =>
      new AnatomyPanel({ ...services, problems }, panel, uri).serve(),
  };
  const options = { supportsMultipleEditorsPerDocument: true };
  return vscode.Disposable.from(
    problems,
    vscode.window.registerFileDecorationProvider(problems),
    registerQuickFixes(problems),
    ...[ANATOMY_EDITOR, ANATOMY_OPTION].map((id) =>
      vscode.window.registerCustomEditorProvider(id, provider, options),
    ),
  );
}
