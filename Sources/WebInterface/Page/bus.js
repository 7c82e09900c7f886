// How the parts of the page tell each other what happened.
//
// unauthorized                 an answer was 401
// offline, online              the display stopped answering, or answers again
// claimed                      this browser may talk to the display from now on
// status (status)              a fresh answer of /status
// medium (medium)              a medium as the display describes it now
// medium-gone (id)
// player (state)               the player's state, as a command returned it
// job (job)                  how far a job is
// library-changed              something in the library changed; what, is not known
// hidden, shown                the tab went to the background, or came back

const bus = new EventTarget();

export const on = (name, run) => bus.addEventListener(name, (event) => run(event.detail));
export const emit = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }));

/** Resolves after `milliseconds`, or as soon as one of these happens. */
export function waitOr(milliseconds, ...names) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      names.forEach((name) => bus.removeEventListener(name, done));
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    names.forEach((name) => bus.addEventListener(name, done));
  });
}
