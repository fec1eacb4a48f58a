import * as vscode from 'vscode';

/** The page on preparing a host, which ships with the extension. */
const HOST_GUIDE = 'docs/prepare-a-host.md';

/** Address of a heading as Markdown previews make it: in lower case, blanks as dashes, without other punctuation. */
const headingSlug = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

/** Opens the page rendered, at the entry of an error code if one is given. */
export async function openHostGuide(extension: vscode.Uri, code: string): Promise<void> {
  const page = vscode.Uri.joinPath(extension, ...HOST_GUIDE.split('/'));
  const uri = code === '' ? page : page.with({ fragment: headingSlug(code) });
  try {
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  } catch {
    // The editor's extension for Markdown can be switched off: the text is readable as it is.
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(page));
  }
}
