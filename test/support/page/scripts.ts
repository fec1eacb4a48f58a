/** Scripts that run in the page. */

/** Waits until nothing is asked for and what came was drawn; answers when, on the page's clock. */
export const SETTLED = `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let quiet = 0; quiet < 4; ) {
    await frame();
    const open = document.querySelector('.body') !== null && !document.querySelector('.body').hidden;
    quiet = window.pending === 0 && open ? quiet + 1 : 0;
  }
  return window.lastReply;
})()`;

/** Opens again; answers the milliseconds until the map was drawn from its own tiles. */
export const REOPEN = `(async () => {
  const began = performance.now();
  window.toView({ type: 'reload' });
  await new Promise((done) => setTimeout(done));
  return (await ${SETTLED}) - began + 1000 / 60;
})()`;

/** A second and a half of wheel and pinch, and where that is too few frames up to four; answers the intervals between frames in milliseconds. */
export const FLY = `(async () => {
  const map = document.querySelector('.map');
  const box = map.getBoundingClientRect();
  const wheel = (more) => map.dispatchEvent(new WheelEvent('wheel', {
    bubbles: true, cancelable: true, clientX: box.left + box.width * 0.6,
    clientY: box.top + box.height * 0.4, ...more,
  }));
  const fly = async (least, most) => {
    const intervals = [];
    const began = performance.now();
    let last = began;
    for (let i = 0; last - began < (intervals.length > 20 ? least : most); i++) {
      const t = (last - began) / least;
      // In, along, out again, twice: each a part of the way.
      if (t % 0.5 < 0.2) wheel({ deltaY: -22, ctrlKey: true });
      else if (t % 0.5 < 0.35) wheel({ deltaY: 40, deltaX: 12 });
      else wheel({ deltaY: 30, ctrlKey: true });
      const now = await new Promise((done) => requestAnimationFrame(done));
      if (i > 0) intervals.push(now - last);
      last = now;
    }
    return intervals;
  };
  await fly(300, 1500);
  return fly(1500, 4000);
})()`;

export const key = (name: string, more = ''): string =>
  `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: '${name}', bubbles: true, cancelable: true, ${more} }))`;

/** Elements that reach over the right edge of the page. */
export const CUT_OFF = `[...document.querySelectorAll('#root, #root *')]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .filter((each) => each.closest('[hidden], .hidden') === null)
  .map((each) => each.className || each.tagName)`;
