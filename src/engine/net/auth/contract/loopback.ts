/** Whether a host of a URL is this machine itself: nothing sent there crosses a network. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}

/** Whether messages to an address must be sealed: plain HTTP that crosses a network. */
export const needsSealing = (url: URL): boolean =>
  url.protocol === 'http:' && !isLoopback(url.hostname);
