import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** Folder of the bundles of views. */
export function viewsFolder(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'dist', 'views');
}

/** The page of a view: its script and style by address, nothing inline, nothing from elsewhere. */
export function viewPage(webview: vscode.Webview, extension: vscode.Uri, name: string): string {
  const nonce = randomBytes(18).toString('base64');
  const address = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(viewsFolder(extension), file)).toString();
  const policy = [
    `default-src 'none'`,
    `style-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Refpoint</title>
<link rel="stylesheet" href="${address(`${name}.css`)}">
</head>
<body><main id="root"></main><script nonce="${nonce}" src="${address(`${name}.js`)}"></script></body>
</html>`;
}
